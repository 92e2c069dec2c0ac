"""What the service's documentation knows of the JSON of its objects."""
