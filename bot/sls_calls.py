"""
Signed calls to one project of Log Service, and what an answer means.

Logstores, indexes, configs and machine groups travel as the service's raw JSON: the SDK's classes
drop fields (outputDetail.endpoint, index ttl, unknown keys) or refuse to read some configs, so
these calls use the client's signed `_send` and leave the body alone.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aliyun.log import LogException
from lz4.block import LZ4BlockError

from bot.sls_errors import AGAIN, MISSING, THERE, UNREADABLE, translated
from workflows.errors import StepFailed, Unavailable
from workflows.model import Facts, quoted

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
# Dashboards and saved searches are named by people: anything that stays one part of a path.
FREE_NAME = re.compile(r"(?!\.{1,2}$)[^/?#%\\\x00-\x1f\x7f]+")
PAGE = 500  # the most that a list gives at once
WRITING = {"POST", "PUT", "DELETE"}
READING = re.compile(r"/logstores/[^/]+/(logs|histograms)$")  # questions that may come as a POST
REQUEST = "x-log-requestid"

Answer = TypeVar("Answer")
Parts = tuple[str, ...]


class Once(Exception):
    """What the service said to a call that is not to be repeated."""

    def __init__(self, said: LogException) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True)
class SlsCalls:
    """`side` is "source" or "target", for error texts only; `page` is how much a list asks for."""

    client: Any
    name: str
    side: str
    page: int = PAGE

    def _read(self, what: str, name: str, path: Parts) -> Facts | None:
        with self._doing(f"reading {what}", name):
            return unless(MISSING, lambda: facts(self._send("GET", path)))

    def _create(self, what: str, name: str, path: Parts, body: Facts) -> None:
        with self._doing(f"creating {what}", name):
            unless(THERE, lambda: self._send("POST", path, body))

    def _delete(self, what: str, name: str, path: Parts) -> None:
        with self._doing(f"deleting {what}", name):
            unless(MISSING, lambda: self._send("DELETE", path))

    def _listed(self, what: str, path: str, key: str, **asked: str) -> tuple[Any, ...]:
        """Everything of a list, page by page; one without hits may lack its key."""
        found: list[Any] = []
        with self._doing(f"listing the {what}"):
            while True:
                window = {"offset": str(len(found)), "size": str(self.page)}
                answer = facts(self._send("GET", (path,), asked=asked | window))
                part, total = answer.get(key, []), int(answer["total"])
                found += part
                if not part or len(found) >= total:
                    return tuple(found)

    def _names(self, what: str, path: str, key: str, **asked: str) -> tuple[str, ...]:
        """Sorted, and each once: something may be made while the pages are read."""
        return tuple(sorted(set(self._listed(what, path, key, **asked))))

    def _send(self, method: str, path: Parts, body: Facts | None = None, asked: Any = None) -> Any:
        resource = "/" + "/".join(path)
        raw = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if raw else {}
        if raw:
            headers["x-log-bodyrawsize"] = str(len(raw))
        query = dict(asked or {})
        answer, _ = self.client._send(method, self.name, raw, resource, query, headers)  # noqa: SLF001
        return answer

    def _once(self) -> Any:
        """The client, but with one attempt a call: the SDK repeats nothing but LogExceptions."""
        client = copy.copy(self.client)

        def send(*args: Any, **more: Any) -> Any:
            try:
                return self.client._sendRequest(*args, **more)  # noqa: SLF001
            except LogException as error:
                raise Once(error) from error

        client._sendRequest = send  # noqa: SLF001 - what the SDK calls at every attempt
        return client

    @contextmanager
    def _doing(self, doing: str, name: str = "", where: str = "in project") -> Iterator[None]:
        what = " ".join(f"{self.side}: {doing} {name} {where} {self.name}".split())
        try:
            yield
        except Once as once:
            raise translated(once.said, what, self.side) from once
        except LogException as error:
            raise translated(error, what, self.side) from error
        except (AttributeError, KeyError, TypeError, ValueError, LZ4BlockError) as error:
            # What is not what was asked for: the SDK reads it without looking first.
            raise Unavailable(f"{what}: {UNREADABLE}", AGAIN) from error


def listening(client: Any, side: str, wrote: Callable[[str, str], None]) -> Any:
    """The client; `wrote` is told of each call that changes something, with its request id.

    Of every attempt that the service answered, refusals with their code: their ids are what its
    support asks for.
    """
    heard = copy.copy(client)

    def send(method: str, url: str, *args: Any, **more: Any) -> Any:
        path = urlsplit(url).path
        writes = method in WRITING and not READING.search(path)
        told = wrote if writes else lambda call, request: None
        call = f"{side} {method} {path}"
        try:
            answer, headers = client._sendRequest(method, url, *args, **more)  # noqa: SLF001
        except LogException as error:
            if request := error.get_request_id():
                told(f"{call} ({error.get_error_code()})", request)
            raise
        told(call, _request_of(headers))
        return answer, headers

    heard._sendRequest = send  # noqa: SLF001 - what the SDK calls at every attempt
    return heard


def _request_of(headers: Mapping[str, str]) -> str:
    return next((value for name, value in headers.items() if name.lower() == REQUEST), "(no id)")


def facts(answer: Any) -> Facts:
    """The answer if it is an object; an empty one must not read as "does not exist"."""
    if not isinstance(answer, dict):
        raise TypeError(f"{type(answer).__name__} instead of an object")
    return answer


def unless(codes: frozenset[str], call: Callable[[], Answer]) -> Answer | None:
    """The call's answer, or None where the service says one of `codes`."""
    try:
        return call()
    except LogException as error:
        if error.get_error_code() in codes:
            return None
        raise


def safe(name: str) -> str:
    """Names become a part of the path, so nothing but the characters of names is let through."""
    if not NAME.fullmatch(name):
        raise StepFailed(
            f"{quoted(name[:80])!r} is not a name that Log Service allows",
            "Correct the name in the settings; letters, digits, - and _ are fine.",
        )
    return name
