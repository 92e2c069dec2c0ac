"""The rights of the bot's token."""

from __future__ import annotations

from sandbox.slack.errors import SlackError
from sandbox.slack.state import Workspace


def require(workspace: Workspace, scope: str) -> None:
    """Raise missing_scope, with what is needed and what the token has, unless it has the scope."""
    if scope not in workspace.scopes:
        raise SlackError("missing_scope", needed=scope, provided=",".join(workspace.scopes))
