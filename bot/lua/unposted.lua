-- Jobs with something to tell and the token of their newest mark, each put off by one lease.
-- KEYS unposted marks   ARGV limit lease_ms
local taken = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now(), 'LIMIT', 0, ARGV[1])) do
  redis.call('ZADD', KEYS[1], now() + ARGV[2], id)
  taken[#taken + 1] = id
  taken[#taken + 1] = redis.call('HGET', KEYS[2], id) or ''
end
return taken
