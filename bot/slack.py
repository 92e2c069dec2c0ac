"""
What the product says in Slack, one Web API call at a time, and how Slack can refuse it:

* SlackTrouble        the call was not carried out; try again later
  x Limited           too many calls; `seconds` until the next may be tried
  x Unheard           no answer: it may have been carried out all the same
  x Unfit             Slack does not take this content; the same words without blocks may pass
  x Gone              the message is not there any more, or no longer ours to change
  x Shut              a person has to open something first: a channel, a right, a token
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web import SlackResponse

from bot.slack_files import send
from handlers.blocks import Message

TIMEOUT = 10  # seconds for one call
LIMITED = 30.0  # seconds, where Slack forgets to say how long

METADATA = "logmigrate_job"  # event_type of our messages' metadata

UNHEARD = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
UNFIT = {
    *("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text"),
    *("metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema"),
}
GONE = {
    *("message_not_found", "thread_not_found", "cannot_reply_to_message"),
    *("cant_update_message", "edit_window_closed"),
    *("file_not_found",),  # its upload is completed, or was dropped
}
SHUT = {
    *("channel_not_found", "not_in_channel", "is_archived", "restricted_action", "missing_scope"),
    *("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"),
    *("no_permission", "access_denied", "team_access_not_granted", "ekm_access_denied"),
    *("file_uploads_disabled", "file_upload_size_restricted", "storage_limit_reached"),
    *("posting_to_channel_denied", "invalid_channel", "file_type_not_allowed"),
}

log = structlog.get_logger()


class SlackTrouble(Exception):
    """Says which call, and Slack's word for what is wrong."""


class Limited(SlackTrouble):
    """Too many calls of this method; `seconds` until the next may be tried."""

    def __init__(self, text: str, seconds: float) -> None:
        super().__init__(text)
        self.seconds = seconds


class Unheard(SlackTrouble):
    """No answer came, so it may have been carried out."""


class Unfit(SlackTrouble):
    """Slack does not take this content."""


class Gone(SlackTrouble):
    """The message is no longer there."""


class Shut(SlackTrouble):
    """Trying again does not help before a person has acted."""


def web_client(bot_token: str, api_base_url: str) -> WebClient:
    """No retries of the library's: one that repeats a post may post twice."""
    return WebClient(bot_token, base_url=api_base_url, timeout=TIMEOUT, retry_handlers=[])


@dataclass(frozen=True)
class SlackNotifier:
    """Notifier: the commit has marked the job; `wake` makes this process's sender look now."""

    wake: Callable[[], None] = lambda: None

    def show(self, job_id: str) -> None:
        del job_id  # the sender finds it by its mark
        try:
            self.wake()
        except Exception:
            log.exception("waking the sender of messages")


@dataclass(frozen=True)
class Bot:
    """Whom a token belongs to, and what it may do."""

    name: str
    team: str
    scopes: frozenset[str]


