-- A new version of a job and its events: commit (with a claim's token) and amend (token '').
-- KEYS job due lock events unposted marks posts report
-- ARGV id call token version next record locks report keep_ms event...   report is '' until the end
local id, call, token = ARGV[1], ARGV[2], ARGV[3]
local field = token == '' and 'amended' or 'committed'
local seen = redis.call('HMGET', KEYS[1], 'version', 'token', 'claim_until', field)
local claim_until = tonumber(seen[3] or 0)
if not seen[1] then return {'gone'} end
if seen[4] == call then return {'saved'} end
if token ~= '' and (seen[2] ~= token or claim_until <= now()) then return {'lost'} end
if seen[1] ~= ARGV[4] then return {'conflict', seen[1]} end

local holder = redis.call('GET', KEYS[3])
local locks = ARGV[7] == '1'
if locks and holder and holder ~= id then return {'locked', holder} end

-- First of all writes, because a server without room refuses it, and would not refuse a DEL.
redis.call('HSET', KEYS[1], 'record', ARGV[6], 'version', ARGV[5], field, call)
if locks then
  redis.call('SET', KEYS[3], id)
elseif holder == id then
  redis.call('DEL', KEYS[3])
end
for i = 10, #ARGV do redis.call('XADD', KEYS[4], '*', 'event', ARGV[i]) end
mark(KEYS[5], KEYS[6], id, call)
-- A live claim has the job in hand: its release sees the new version, its end makes the job due.
if token == '' then redis.call('ZADD', KEYS[2], math.max(now(), claim_until), id) end
if ARGV[8] ~= '' then redis.call('SET', KEYS[8], ARGV[8]) end
for _, key in ipairs({KEYS[1], KEYS[7]}) do
  if ARGV[8] ~= '' then redis.call('PEXPIRE', key, ARGV[9]) else redis.call('PERSIST', key) end
end
return {'saved'}
