-- Ids whose time has come, each put off so that it is not hinted twice.
-- KEYS due   ARGV limit hint_ms
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now(), 'LIMIT', 0, ARGV[1])
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[1], now() + ARGV[2], id) end
return ids
