"""What both sides hold, compared: counts and order-free checksums, verdicts, and the lines behind them."""
