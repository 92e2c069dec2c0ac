-- A new version of a job and its events: commit (with a claim's token) and amend (token '').
-- KEYS job due lock events unposted marks posts
-- ARGV id call token version next record locks ended keep_ms event...
local id, call, token = ARGV[1], ARGV[2], ARGV[3]
local field = token == '' and 'amended' or 'committed'
local seen = redis.call('HMGET', KEYS[1], 'version', 'token', 'claim_until', field)
local claim_until = tonumber(seen[3] or 0)
if not seen[1] then return {'gone'} end
if seen[4] == call then return {'saved'} end
if token ~= '' and (seen[2] ~= token or claim_until <= now()) then return {'lost'} end
if seen[1] ~= ARGV[4] then return {'conflict', seen[1]} end

local holder = redis.call('GET', KEYS[3])
if ARGV[7] == '1' then
  if holder and holder ~= id then return {'locked', holder} end
  redis.call('SET', KEYS[3], id)
elseif holder == id then
  redis.call('DEL', KEYS[3])
end

redis.call('HSET', KEYS[1], 'record', ARGV[6], 'version', ARGV[5], field, call)
for i = 10, #ARGV do redis.call('XADD', KEYS[4], '*', 'event', ARGV[i]) end
mark(KEYS[5], KEYS[6], id, call)
-- A live claim has the job in hand: its release sees the new version, its end makes the job due.
if token == '' then redis.call('ZADD', KEYS[2], math.max(now(), claim_until), id) end
for _, key in ipairs({KEYS[1], KEYS[4], KEYS[7]}) do
  if ARGV[8] == '1' then redis.call('PEXPIRE', key, ARGV[9]) else redis.call('PERSIST', key) end
end
return {'saved'}
