"""What an app answers to a gesture, in its ack or at a response_url, and what people then see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack.arguments import optional
from sandbox.slack.content import read_content
from sandbox.slack.errors import SlackError
from sandbox.slack.message import Message
from sandbox.slack.people import BOT
from sandbox.slack.response_urls import Gesture
from sandbox.slack.state import Workspace


def apply_answer(workspace: Workspace, gesture: Gesture, answer: Mapping[str, Any]) -> None:
    """Replace, delete or say, as the answer wants; raises SlackError in Slack's words."""
    if _wanted(answer, "delete_original"):
        workspace.drop(_original(workspace, gesture))
    # A command has no message to replace: Slack then shows the answer as a new one.
    elif _wanted(answer, "replace_original") and gesture.ts:
        original, content = _original(workspace, gesture), read_content(answer)
        workspace.keep(original.rewritten(content, workspace.next_ts()))
    else:
        say_answer(workspace, gesture, answer)


def say_answer(workspace: Workspace, gesture: Gesture, answer: Mapping[str, Any]) -> Message:
    """Say the answer: to the person alone, unless it is meant for the channel."""
    content, kind = read_content(answer), answer.get("response_type") or "ephemeral"
    if kind == "in_channel":
        return workspace.post(gesture.channel, BOT.id, content, optional(answer, "thread_ts"))
    if kind != "ephemeral":
        raise SlackError("invalid_response_type")
    # thread_ts counts only with in_channel: an ephemeral answer shows in the channel.
    return workspace.show(gesture.user, gesture.channel, content)


def _wanted(answer: Mapping[str, Any], flag: str) -> bool:
    return answer.get(flag) in (True, "true")


def _original(workspace: Workspace, gesture: Gesture) -> Message:
    if gesture.ts is None:
        raise SlackError("message_not_found")
    return workspace.seen_by(gesture.user, gesture.channel, gesture.ts)
