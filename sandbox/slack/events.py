"""HTTP mode: gestures as signed form posts to the app's Request URL."""

from __future__ import annotations

import ipaddress
import json
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp

from sandbox.slack.delivery import FAILED, TIMED_OUT, Reply, as_ack
from sandbox.slack.errors import SlackError
from sandbox.slack.signing import signature
from sandbox.slack.state import Workspace


class SignedPosts:
    """Posts to one Request URL."""

    def __init__(self, workspace: Workspace, request_url: str) -> None:
        self._workspace = workspace
        self._url = request_url

    async def deliver(self, kind: str, payload: dict[str, Any]) -> Reply:
        """Post a gesture; anything but 200 in time is what Slack tells the user."""
        fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
        body = urlencode(fields)
        timeout = aiohttp.ClientTimeout(total=self._workspace.limits.ack_seconds)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(
                    self._url, data=body, headers=self._headers(body), allow_redirects=False
                ) as answer,
            ):
                return await _reply(answer)
        except TimeoutError:
            return Reply(error=TIMED_OUT)
        except (aiohttp.ClientError, ValueError):
            return Reply(error=FAILED)

    def _headers(self, body: str) -> dict[str, str]:
        # The app compares this with its own clock, so it is real time whatever the sandbox's clock says.
        timestamp = str(int(time.time()))
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._workspace.signing_secret, timestamp, body),
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }


async def _reply(answer: aiohttp.ClientResponse) -> Reply:
    if answer.status != 200:
        return Reply(error=FAILED)
    said = await answer.text()
    is_json = answer.content_type == "application/json" and said
    return Reply(as_ack(json.loads(said) if is_json else said))


def checked_url(request_url: str | None) -> str | None:
    """Return the Request URL; raises invalid_request_url unless it is on this machine."""
    if not request_url:
        return None
    host = urlsplit(request_url).hostname or ""
    if host != "localhost" and not _is_loopback(host):
        raise SlackError(
            "invalid_request_url", hint="give an http address on 127.0.0.1 or localhost"
        )
    return request_url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
