"""The world on one machine, for the demo and the end-to-end tests; never part of the product."""
