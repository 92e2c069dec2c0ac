"""A message as a value: what is shown, to whom, and what Slack's API says of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sandbox.slack.content import Content
from sandbox.slack.people import APP_ID, BOT, BOT_ID, TEAM
from sandbox.slack.uploads import File


@dataclass(frozen=True)
class Message:
    """One message; `only_for` names the one person who sees an ephemeral one."""

    ts: str
    channel: str
    user: str
    content: Content
    thread_ts: str | None = None
    only_for: str | None = None
    edited: str | None = None
    reactions: tuple[str, ...] = ()
    error: str | None = None
    files: tuple[File, ...] = ()

    @property
    def is_reply(self) -> bool:
        """Whether the message stands in a thread below another one."""
        return self.thread_ts not in (None, self.ts)

    def rewritten(self, content: Content, edited: str) -> Message:
        """Return the message with new content, edited at that ts."""
        return replace(self, content=content, edited=edited)

    def as_slack(self, *, with_metadata: bool = True) -> dict[str, Any]:
        """Return the message as Slack's API and payloads show it."""
        shown: dict[str, Any] = {
            "type": "message",
            "ts": self.ts,
            "user": self.user,
            "text": self.content.text,
            "team": TEAM["id"],
        }
        if self.user == BOT.id:
            shown |= {"bot_id": BOT_ID, "app_id": APP_ID}
        if self.content.blocks:
            shown["blocks"] = list(self.content.blocks)
        if self.files:
            shown["files"] = [file.as_slack() for file in self.files]
        if self.thread_ts:
            shown["thread_ts"] = self.thread_ts
        if self.edited:
            shown["edited"] = {"user": self.user, "ts": self.edited}
        if self.reactions:
            shown["reactions"] = [{"name": name, "users": [BOT.id]} for name in self.reactions]
        if with_metadata and self.content.metadata:
            shown["metadata"] = self.content.metadata
        return shown
