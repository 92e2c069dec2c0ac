"""What an app gives to be shown (text, blocks, metadata), read as strictly as Slack reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.slack.block_faults import Block
from sandbox.slack.blocks import checked
from sandbox.slack.errors import SlackError, explained

LONGEST_TEXT = 40_000

# These would change what people see and are not modelled; ignoring them would show a wrong message.
NOT_MODELLED = ("attachments", "markdown_text", "reply_broadcast", "username", "icon_emoji")


@dataclass(frozen=True)
class Content:
    """The visible part of a message, and its machine-readable metadata."""

    text: str = ""
    blocks: tuple[Block, ...] = ()
    metadata: dict[str, Any] | None = None
    mrkdwn: bool = True


def read_content(given: Mapping[str, Any]) -> Content:
    """Return the content among the arguments; raises SlackError in Slack's words."""
    refused = [name for name in NOT_MODELLED if given.get(name)]
    if refused:
        reasons = [f"{name} is not part of this double" for name in refused]
        raise explained("invalid_arguments", reasons)
    text, blocks = given.get("text") or "", checked(given.get("blocks") or [])
    if not isinstance(text, str):
        raise explained("invalid_arguments", ["text must be a string"])
    if not text.strip() and not blocks:
        raise SlackError("no_text")
    mrkdwn = given.get("mrkdwn") not in (False, "false", "0", 0)
    return Content(text, blocks, read_metadata(given.get("metadata")), mrkdwn)


def read_metadata(given: object) -> dict[str, Any] | None:
    """Return the metadata, None if there is none; raises invalid_metadata_format."""
    if not given:
        return None
    match given:
        case {"event_type": str(kind), "event_payload": dict(payload)}:
            return {"event_type": kind, "event_payload": payload}
    raise SlackError("invalid_metadata_format")
