"""The steps of the migration: each module looks, changes, proves and takes back one thing."""
