-- Give a claim back and say when to look again: after ARGV[4] ms, '' = never, at once if the
-- version is no longer the one the worker knew; then the answer is 2, else 1, 0 if it is not ours.
-- KEYS job due working unposted marks   ARGV id token version delay_ms call
local seen = redis.call('HMGET', KEYS[1], 'token', 'version')
if seen[1] ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], 'token', 'claim_until', 'claimed')
local changed = seen[2] ~= ARGV[3]
if changed then
  redis.call('ZADD', KEYS[2], now(), ARGV[1])
elseif ARGV[4] == '' then
  redis.call('ZREM', KEYS[2], ARGV[1])
else
  redis.call('ZADD', KEYS[2], now() + ARGV[4], ARGV[1])
end
-- The drawn message says "still working"; that is no longer so.
if redis.call('DEL', KEYS[3]) == 1 then mark(KEYS[4], KEYS[5], ARGV[1], ARGV[5]) end
return changed and 2 or 1
