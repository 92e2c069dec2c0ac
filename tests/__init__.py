"""What logmigrate claims, and whether it is so."""
