"""What is done and seen on one host: commands as values, the shell they are sent as, what is said."""
