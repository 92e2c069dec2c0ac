"""Hosts of account B on one machine: an SSH server, a log agent and an application each."""
