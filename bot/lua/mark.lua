-- Have a job drawn again although its record did not change.
-- KEYS unposted marks   ARGV id call
mark(KEYS[1], KEYS[2], ARGV[1], ARGV[2])
return 1
