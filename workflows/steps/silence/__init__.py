"""Why a host is silent: what was seen there, and the ordered causes it speaks for. Pure."""
