-- The other half of take.lua: only the owner can.
-- KEYS key   ARGV token
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
