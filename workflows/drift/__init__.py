"""What is no longer as a migration agreed on it, while it waits for people and after it."""
