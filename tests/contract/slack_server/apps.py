"""Apps made with slack_bolt, for the Slack double to talk to."""

from __future__ import annotations

from typing import Any
from wsgiref.simple_server import WSGIRequestHandler

from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk import WebClient

from sandbox.slack import SlackServer
from tests.contract.slack_server.kit import (
    Json,
    client,
)


def bolt(slack: SlackServer) -> App:
    """Return an app that knows a command, a button, and a few ways to misbehave."""
    app = App(client=client(slack), signing_secret=slack.signing_secret)

    @app.command("/logmigrate")
    def command(ack: Any, command: Json, respond: Any) -> None:
        verb = command.get("text", "")
        if verb == "silence":
            return
        if verb == "aloud":
            ack(response_type="in_channel", text="for all")
        elif verb == "broken":
            ack(blocks=[{"type": "nonsense"}], text="x")
        else:
            ack(f"queued {verb}")
        if verb == "more":
            respond("and more")

    @app.action("approve")
    def approve(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.chat_update(
            channel=body["channel"]["id"],
            ts=body["container"]["message_ts"],
            text=f"approved by <@{body['user']['id']}> for {body['actions'][0]['value']}",
            blocks=[],
        )

    @app.action("decline")
    def decline(ack: Any, respond: Any) -> None:
        ack()
        respond("not you")

    return app


def listen(handler: SocketModeHandler) -> None:
    if handler.client.current_session is not None:
        handler.client.current_session.run_forever(ping_interval=3, ping_timeout=1)


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        del args
