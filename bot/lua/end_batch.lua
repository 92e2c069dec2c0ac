-- A batch is done: nobody need look at it again. Only its owner can say so.
-- KEYS due batches open errand hands   ARGV errand number token
redis.call('ZREM', KEYS[5], ARGV[1] .. ' ' .. ARGV[3])
if redis.call('HGET', KEYS[2], ARGV[2] .. ' token') ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[2], ARGV[2] .. ' token')
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('ZREM', KEYS[1], ARGV[1] .. '/' .. ARGV[2])
return 1
