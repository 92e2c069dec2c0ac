-- How many are at batches of other errands of a job; in grace (ARGV[2] = '1') whoever was.
-- KEYS hands   ARGV errand grace
local ended, count = ARGV[2] == '1' and 0 or now(), 0
for _, hand in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ended, '+inf')) do
  if hand:sub(1, #ARGV[1] + 1) ~= ARGV[1] .. ' ' then count = count + 1 end
end
return count
