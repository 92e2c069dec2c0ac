"""The agent's regexes, read here without its library: do they hold, do they match, do they end."""
