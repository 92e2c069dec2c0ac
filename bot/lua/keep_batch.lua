-- The same for one batch, by the worker that has it, whose claim it prolongs; ARGV[5] = hosts heard
-- in it so far. Answers how many were heard in all batches, -1 where the batch is no longer its own.
-- KEYS job due batches open errand hands
-- ARGV errand number token claim_ms heard keep_ms host result ...
local seen = redis.call('HMGET', KEYS[3], ARGV[2] .. ' token', 'version')
if seen[1] ~= ARGV[3] or seen[2] ~= redis.call('HGET', KEYS[1], 'version') then return -1 end
if #ARGV > 6 then
  redis.call('HSET', KEYS[5], unpack(ARGV, 7))
  redis.call('PEXPIRE', KEYS[5], ARGV[6])
end
-- A server without room refuses what would be its first write; it may free, and then write again.
redis.call('HDEL', KEYS[3], ARGV[2] .. ' heard')
redis.call('HSET', KEYS[3], ARGV[2] .. ' heard', ARGV[5])
redis.call('ZADD', KEYS[4], now() + ARGV[4], ARGV[2])
redis.call('ZADD', KEYS[2], now() + ARGV[4], ARGV[1] .. '/' .. ARGV[2])
redis.call('PEXPIRE', KEYS[3], ARGV[6])
redis.call('PEXPIRE', KEYS[4], ARGV[6])
redis.call('ZADD', KEYS[6], now() + ARGV[4], ARGV[1] .. ' ' .. ARGV[3])
redis.call('PEXPIRE', KEYS[6], ARGV[6])
return heard_of(KEYS[3])
