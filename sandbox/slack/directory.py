"""auth.test, users.info and apps.connections.open: who am I, who is that, where do I connect."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.slack.calls import Call
from sandbox.slack.errors import SlackError
from sandbox.slack.people import APP_ID, BOT, BOT_ID, TEAM
from sandbox.slack.state import Workspace

Answer = dict[str, Any]


def auth_test(workspace: Workspace, call: Call) -> Answer:
    """Return who the token is."""
    del call
    return {
        "ok": True,
        "url": f"https://{TEAM['domain']}.slack.com/",
        "team": TEAM["name"],
        "team_id": TEAM["id"],
        "user": workspace.users[BOT.id].name,
        "user_id": BOT.id,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def user_info(workspace: Workspace, call: Call) -> Answer:
    """Return a person; raises user_not_found."""
    user = workspace.users.get(call.required("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"ok": True, "user": user.as_slack()}


def open_connection(workspace: Workspace, call: Call) -> Answer:
    """Return the address for one Socket Mode connection; its ticket works once."""
    del call
    ticket = secrets.token_urlsafe(24)
    workspace.tickets.add(ticket)
    address = workspace.base_url.replace("http://", "ws://", 1)
    return {"ok": True, "url": f"{address}/link/?ticket={ticket}&app_id={APP_ID}"}
