"""What the tests of the Slack double share: clients, a card, blocks, and a clock."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import websocket
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import SlackServer
from sandbox.slack.control import Control

Json = dict[str, Any]

CARD: list[Json] = [
    {"type": "header", "text": {"type": "plain_text", "text": "Stop the source?"}},
    {
        "type": "actions",
        "block_id": "ask",
        "elements": [
            {
                "type": "button",
                "action_id": "approve",
                "value": "7Q2",
                "text": {"type": "plain_text", "text": "Approve"},
                "confirm": {
                    "title": {"type": "plain_text", "text": "Sure?"},
                    "text": {"type": "plain_text", "text": "It stops."},
                    "confirm": {"type": "plain_text", "text": "Yes"},
                    "deny": {"type": "plain_text", "text": "No"},
                },
            },
            {
                "type": "button",
                "action_id": "decline",
                "text": {"type": "plain_text", "text": "Decline"},
            },
        ],
    },
]


class HandClock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


def client(slack: SlackServer, token: str | None = None) -> WebClient:
    return WebClient(token or slack.bot_token, base_url=slack.api_base_url, retry_handlers=[])


def refusal(call: Any, *args: Any, **kwargs: Any) -> Json:
    with pytest.raises(SlackApiError) as caught:
        call(*args, **kwargs)
    return dict(caught.value.response.data)


def open_line(slack: SlackServer) -> websocket.WebSocket:
    url = client(slack).apps_connections_open(app_token=slack.app_token)["url"]
    return websocket.create_connection(url, timeout=5)


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(text: str, action_id: str = "a", **more: Any) -> Json:
    return {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": text},
        **more,
    }


def typed(slack: SlackServer, doing: str = "command", **given: Any) -> Json:
    """Type or press as alice and return the payload that the app received; it acks nothing else."""
    line, control = open_line(slack), Control(slack.control_url)
    line.recv()
    with ThreadPoolExecutor(1) as person:
        outcome = person.submit(getattr(control, doing), "alice", **given)
        envelope = json.loads(line.recv())
        line.send(json.dumps({"envelope_id": envelope["envelope_id"]}))
        outcome.result()
    line.close()
    return dict(envelope["payload"])
