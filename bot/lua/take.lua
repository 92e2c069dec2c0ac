-- A key that only one can have: 1 for its owner, also when asked again.
-- KEYS key   ARGV token ms
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
