-- What the claim's owner is doing; forgotten by itself when the owner stops renewing.
-- KEYS job working unposted marks   ARGV id token said claim_ms call
local seen = redis.call('HMGET', KEYS[1], 'token', 'claimed')
if seen[1] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[2], 'since', seen[2], 'beat', now(), 'said', ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
mark(KEYS[3], KEYS[4], ARGV[1], ARGV[5])
return 1
