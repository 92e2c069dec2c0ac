"""A client of the control interface, for tests and the demo: type, press, read, wait."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

Json = dict[str, Any]
T = TypeVar("T")

# Loopback only: a proxy in the environment must not see it.
_OPENER = build_opener(ProxyHandler({}))


class ControlRefusedError(Exception):
    """The control interface refused; `error` says what, `answer` has the details."""

    def __init__(self, what: str, answer: Json) -> None:
        super().__init__(f"{what}: {json.dumps(answer, ensure_ascii=False)}")
        self.error = str(answer.get("error"))
        self.answer = answer


class Control:
    """One Slack, seen and used by its people. `user` and `channel` are names or ids."""

    def __init__(self, control_url: str) -> None:
        self._url = control_url.rstrip("/")

    def command(self, user: str, text: str, channel: str | None = None) -> Json:
        """Type a slash command; return {ok, error?, ack, ephemerals, trigger_id} after the ack."""
        return self._post("command", user=user, text=text, channel=channel)

    def press(
        self,
        user: str,
        ts: str,
        action_id: str,
        value: str | None = None,
        channel: str | None = None,
    ) -> Json:
        """Press a button that stands in the message now; return the same as `command`."""
        return self._post(
            "press", user=user, ts=ts, action_id=action_id, value=value, channel=channel
        )

    def say(
        self, user: str, text: str, thread_ts: str | None = None, channel: str | None = None
    ) -> str:
        """Say something as a person; return its ts."""
        return str(
            self._post("say", user=user, text=text, thread_ts=thread_ts, channel=channel)["ts"]
        )

    def messages(self, channel: str | None = None) -> list[Json]:
        """Return the channel's messages, oldest first, each with `replies`."""
        return list(self._get("messages", channel=channel)["messages"])

    def ephemerals(self, user: str | None = None) -> list[Json]:
        """Return what was shown to that person alone, oldest first."""
        return list(self._get("ephemerals", user=user)["ephemerals"])

    def file(self, file_id: str) -> str:
        """Return the text of a file that was shared."""
        return str(self._get("file", id=file_id)["text"])

    def names(self) -> dict[str, str]:
        """Return the name of each person and channel by id, for `reading.render`."""
        state = self.state()
        return {key: name for kind in ("users", "channels") for name, key in state[kind].items()}

    def state(self) -> Json:
        """Return the version, connections, people, channels, and calls per method."""
        return self._get("state")

    def wait(self, after: int, timeout: float = 10.0) -> int:
        """Return the version once it is above `after`, or after `timeout` seconds as it then is."""
        found = self._get("wait", patience=timeout, after_version=after, timeout=timeout)
        return int(found["version"])

    def wait_until(self, look: Callable[[], T], timeout: float = 10.0) -> T:
        """Return the first true result of `look`, tried at each change; raises TimeoutError."""
        deadline = time.monotonic() + timeout
        while True:
            version = int(self.state()["version"])
            if found := look():
                return found
            if (left := deadline - time.monotonic()) <= 0:
                raise TimeoutError(f"waiting for Slack to show something: not within {timeout:g} s")
            # Not for all that is left: a count of calls rises without a change that people see.
            self.wait(version, min(left, 0.5))

    def disconnect(self, reason: str | None = None, *, cut: bool = False) -> int:
        """End the Socket Mode connections as Slack does, or cut them; return how many."""
        return int(self._post("disconnect", reason=reason, cut=cut)["connections"])

    def deliver_to(self, request_url: str | None) -> None:
        """Set the Request URL for signed HTTP; None switches back to Socket Mode."""
        self._post("deliver_to", request_url=request_url)

    def reset(self) -> None:
        """Make Slack forget everything said and counted."""
        self._post("reset")

    def _post(self, what: str, **given: Any) -> Json:
        body = json.dumps({name: value for name, value in given.items() if value is not None})
        headers = {"Content-Type": "application/json"}
        return self._ask(what, Request(f"{self._url}/{what}", body.encode(), headers))

    def _get(self, what: str, patience: float = 0.0, **given: Any) -> Json:
        query = urlencode({name: value for name, value in given.items() if value is not None})
        return self._ask(what, Request(f"{self._url}/{what}?{query}"), patience)

    def _ask(self, what: str, request: Request, patience: float = 0.0) -> Json:
        try:
            with _OPENER.open(request, timeout=patience + 10) as answer:
                return dict(json.load(answer))
        except HTTPError as error:
            with error:
                raise ControlRefusedError(what, _body(error)) from None


def _body(error: HTTPError) -> Json:
    try:
        return dict(json.load(error))
    except ValueError:
        return {"ok": False, "error": f"HTTP {error.code}"}
