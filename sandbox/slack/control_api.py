"""The control interface: JSON over HTTP for who plays the people in this Slack, and reads along."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.slack.arguments import json_object, number, optional, required
from sandbox.slack.errors import SlackError
from sandbox.slack.events import checked_url
from sandbox.slack.gestures import Gestures, Press
from sandbox.slack.message import Message
from sandbox.slack.people import Channel, User
from sandbox.slack.socket import Sockets
from sandbox.slack.state import Workspace

Json = dict[str, Any]

LONGEST_WAIT = 60.0


class Control:
    """The routes under /control/; a refusal is HTTP 400 with {ok: false, error, …}."""

    def __init__(self, workspace: Workspace, gestures: Gestures, sockets: Sockets) -> None:
        self._workspace = workspace
        self._gestures = gestures
        self._sockets = sockets
        self.request_url: str | None = None

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        posts = (self.command, self.press, self.say, self.disconnect, self.deliver_to, self.reset)
        gets = (self.messages, self.ephemerals, self.file, self.wait, self.state)
        return [
            *(web.post(f"/control/{do.__name__}", _answering(do)) for do in posts),
            *(web.get(f"/control/{do.__name__}", _answering(do)) for do in gets),
        ]

    async def command(self, given: Json) -> Json:
        """Type {user, channel?, text}; answers once the app has acked or Slack has given up."""
        return await self._gestures.command(
            self._user(given), self._channel(given), required(given, "text")
        )

    async def press(self, given: Json) -> Json:
        """Press {user, channel?, ts, action_id, value?}."""
        press = Press(required(given, "ts"), required(given, "action_id"), optional(given, "value"))
        return await self._gestures.press(self._user(given), self._channel(given), press)

    async def say(self, given: Json) -> Json:
        """Say {user, channel?, text, thread_ts?} as a person."""
        user, channel = self._user(given), self._channel(given)
        said = self._gestures.say(
            user, channel, required(given, "text"), optional(given, "thread_ts")
        )
        return {"ok": True, "ts": said.ts}

    async def disconnect(self, given: Json) -> Json:
        """End the connections with {reason?}, or with {cut: true} without a word."""
        if given.get("cut"):
            return {"ok": True, "connections": self._sockets.cut()}
        reason = optional(given, "reason") or "refresh_requested"
        return {"ok": True, "connections": await self._sockets.refresh(reason)}

    async def deliver_to(self, given: Json) -> Json:
        """Set the Request URL {request_url}; null switches back to Socket Mode."""
        self.request_url = checked_url(optional(given, "request_url"))
        return {"ok": True, "request_url": self.request_url}

    async def reset(self, given: Json) -> Json:
        """Forget everything said and counted."""
        del given
        self._workspace.clear()
        self._sockets.strays.clear()
        return {"ok": True, "version": self._workspace.changes.version}

    async def messages(self, given: Json) -> Json:
        """List the {channel?}'s messages, each with its thread."""
        channel = self._channel(given)
        shown = [self._with_replies(root) for root in self._workspace.roots(channel.id)]
        return {"ok": True, "version": self._workspace.changes.version, "messages": shown}

    async def ephemerals(self, given: Json) -> Json:
        """List what was shown to {user?} alone."""
        user = self._user(given).id if given.get("user") else None
        shown = [self._shown(message) for message in self._workspace.ephemerals(user)]
        return {"ok": True, "version": self._workspace.changes.version, "ephemerals": shown}

    async def file(self, given: Json) -> Json:
        """Open a shared file {id}: its text, in UTF-8."""
        content = self._workspace.uploads.content(required(given, "id"))
        return {"ok": True, "text": content.decode("utf-8")}

    async def wait(self, given: Json) -> Json:
        """Wait until the version is above {after_version}, at most {timeout} seconds (60 at most)."""
        after, timeout = number(given, "after_version", 0), number(given, "timeout", 10)
        changed = await self._workspace.changes.after(int(after), min(timeout, LONGEST_WAIT))
        return {"ok": True, "version": self._workspace.changes.version, "changed": changed}

    async def state(self, given: Json) -> Json:
        """Return who is here, who is connected, and how often each method was called."""
        del given
        return {
            "ok": True,
            "version": self._workspace.changes.version,
            "connections": len(self._sockets),
            "request_url": self.request_url,
            "users": {user.name: user.id for user in self._workspace.users.values()},
            "channels": {channel.name: channel.id for channel in self._workspace.channels.values()},
            "calls": dict(self._workspace.calls),
            "stray_frames": list(self._sockets.strays),
        }

    def _with_replies(self, root: Message) -> Json:
        below = self._workspace.replies(root.channel, root.ts)
        return self._shown(root) | {"replies": [self._shown(reply) for reply in below]}

    def _shown(self, message: Message) -> Json:
        author = self._workspace.users.get(message.user)
        return {
            "channel": message.channel,
            "author": author.name if author else "slackbot",
            "only_for": message.only_for,
            "error": message.error,
            "mrkdwn": message.content.mrkdwn,
            "blocks": [],
            "thread_ts": None,
            "edited": None,
            "metadata": None,
            "files": [],
            **message.as_slack(),
        }

    def _user(self, given: Json) -> User:
        wanted = required(given, "user")
        for user in self._workspace.users.values():
            if wanted in (user.id, user.name):
                return user
        raise SlackError(
            "no_such_user", there=[user.name for user in self._workspace.users.values()]
        )

    def _channel(self, given: Json) -> Channel:
        channels = list(self._workspace.channels.values())
        wanted = (optional(given, "channel") or channels[0].id).removeprefix("#")
        for channel in channels:
            if wanted in (channel.id, channel.name):
                return channel
        raise SlackError("no_such_channel", there=[channel.name for channel in channels])


def _answering(
    do: Callable[[Json], Awaitable[Json]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await do(await _given(request)))
        except SlackError as error:
            return web.json_response(error.body(), status=400)

    return answer


async def _given(request: web.Request) -> Json:
    if request.method == "GET":
        return dict(request.query)
    return await json_object(request) if request.can_read_body else {}
