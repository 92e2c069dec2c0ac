-- A new job with its first event, due now. `made` recognises the same call sent twice.
-- KEYS job due lock events jobs unposted marks   ARGV id call record version locks created event
if redis.call('HGET', KEYS[1], 'made') == ARGV[2] then return {'saved'} end
if redis.call('EXISTS', KEYS[1]) == 1 then return {'taken'} end
if ARGV[5] == '1' then
  local holder = redis.call('GET', KEYS[3])
  if holder then return {'locked', holder} end
  redis.call('SET', KEYS[3], ARGV[1])
end
redis.call('HSET', KEYS[1], 'record', ARGV[3], 'version', ARGV[4], 'made', ARGV[2])
redis.call('XADD', KEYS[4], '*', 'event', ARGV[7])
redis.call('ZADD', KEYS[5], ARGV[6], ARGV[1])
redis.call('ZADD', KEYS[2], now(), ARGV[1])
mark(KEYS[6], KEYS[7], ARGV[1], ARGV[2])
return {'saved'}
