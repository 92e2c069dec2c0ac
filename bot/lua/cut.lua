-- An errand as batches that any worker may take, each due now; those cut before are void. `call`
-- recognises the same call sent twice.
-- KEYS job due batches open   ARGV errand call version token keep_ms packed...
local seen = redis.call('HMGET', KEYS[1], 'version', 'token')
if seen[1] ~= ARGV[3] or seen[2] ~= ARGV[4] then return 0 end
if redis.call('HGET', KEYS[3], 'call') == ARGV[2] then return 1 end
-- First of all writes, because a server without room refuses it, and would not refuse a DEL.
redis.call('HSET', KEYS[3], 'call', ARGV[2])
for _, number in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do
  redis.call('ZREM', KEYS[2], ARGV[1] .. '/' .. number)
end
redis.call('DEL', KEYS[3], KEYS[4])
redis.call('HSET', KEYS[3], 'call', ARGV[2], 'version', ARGV[3], 'count', #ARGV - 5)
for number = 1, #ARGV - 5 do
  redis.call('HSET', KEYS[3], number, ARGV[number + 5])
  redis.call('ZADD', KEYS[4], 0, number)
  redis.call('ZADD', KEYS[2], now(), ARGV[1] .. '/' .. number)
end
redis.call('PEXPIRE', KEYS[3], ARGV[5])
redis.call('PEXPIRE', KEYS[4], ARGV[5])
return 1
