"""conversations.*: what the bot may read of channels, histories and threads."""

from __future__ import annotations

from typing import Any

from sandbox.slack.calls import Call
from sandbox.slack.errors import SlackError
from sandbox.slack.message import Message
from sandbox.slack.people import Channel
from sandbox.slack.scopes import require
from sandbox.slack.state import Workspace

Answer = dict[str, Any]


def channel_of(workspace: Workspace, given: str) -> Channel:
    """Return a channel by id; one the bot cannot see is channel_not_found, as if it did not exist."""
    channel = workspace.channels.get(given)
    if channel is None or (channel.is_private and not channel.bot_is_member):
        raise SlackError("channel_not_found")
    return channel


def bot_channel(workspace: Workspace, given: str, *, posting: bool = False) -> Channel:
    """Return a channel the bot is in, or may post to; chat.postMessage takes names as well as ids."""
    by_name = {channel.name: channel.id for channel in workspace.channels.values()}
    channel = channel_of(
        workspace, by_name.get(given.removeprefix("#"), given) if posting else given
    )
    may_post = posting and "chat:write.public" in workspace.scopes
    if not channel.bot_is_member and not may_post:
        raise SlackError("not_in_channel")
    return channel


def info(workspace: Workspace, call: Call) -> Answer:
    """Return what the channel is."""
    channel = channel_of(workspace, call.required("channel"))
    require(workspace, channel.scope("read"))
    return {"ok": True, "channel": channel.as_slack()}


def history(workspace: Workspace, call: Call) -> Answer:
    """Return the channel's messages outside threads, newest first."""
    channel = _readable(workspace, call)
    return _page(workspace, call, list(reversed(workspace.roots(channel.id))), default=100)


def replies(workspace: Workspace, call: Call) -> Answer:
    """Return a thread, its root first; raises thread_not_found."""
    channel = _readable(workspace, call)
    try:
        root = workspace.message(channel.id, call.required("ts"))
    except SlackError:
        raise SlackError("thread_not_found") from None
    return _page(workspace, call, [root, *workspace.replies(channel.id, root.ts)], default=1000)


def _readable(workspace: Workspace, call: Call) -> Channel:
    channel = channel_of(workspace, call.required("channel"))
    require(workspace, channel.scope("history"))
    return bot_channel(workspace, channel.id)


def _page(workspace: Workspace, call: Call, found: list[Message], default: int) -> Answer:
    found = [said for said in found if _in_range(said.ts, call)]
    start, limit = call.number("cursor", 0), min(call.number("limit", default), 999)
    page, more = found[start : start + limit], len(found) > start + limit
    metadata = call.flag("include_all_metadata")
    shown = [_shown(workspace, said, metadata=metadata) for said in page]
    cursor = {"response_metadata": {"next_cursor": str(start + limit)}} if more else {}
    return {"ok": True, "messages": shown, "has_more": more, **cursor}


def _in_range(ts: str, call: Call) -> bool:
    oldest, latest = _moment(call, "oldest", 0.0), _moment(call, "latest", float("inf"))
    if call.flag("inclusive"):
        return oldest <= float(ts) <= latest
    return oldest < float(ts) < latest


def _moment(call: Call, name: str, default: float) -> float:
    try:
        return float(call.arguments.get(name) or default)
    except (TypeError, ValueError):
        raise SlackError(f"invalid_ts_{name}") from None


def _shown(workspace: Workspace, said: Message, *, metadata: bool) -> Answer:
    below = workspace.replies(said.channel, said.ts)
    counted = {"reply_count": len(below), "latest_reply": below[-1].ts} if below else {}
    return said.as_slack(with_metadata=metadata) | counted