class Chat:
    """The few calls that the messages of a job need; each raises SlackTrouble."""

    def __init__(self, client: WebClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._closed: dict[str, float] = {}  # method -> when Slack takes it again

    def whoami(self) -> Bot:
        answer = self._ask(self._client.auth_test)
        said = {name.lower(): value for name, value in answer.headers.items()}
        scopes = frozenset(filter(None, str(said.get("x-oauth-scopes", "")).split(",")))
        return Bot(str(answer.get("user", "")), str(answer.get("team", "")), scopes)

    def post(self, channel: str, message: Message, thread: str, payload: Mapping[str, str]) -> str:
        """Say it in the channel, or below `thread`; the message's ts."""
        answer = self._ask(
            self._client.chat_postMessage,
            channel=channel,
            text=message.text,
            blocks=list(message.blocks),
            metadata={"event_type": METADATA, "event_payload": dict(payload)},
            unfurl_links=False,
            unfurl_media=False,
            **({"thread_ts": thread} if thread else {}),
        )
        return str(answer["ts"])

    def update(self, channel: str, ts: str, message: Message) -> None:
        """Put `message` in the place of the one at `ts`."""
        blocks = list(message.blocks)
        self._ask(
            self._client.chat_update, channel=channel, ts=ts, text=message.text, blocks=blocks
        )

    def permalink(self, channel: str, ts: str) -> str:
        answer = self._ask(self._client.chat_getPermalink, channel=channel, message_ts=ts)
        return str(answer["permalink"])

    def find(self, channel: str, thread: str, since: float, payload: Mapping[str, str]) -> str:
        """The ts of our message with this payload since then (seconds, epoch), or ""."""
        given = {"channel": channel, "oldest": f"{since:.6f}", "limit": 200}
        if thread:
            answer = self._ask(
                self._client.conversations_replies, ts=thread, include_all_metadata=True, **given
            )
        else:
            answer = self._ask(
                self._client.conversations_history, include_all_metadata=True, **given
            )
        return next((m["ts"] for m in answer["messages"] if _payload(m) == dict(payload)), "")

    def upload(self, name: str, content: str | bytes, alt: str, hold: Callable[[], None]) -> str:
        """Bring a file, which nobody sees before it is shared; its id. `hold` before each call.

        `alt` says what a picture shows.
        """
        # JSON may hold halves of characters.
        raw = content if isinstance(content, bytes) else content.encode(errors="replace")
        call = self._client.files_getUploadURLExternal
        told = {"alt_txt": alt} if alt else {}
        hold()
        answer = self._ask(call, filename=name, length=len(raw), **told)
        hold()
        try:
            send(str(answer["upload_url"]), raw, TIMEOUT)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unheard(f"sending {name} to Slack's place for files: {error}") from error
        return str(answer["file_id"])

    def share(self, channel: str, thread: str, file_id: str, title: str) -> None:
        """Show the file below `thread`. Slack takes this once for a file: then it is Gone."""
        files = [{"id": file_id, "title": title}]
        call = self._client.files_completeUploadExternal
        self._ask(call, files=files, channel_id=channel, thread_ts=thread)

    def _ask(self, call: Callable[..., SlackResponse], **given: Any) -> SlackResponse:
        method = call.__name__.replace("_", ".", 1)
        if (wait := self._closed.get(method, 0.0) - self._clock()) > 0:
            raise Limited(f"{method}: Slack wants a pause", wait)
        try:
            return call(**given)
        except SlackApiError as error:
            raise self._trouble(method, error) from error
        except (OSError, http.client.HTTPException, SlackRequestError) as error:
            raise Unheard(f"{method}: no answer ({error})") from error

    def _trouble(self, method: str, error: SlackApiError) -> SlackTrouble:
        answer = error.response
        status, headers = getattr(answer, "status_code", 200), getattr(answer, "headers", {})
        code = _code(answer)
        if status == http.HTTPStatus.TOO_MANY_REQUESTS or code == "ratelimited":
            seconds = _retry_after(headers)
            self._closed[method] = self._clock() + seconds
            return Limited(f"{method}: too many calls", seconds)
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            return Unheard(f"{method}: HTTP {status}")
        return _kind(code)(f"{method}: {code}{_needed(answer)}")


def _kind(code: str) -> type[SlackTrouble]:
    kinds = ((UNHEARD, Unheard), (UNFIT, Unfit), (GONE, Gone), (SHUT, Shut))
    return next((kind for codes, kind in kinds if code in codes), SlackTrouble)


def _code(answer: object) -> str:
    data = getattr(answer, "data", answer)
    return str(data.get("error", "no error given")) if isinstance(data, dict) else "no JSON"


def _needed(answer: object) -> str:
    """The right that is missing, or why the content is refused, in Slack's words."""
    data = getattr(answer, "data", answer)
    if not isinstance(data, dict):
        return ""
    reasons = [str(data[key]) for key in ("needed",) if data.get(key)]
    reasons += (data.get("response_metadata") or {}).get("messages") or []
    return f" ({'; '.join(reasons)})" if reasons else ""


def _retry_after(headers: Mapping[str, str]) -> float:
    for name, value in headers.items():
        if name.lower() == "retry-after" and value.isdigit():
            return float(value)
    return LIMITED


def _payload(message: Mapping[str, Any]) -> dict[str, str]:
    metadata = message.get("metadata") or {}
    return (
        dict(metadata.get("event_payload") or {}) if metadata.get("event_type") == METADATA else {}
    )
