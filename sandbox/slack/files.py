"""files.*: the bot brings a file, and shares it in a channel or a thread."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.slack.calls import FORMS, Call
from sandbox.slack.content import Content, read_content
from sandbox.slack.conversations import bot_channel
from sandbox.slack.errors import SlackError, explained
from sandbox.slack.people import BOT
from sandbox.slack.state import Workspace
from sandbox.slack.uploads import File

Answer = dict[str, Any]

MOST_ALT = 1000  # characters of a picture's description
MOST_SNIPPET = 1 << 20  # bytes
SNIPPETS = frozenset({"text", "json", "markdown", "python", "shell", "yaml", "csv", "diff"})


def get_upload_url(workspace: Workspace, call: Call) -> Answer:
    """Give out an address for the bytes of one file."""
    name, length = call.required("filename"), call.number("length", 0)
    if not length:
        raise SlackError("missing_argument")
    if not workspace.limits.file_uploads:
        raise SlackError("file_uploads_disabled")
    if length > workspace.limits.file_bytes:
        raise SlackError("file_upload_size_restricted")
    alt = call.optional("alt_txt") or ""
    if len(alt) > MOST_ALT:
        raise SlackError("alt_txt_too_large")
    _check_snippet(call.optional("snippet_type"), length)
    key, file = workspace.uploads.expect(name, length, alt)
    return {"ok": True, "upload_url": f"{workspace.base_url}/upload/v1/{key}", "file_id": file.id}


def _check_snippet(kind: str | None, length: int) -> None:
    if kind and kind not in SNIPPETS:
        raise SlackError("unknown_snippet_type")
    if kind and length > MOST_SNIPPET:
        raise SlackError("snippet_too_large")


async def take_bytes(workspace: Workspace, request: web.Request) -> web.Response:
    """Take a file's bytes, raw or as a form; whatever is not HTTP 200 is a refusal."""
    try:
        file = workspace.uploads.take(request.match_info["key"], await _bytes(request))
    except SlackError as error:
        return web.json_response(error.body(), status=400)
    return web.Response(text=f"OK - {file.length}")


async def _bytes(request: web.Request) -> bytes:
    if request.content_type not in FORMS or request.content_type == FORMS[0]:
        return await request.read()  # urllib calls raw bytes a form unless told otherwise
    for value in (await request.post()).values():
        if isinstance(value, web.FileField):
            return value.file.read()
    raise SlackError("invalid_form_data")


def complete_upload(workspace: Workspace, call: Call) -> Answer:
    """End the uploads and share the files; without a channel they stay private."""
    if call.arguments.get("channels"):
        raise explained("invalid_arguments", ["channels is not part of this double"])
    wanted = [(workspace.uploads.open(_id(one)), one) for one in _listed(call)]
    channel = call.optional("channel_id")
    where = bot_channel(workspace, channel) if channel else None
    thread, said = call.optional("thread_ts"), _said(call)
    if where and thread:
        workspace.check_root(where.id, thread)
    files = [workspace.uploads.complete(file, str(one.get("title", ""))) for file, one in wanted]
    if where:
        workspace.post(where.id, BOT.id, said, thread, files=tuple(files))
    return {"ok": True, "files": [_told(file) for file in files]}


def _listed(call: Call) -> list[Mapping[str, Any]]:
    given = call.arguments.get("files")
    try:
        files = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        files = None
    if not isinstance(files, list) or not files or not all(isinstance(f, dict) for f in files):
        raise explained("invalid_arguments", ["files must be an array of objects"])
    return files


def _id(one: Mapping[str, Any]) -> str:
    if not isinstance(one.get("id"), str):
        raise explained("invalid_arguments", ["missing required field: id"])
    return str(one["id"])


def _said(call: Call) -> Content:
    """The words beside the files; blocks do not count where there is a comment."""
    comment, blocks = call.optional("initial_comment"), call.arguments.get("blocks")
    if comment:
        return read_content({"text": comment})
    return read_content({"blocks": blocks}) if blocks else Content()


def _told(file: File) -> Answer:
    return {"id": file.id, "title": file.title or file.name}
