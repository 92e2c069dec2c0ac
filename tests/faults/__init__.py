"""Mistakes seeded into one of two equal logstores, and whether the product's proof finds them."""
