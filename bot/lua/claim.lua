-- Take a job for one claim length; in grace (ARGV[4] = '1') only one that was given back.
-- KEYS job due   ARGV id token claim_ms grace
local seen = redis.call('HMGET', KEYS[1], 'record', 'token', 'claim_until')
if not seen[1] then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return false
end
if seen[2] == ARGV[2] then return seen[1] end
if seen[3] and (ARGV[4] == '1' or tonumber(seen[3]) > now()) then return false end
local claim_until = now() + ARGV[3]
redis.call('HSET', KEYS[1], 'token', ARGV[2], 'claim_until', claim_until, 'claimed', now())
redis.call('ZADD', KEYS[2], claim_until, ARGV[1])
return seen[1]
