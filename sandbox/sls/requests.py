"""A request as it came in: host, path, query, headers, body; and what is read out of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.sls import errors

PAGE_DEFAULT = 100
PAGE_MAX = 500
# More digits than anybody needs, and few enough to be read in no time.
NUMBER = re.compile(r"[0-9]{1,18}")

_HOST = re.compile(
    r"(?:(?P<project>[^.]+)\.)?"
    r"(?:(?P<region>[a-z]{2,3}-[a-z0-9-]+?)(?:-intranet|-share)?\.log\.aliyuncs\.com"
    r"|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost)"
)


@dataclass(frozen=True)
class Host:
    """The two things a Host header says; both empty on a bare IP address."""

    project: str
    region: str


@dataclass(frozen=True)
class Request:
    """One HTTP request; `target` is the raw request target, header names are lower-case.

    `cut` says that the body was too large to be read and is left out.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    peer: str = ""
    cut: bool = False

    @cached_property
    def raw_path(self) -> str:
        """The path still percent-encoded, without scheme and host of the proxy form."""
        if self.target.startswith("/"):
            return self.target.partition("?")[0]
        return urlsplit(self.target).path or "/"

    @property
    def path(self) -> str:
        """The decoded path, as it is signed."""
        return unquote(self.raw_path)

    @property
    def query_string(self) -> str:
        """The raw query."""
        return self.target.partition("?")[2].partition("#")[0]

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The decoded query in the order sent."""
        return tuple(parse_qsl(self.query_string, keep_blank_values=True))

    @cached_property
    def query(self) -> dict[str, str]:
        """The decoded query by name."""
        return dict(self.pairs)

    @cached_property
    def host(self) -> Host:
        """Project and region of the Host header; raises MissingHost or InvalidHost."""
        return read_host(self.headers.get("host", ""))

    def json_value(self) -> Any:
        """The body as JSON of any shape; raises PostBodyInvalid."""
        try:
            return read_json(self.body.decode())
        except ValueError as error:
            raise errors.post_body(f"reading the body as JSON: {error}") from error

    def json_body(self) -> dict[str, Any]:
        """The body as a JSON object; raises PostBodyInvalid."""
        value = self.json_value()
        if not isinstance(value, dict):
            raise errors.post_body("the body must be a JSON object")
        return value

    def whole(self, name: str, default: int, *, most: int | None = None) -> int:
        """A whole number >= 0 of the query, at most `most`; raises ParameterInvalid."""
        text = self.query.get(name)
        if text is None:
            return default
        if not NUMBER.fullmatch(text) or (most is not None and int(text) > most):
            bound = "" if most is None else f" up to {most}"
            raise errors.parameter(f"{name} must be a whole number{bound}, not {text[:99]!r}")
        return int(text)

    def page(self, names: list[str], default: int = PAGE_DEFAULT) -> tuple[list[str], int]:
        """The part of `names` that offset and size ask for, and how many there are in all."""
        offset = self.whole("offset", 0)
        size = self.whole("size", default, most=PAGE_MAX)
        return names[offset : offset + size], len(names)


def read_json(text: str) -> Any:
    """JSON by the letter of its standard: no NaN, no half of a surrogate pair; raises ValueError."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # what cannot be answered is not taken
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def read_host(text: str) -> Host:
    """Project and region out of a Host header such as `p.cn-hangzhou.log.aliyuncs.com:80`."""
    if not text:
        raise errors.SlsError(400, "MissingHost", "the request has no Host header")
    match = _HOST.fullmatch(text.lower().rpartition(":")[0] if ":" in text else text.lower())
    if match is None:
        what = f"Host {text!r} is neither [<project>.]<region>.log.aliyuncs.com nor an address"
        raise errors.SlsError(400, "InvalidHost", what)
    return Host(match["project"] or "", match["region"] or "")
