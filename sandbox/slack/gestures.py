"""What a person does in Slack: type a command, press a button, say something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.slack.answers import say_answer
from sandbox.slack.block_faults import Block
from sandbox.slack.blocks import elements
from sandbox.slack.content import Content, read_content
from sandbox.slack.delivery import Delivery, Reply
from sandbox.slack.errors import SlackError
from sandbox.slack.message import Message
from sandbox.slack.payloads import Handles, block_actions, button_action, slash_command
from sandbox.slack.people import Channel, User
from sandbox.slack.response_urls import Gesture
from sandbox.slack.state import Workspace


@dataclass(frozen=True)
class Press:
    """Which button of which message; `value` tells buttons with the same action_id apart."""

    ts: str
    action_id: str
    value: str | None = None


class Gestures:
    """Hands gestures to the app by whatever way is set now, and shows what comes back."""

    def __init__(
        self, workspace: Workspace, way: Callable[[], Delivery], commands: tuple[str, ...]
    ) -> None:
        self._workspace = workspace
        self._way = way
        self._commands = commands

    async def command(self, user: User, channel: Channel, typed: str) -> dict[str, Any]:
        """Type a slash command and return what the person then sees; raises invalid_command."""
        command, _, text = typed.strip().partition(" ")
        if command not in self._commands:
            raise SlackError("invalid_command", there=list(self._commands))
        gesture = Gesture(user.id, channel.id)
        handles = self._handles(gesture, "commands")
        payload = slash_command(user, channel, command, text, handles)
        reply = await self._way().deliver("slash_commands", payload)
        shown = self._show_ack(gesture, typed, reply)
        return _outcome(reply, handles, shown)

    async def press(self, user: User, channel: Channel, press: Press) -> dict[str, Any]:
        """Press a button that stands in the message now; a confirm dialog is taken as confirmed."""
        message = self._workspace.seen_by(user.id, channel.id, press.ts)
        block_id, button = _button(message, press)
        gesture = Gesture(user.id, channel.id, message.ts)
        handles = self._handles(gesture, "actions")
        action = button_action(block_id, button, self._workspace.next_ts())
        payload = block_actions(user, channel, message, action, handles)
        reply = await self._way().deliver("interactive", payload)
        # Slack shows nothing of an ack to a click, whatever is in it.
        return _outcome(reply, handles, self._show_error(gesture, f"“{_label(button)}”", reply))

    def say(self, user: User, channel: Channel, text: str, thread_ts: str | None = None) -> Message:
        """Say something as a person."""
        return self._workspace.post(channel.id, user.id, Content(text), thread_ts)

    def _handles(self, gesture: Gesture, kind: str) -> Handles:
        key = self._workspace.response_urls.hand_out(gesture)
        url = f"{self._workspace.base_url}/{kind}/{key}"
        return Handles(self._workspace.triggers.give(gesture.user), url)

    def _show_ack(self, gesture: Gesture, typed: str, reply: Reply) -> list[Message]:
        if reply.error or not reply.ack:
            return self._show_error(gesture, typed.partition(" ")[0], reply)
        try:
            said = self._say_ack(gesture, typed, reply)
        except SlackError as error:
            wrong = Reply(reply.ack, error=error.error)
            return self._show_error(gesture, typed.partition(" ")[0], wrong)
        return [said] if said.only_for else []

    def _say_ack(self, gesture: Gesture, typed: str, reply: Reply) -> Message:
        """Show the ack; meant for the channel, it also shows what the person typed."""
        answer = reply.ack or {}
        read_content(answer)  # refused before anything is shown
        if answer.get("response_type") == "in_channel":
            self._workspace.post(gesture.channel, gesture.user, Content(typed))
        return say_answer(self._workspace, gesture, answer)

    def _show_error(self, gesture: Gesture, what: str, reply: Reply) -> list[Message]:
        if not reply.error:
            return []
        text = f'{what} failed with the error "{reply.error}"'
        return [self._workspace.report(gesture.user, gesture.channel, text, reply.error)]


def _button(message: Message, press: Press) -> tuple[str, Block]:
    """Return the button and its block's id; raises no_such_button with those that are there."""
    parts = elements(message.content.blocks)
    there = [(where, part) for where, part in parts if part.get("type") == "button"]
    for where, part in there:
        if part["action_id"] == press.action_id and press.value in (None, part.get("value")):
            return where, part
    raise SlackError("no_such_button", there=[_named(part) for _, part in there])


def _named(button: Block) -> dict[str, Any]:
    return {key: button.get(key) for key in ("action_id", "value")} | {"text": _label(button)}


def _label(button: Block) -> str:
    return str(button["text"]["text"])


def _outcome(reply: Reply, handles: Handles, shown: list[Message]) -> dict[str, Any]:
    error = next((message.error for message in shown if message.error), None)
    return {
        "ok": error is None,
        **({"error": error} if error else {}),
        "ack": reply.ack,
        "ephemerals": [message.content.text for message in shown],
        "trigger_id": handles.trigger_id,
    }
