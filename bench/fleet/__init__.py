"""How fast a fleet of hosts is prepared, against other tools on the same hosts; see __main__."""
