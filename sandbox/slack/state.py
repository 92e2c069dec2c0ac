"""The workspace: what has been said, who sees it, and the tokens and secrets of the one app in it."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sandbox.slack.changes import Changes
from sandbox.slack.content import Content
from sandbox.slack.errors import SlackError
from sandbox.slack.limits import Limits, Meter
from sandbox.slack.message import Message
from sandbox.slack.people import BOT, SLACKBOT, Channel, User
from sandbox.slack.response_urls import ResponseUrls
from sandbox.slack.triggers import Triggers
from sandbox.slack.uploads import File, Uploads


class Workspace:
    """All state behind the server; used from the server's loop only."""

    def __init__(
        self,
        users: Sequence[User],
        channels: Sequence[Channel],
        scopes: Sequence[str],
        limits: Limits,
        now: Callable[[], float],
    ) -> None:
        self.users = {user.id: user for user in (*users, BOT)}
        self.channels = {channel.id: channel for channel in channels}
        self.scopes = tuple(scopes)
        self.limits = limits
        self.now = now
        self.base_url = ""
        self.bot_token = f"xoxb-sandbox-{secrets.token_hex(12)}"
        self.app_token = f"xapp-sandbox-{secrets.token_hex(12)}"
        self.signing_secret = secrets.token_hex(16)
        self.changes = Changes()
        self.meter = Meter(now)
        self.triggers = Triggers(now, limits.trigger_seconds)
        self.response_urls = ResponseUrls(now, limits)
        self.uploads = Uploads()
        self.tickets: set[str] = set()
        self.calls: Counter[str] = Counter()
        self._messages: dict[tuple[str, str], Message] = {}
        self._ephemerals: dict[str, Message] = {}
        self._last_ts = 0

    def clear(self) -> None:
        """Forget everything said and counted; people, tokens and connections stay."""
        for part in (self._messages, self._ephemerals, self.calls, self.tickets):
            part.clear()
        for kept in (self.meter, self.triggers, self.response_urls, self.uploads):
            kept.clear()
        self.changes.note()

    def next_ts(self) -> str:
        """Return a message ts that was never given before, in Slack's form seconds.micros."""
        self._last_ts = max(self._last_ts + 1, int(self.now() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def message(self, channel: str, ts: str) -> Message:
        """Return a message everybody sees; raises message_not_found."""
        try:
            return self._messages[channel, ts]
        except KeyError:
            raise SlackError("message_not_found") from None

    def seen_by(self, user: str, channel: str, ts: str) -> Message:
        """Return a message that this person sees, ephemeral ones included."""
        mine = self._ephemerals.get(ts)
        if mine and mine.only_for == user and mine.channel == channel:
            return mine
        return self.message(channel, ts)

    def roots(self, channel: str) -> list[Message]:
        """Return the channel's messages outside threads, oldest first."""
        return [said for said in self._in(channel) if not said.is_reply]

    def replies(self, channel: str, root: str) -> list[Message]:
        """Return the replies below a message, oldest first."""
        return [said for said in self._in(channel) if said.is_reply and said.thread_ts == root]

    def ephemerals(self, user: str | None = None) -> list[Message]:
        """Return what was shown to one person alone (or to each), oldest first."""
        return [shown for shown in self._ephemerals.values() if user in (None, shown.only_for)]

    def post(
        self,
        channel: str,
        user: str,
        content: Content,
        thread_ts: str | None = None,
        files: tuple[File, ...] = (),
    ) -> Message:
        """Say something in a channel; raises cannot_reply_to_message unless thread_ts is a root."""
        if thread_ts:
            self.check_root(channel, thread_ts)
        said = Message(self.next_ts(), channel, user, content, thread_ts or None, files=files)
        return self.keep(said)

    def show(
        self, only_for: str, channel: str, content: Content, thread_ts: str | None = None
    ) -> Message:
        """Show something to one person, from the app."""
        shown = Message(
            self.next_ts(), channel, BOT.id, content, thread_ts or None, only_for=only_for
        )
        return self.keep(shown)

    def report(self, only_for: str, channel: str, text: str, error: str) -> Message:
        """Tell one person, as Slack itself, that the app did not do what was asked."""
        told = Message(
            self.next_ts(), channel, SLACKBOT, Content(text), only_for=only_for, error=error
        )
        return self.keep(told)

    def keep(self, message: Message) -> Message:
        """Store a new message or a new version of one."""
        if message.only_for:
            self._ephemerals[message.ts] = message
        else:
            self._messages[message.channel, message.ts] = message
        self.changes.note()
        return message

    def drop(self, message: Message) -> None:
        """Take a message away."""
        self._ephemerals.pop(message.ts, None)
        self._messages.pop((message.channel, message.ts), None)
        self.changes.note()

    def _in(self, channel: str) -> Iterator[Message]:
        return (said for (where, _), said in self._messages.items() if where == channel)

    def check_root(self, channel: str, thread_ts: str) -> None:
        """Mark the message as a thread's root; raises cannot_reply_to_message."""
        # Slack lets some of these through and shows a broken thread; here that is an error at once.
        root = self._messages.get((channel, thread_ts))
        if root is None or root.is_reply:
            raise SlackError("cannot_reply_to_message")
        if root.thread_ts is None:
            self._messages[channel, thread_ts] = replace(root, thread_ts=thread_ts)
