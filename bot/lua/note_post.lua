-- Remember where messages stand; the note lives as long as its job.
-- KEYS posts job   ARGV field value ...
local left = redis.call('PTTL', KEYS[2])
if left == -2 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV))
if left >= 0 then redis.call('PEXPIRE', KEYS[1], left) end
return 1
