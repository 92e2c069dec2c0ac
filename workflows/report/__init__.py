"""What became of a job, as JSON that can be checked offline. Pure."""
