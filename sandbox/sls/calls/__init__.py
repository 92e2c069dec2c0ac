"""What the endpoints do, one file per kind of resource; each function answers one route."""
