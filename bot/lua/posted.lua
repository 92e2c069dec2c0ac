-- Strike a job off (ARGV[3] = '') or put it off by ARGV[3] ms, unless it was marked anew.
-- KEYS unposted marks   ARGV id token delay_ms
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
else
  redis.call('ZADD', KEYS[1], now() + ARGV[3], ARGV[1])
end
return 1
