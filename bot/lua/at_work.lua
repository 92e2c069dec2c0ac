-- How many are at batches of a job, in any of its errands; in grace (ARGV[1] = '1') whoever was.
-- KEYS hands
local ended = ARGV[1] == '1' and 0 or now()
return redis.call('ZCOUNT', KEYS[1], '(' .. ended, '+inf')
