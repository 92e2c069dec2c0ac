"""The atomic operations that a safe migration is made of, each with what does it here."""
