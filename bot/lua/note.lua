-- Write down what was seen while nobody moves the job: a new version and its events, and nothing
-- else. It is not due by that, its lock and how long it is kept stay as they are.
-- KEYS job events unposted marks report
-- ARGV id call version next record report event...   report is '' before the end
local id, call = ARGV[1], ARGV[2]
local seen = redis.call('HMGET', KEYS[1], 'version', 'claim_until', 'noted')
if not seen[1] then return {'gone'} end
if seen[3] == call then return {'saved'} end
if seen[1] ~= ARGV[3] or tonumber(seen[2] or 0) > now() then return {'conflict', seen[1]} end
redis.call('HSET', KEYS[1], 'record', ARGV[5], 'version', ARGV[4], 'noted', call)
if ARGV[6] ~= '' then redis.call('SET', KEYS[5], ARGV[6]) end
for i = 7, #ARGV do redis.call('XADD', KEYS[2], '*', 'event', ARGV[i]) end
mark(KEYS[3], KEYS[4], id, call)
return {'saved'}
