"""The payloads of commands and button clicks, as Slack sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.slack.block_faults import Block
from sandbox.slack.message import Message
from sandbox.slack.people import APP_ID, TEAM, Channel, User


@dataclass(frozen=True)
class Handles:
    """What a gesture gives the app to answer with."""

    trigger_id: str
    response_url: str


def slash_command(
    user: User, channel: Channel, command: str, text: str, handles: Handles
) -> dict[str, str]:
    """Return a command's form fields."""
    return {
        "token": "deprecated",
        "team_id": TEAM["id"],
        "team_domain": TEAM["domain"],
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": handles.response_url,
        "trigger_id": handles.trigger_id,
    }


def block_actions(
    user: User, channel: Channel, message: Message, action: dict[str, Any], handles: Handles
) -> dict[str, Any]:
    """Return a click's payload; an ephemeral message is not sent along, only named."""
    shown = {} if message.only_for else {"message": message.as_slack()}
    return {
        "type": "block_actions",
        "token": "deprecated",
        "api_app_id": APP_ID,
        "team": {"id": TEAM["id"], "domain": TEAM["domain"]},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": TEAM["id"]},
        "channel": {"id": channel.id, "name": channel.name},
        "container": _container(message),
        "state": {"values": {}},
        "actions": [action],
        "response_url": handles.response_url,
        "trigger_id": handles.trigger_id,
        **shown,
    }


def button_action(block_id: str, button: Block, action_ts: str) -> dict[str, Any]:
    """Return what a pressed button says of itself."""
    told = ("action_id", "text", "value", "style")
    said = {key: value for key, value in button.items() if key in told}
    return {"type": "button", "block_id": block_id, "action_ts": action_ts, **said}


def _container(message: Message) -> dict[str, Any]:
    thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
    return {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.only_for is not None,
        **thread,
    }
