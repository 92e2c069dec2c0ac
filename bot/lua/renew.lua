-- Prolong a claim, also one that ran out and that nobody took (the owner comes first).
-- KEYS job due   ARGV id token claim_ms
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[2] then return 0 end
local claim_until = now() + ARGV[3]
-- A server without room refuses what would be its first write; it may free, and then write again.
redis.call('HDEL', KEYS[1], 'claim_until')
redis.call('HSET', KEYS[1], 'claim_until', claim_until)
redis.call('ZADD', KEYS[2], claim_until, ARGV[1])
return 1
