-- Prolong a claim, also one that ran out and that nobody took (the owner comes first).
-- KEYS job due   ARGV id token claim_ms
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[2] then return 0 end
local claim_until = now() + ARGV[3]
redis.call('HSET', KEYS[1], 'claim_until', claim_until)
redis.call('ZADD', KEYS[2], claim_until, ARGV[1])
return 1
