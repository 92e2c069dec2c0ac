-- Put before each script of this folder. Times are milliseconds of the server's own clock, so the
-- clocks of the workers do not matter.
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Something is to be told in the chat. `token` names this very mark: whoever draws an older one
-- cannot strike it off.
local function mark(unposted, marks, id, token)
  redis.call('ZADD', unposted, now(), id)
  redis.call('HSET', marks, id, token)
end

-- How many hosts were heard in an errand's batches so far.
local function heard_of(batches)
  local heard = 0
  for number = 1, redis.call('HGET', batches, 'count') do
    heard = heard + (redis.call('HGET', batches, number .. ' heard') or 0)
  end
  return heard
end
