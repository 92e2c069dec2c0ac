"""Lines of before the move, copied from the source into the target, and compared."""
