"""The real world: Redis, SLS, SSH and Slack behind the workflow's ports, and where all is wired."""
