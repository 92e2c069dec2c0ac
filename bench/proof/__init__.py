"""How fast lines are summed up off the wire, beside what the official client and its tool take."""
