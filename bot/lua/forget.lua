-- An errand is over: its results and batches go, if the claim is still the one it was done under.
-- KEYS job due batches open errand   ARGV errand token
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[2] then return 0 end
for _, number in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do
  redis.call('ZREM', KEYS[2], ARGV[1] .. '/' .. number)
end
redis.call('DEL', KEYS[3], KEYS[4], KEYS[5])
return 1
