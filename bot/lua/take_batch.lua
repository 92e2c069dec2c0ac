-- Claim a batch of an errand; in grace (ARGV[5] = '1') only one that nobody had. With token '' only
-- look. Answers taken, busy (others have the rest), over (nothing is left), or gone: the job moved
-- on. Who gives the `call` that cut them gets gone too where another did since, or has the job.
-- A `met` one that is not open leaves `due`.
-- KEYS job due batches open errand hands   ARGV errand met token claim_ms grace keep_ms call owner
local errand, met, token = ARGV[1], ARGV[2], ARGV[3]
local seen = redis.call('HMGET', KEYS[3], 'version', 'call')
local numbers = redis.call('ZRANGE', KEYS[4], 0, -1)
if not seen[1] or seen[1] ~= redis.call('HGET', KEYS[1], 'version') then
  for _, number in ipairs(numbers) do redis.call('ZREM', KEYS[2], errand .. '/' .. number) end
  redis.call('DEL', KEYS[3], KEYS[4])
  redis.call('ZREM', KEYS[2], errand .. '/' .. met)
  return {'gone'}
end
if ARGV[7] ~= '' then
  local others = seen[2] ~= ARGV[7] or redis.call('HGET', KEYS[1], 'token') ~= ARGV[8]
  if others then return {'gone'} end
end

local heard = heard_of(KEYS[3])
for _, number in ipairs(token == '' and {} or numbers) do
  if redis.call('HGET', KEYS[3], number .. ' token') == token then
    return {'taken', heard, number, redis.call('HGET', KEYS[3], number)}
  end
end
if met ~= '' and not redis.call('ZSCORE', KEYS[4], met) then
  redis.call('ZREM', KEYS[2], errand .. '/' .. met)
end
local ended = ARGV[5] == '1' and 0 or now()
local free = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', ended, 'LIMIT', 0, 1)[1]
if not free or token == '' then return {#numbers == 0 and 'over' or 'busy', heard} end

local claim_until = now() + ARGV[4]
redis.call('ZADD', KEYS[4], claim_until, free)
redis.call('HSET', KEYS[3], free .. ' token', token)
redis.call('ZADD', KEYS[2], claim_until, errand .. '/' .. free)
redis.call('PEXPIRE', KEYS[3], ARGV[6])
redis.call('PEXPIRE', KEYS[4], ARGV[6])
redis.call('ZADD', KEYS[6], claim_until, errand .. ' ' .. token)
redis.call('PEXPIRE', KEYS[6], ARGV[6])
return {'taken', heard, free, redis.call('HGET', KEYS[3], free)}
