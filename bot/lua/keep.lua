-- What hosts answered to an errand, while its job stands as it did when the errand was begun.
-- KEYS job errand   ARGV version token keep_ms host result ...
local seen = redis.call('HMGET', KEYS[1], 'version', 'token')
if seen[1] ~= ARGV[1] or seen[2] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[2], unpack(ARGV, 4))
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
