"""The Web API: which methods there are, and what each call must bring before it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.slack import chat, conversations, directory, files
from sandbox.slack.calls import Call, read_call
from sandbox.slack.errors import SlackError, TooFastError, explained
from sandbox.slack.scopes import require
from sandbox.slack.state import Workspace

Answer = dict[str, Any]


@dataclass(frozen=True)
class Method:
    """What a method does, the scope it needs, the kind of token, and the pace it is held to."""

    do: Callable[[Workspace, Call], Answer]
    scope: str = ""
    app_token: bool = False
    pace: str = ""


METHODS = {
    "apps.connections.open": Method(directory.open_connection, app_token=True),
    "auth.test": Method(directory.auth_test),
    "chat.getPermalink": Method(chat.get_permalink),
    "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write"),
    "chat.postMessage": Method(chat.post_message, "chat:write", pace="post"),
    "chat.update": Method(chat.update, "chat:write", pace="update"),
    # These three ask for channels:… or groups:…, which depends on the channel.
    "conversations.history": Method(conversations.history),
    "conversations.info": Method(conversations.info),
    "conversations.replies": Method(conversations.replies),
    "files.completeUploadExternal": Method(files.complete_upload, "files:write"),
    "files.getUploadURLExternal": Method(files.get_upload_url, "files:write"),
    "reactions.add": Method(chat.add_reaction, "reactions:write"),
    "users.info": Method(directory.user_info, "users:read"),
}


async def answer(workspace: Workspace, request: web.Request) -> web.Response:
    """Answer one HTTP request; Slack says no with HTTP 200, except for a broken pace."""
    headers = {"X-OAuth-Scopes": ",".join(workspace.scopes)}
    try:
        return web.json_response(perform(workspace, await read_call(request)), headers=headers)
    except TooFastError as error:
        headers["Retry-After"] = str(error.retry_after)
        return web.json_response(error.body(), status=429, headers=headers)
    except SlackError as error:
        return web.json_response(error.body(), headers=headers)


def perform(workspace: Workspace, call: Call) -> Answer:
    """Do one call if its token, scope and pace allow it."""
    workspace.calls[call.method] += 1
    method = METHODS.get(call.method)
    if method is None:
        raise explained("unknown_method", [f"{call.method} is not part of this double"])
    _check_token(workspace, method, call)
    if method.scope:
        require(workspace, method.scope)
    _check_pace(workspace, method, call)
    return method.do(workspace, call)


def _check_token(workspace: Workspace, method: Method, call: Call) -> None:
    if not call.token:
        raise SlackError("not_authed")
    if call.token not in (workspace.bot_token, workspace.app_token):
        raise SlackError("invalid_auth")
    if call.token != (workspace.app_token if method.app_token else workspace.bot_token):
        raise SlackError("not_allowed_token_type")


def _check_pace(workspace: Workspace, method: Method, call: Call) -> None:
    if method.pace == "post":
        channel = str(call.arguments.get("channel", ""))
        workspace.meter.count((call.method, channel), workspace.limits.post)
    elif method.pace == "update":
        workspace.meter.count((call.method,), workspace.limits.update)
