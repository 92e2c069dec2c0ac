"""chat.* and reactions.add: what the bot says and changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sandbox.slack.calls import Call
from sandbox.slack.content import LONGEST_TEXT, Content, read_content
from sandbox.slack.conversations import bot_channel, channel_of
from sandbox.slack.errors import SlackError
from sandbox.slack.message import Message
from sandbox.slack.people import BOT, TEAM
from sandbox.slack.state import Workspace

Answer = dict[str, Any]


def post_message(workspace: Workspace, call: Call) -> Answer:
    """Say something in a channel or a thread; text beyond 40,000 characters is cut, with a warning."""
    channel = bot_channel(workspace, call.required("channel"), posting=True)
    content = read_content(call.arguments)
    warning = "message_truncated" if len(content.text) > LONGEST_TEXT else None
    content = replace(content, text=content.text[:LONGEST_TEXT])
    said = workspace.post(channel.id, BOT.id, content, call.optional("thread_ts"))
    answer = {"ok": True, "channel": channel.id, "ts": said.ts, "message": said.as_slack()}
    return answer | ({"warning": warning} if warning else {})


def update(workspace: Workspace, call: Call) -> Answer:
    """Rewrite one of the bot's own messages."""
    channel = channel_of(workspace, call.required("channel"))
    said = workspace.message(channel.id, call.required("ts"))
    if said.user != BOT.id:
        raise SlackError("cant_update_message")
    content = _merged(workspace, said, call)
    if len(content.text) > LONGEST_TEXT:
        raise SlackError("msg_too_long")
    said = workspace.keep(said.rewritten(content, workspace.next_ts()))
    shown = said.as_slack()
    return {
        "ok": True,
        "channel": channel.id,
        "ts": said.ts,
        "text": shown["text"],
        "message": shown,
    }


def _merged(workspace: Workspace, said: Message, call: Call) -> Content:
    """Return the new content; what the call leaves out stays: metadata always, blocks by setting."""
    given = dict(call.arguments)
    keeps = workspace.limits.update_keeps_blocks and given.get("blocks") is None
    if given.get("text") is None and given.get("blocks"):
        given["text"] = said.content.text
    content = read_content(given)
    if keeps:
        content = replace(content, blocks=said.content.blocks)
    if given.get("metadata") is None:
        content = replace(content, metadata=said.content.metadata)
    return content


def post_ephemeral(workspace: Workspace, call: Call) -> Answer:
    """Show something to one person in a channel."""
    channel = bot_channel(workspace, call.required("channel"))
    user = call.required("user")
    if user not in workspace.users:
        raise SlackError("user_not_in_channel")
    content = read_content(call.arguments)
    shown = workspace.show(user, channel.id, content, call.optional("thread_ts"))
    return {"ok": True, "message_ts": shown.ts}


def get_permalink(workspace: Workspace, call: Call) -> Answer:
    """Return the address of a message, with its thread for a reply."""
    channel = channel_of(workspace, call.required("channel"))
    said = workspace.message(channel.id, call.required("message_ts"))
    link = f"https://{TEAM['domain']}.slack.com/archives/{channel.id}/p{said.ts.replace('.', '')}"
    if said.is_reply:
        link += f"?thread_ts={said.thread_ts}&cid={channel.id}"
    return {"ok": True, "channel": channel.id, "permalink": link}


def add_reaction(workspace: Workspace, call: Call) -> Answer:
    """Put one of the bot's reactions on a message."""
    channel = bot_channel(workspace, call.required("channel"))
    said = workspace.message(channel.id, call.required("timestamp"))
    name = call.required("name")
    if name in said.reactions:
        raise SlackError("already_reacted")
    workspace.keep(replace(said, reactions=(*said.reactions, name)))
    return {"ok": True}
