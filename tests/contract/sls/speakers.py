"""What every client must be able to say to the SLS server, in the words of none of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

import pytest

PROJECT = "web"
NAMES = ("sdk-v1", "sdk-v4", "tea-v1", "tea-v4", "http-v1", "http-v4")


def all_but(client: str, why: str, raises: type[BaseException]) -> pytest.MarkDecorator:
    """All speakers; those of one client cannot, are told why, and must fail in just this way."""
    fails = pytest.mark.xfail(reason=f"{client}: {why}", raises=raises, strict=True)
    names = [
        pytest.param(name, marks=fails) if name.partition("-")[0] == client else name
        for name in NAMES
    ]
    return pytest.mark.parametrize("name", names)


class Noun(Enum):
    """The things of a project that are made, read, listed and deleted by name.

    Each holds its path, and the key under which a list gives its names.
    """

    LOGSTORE = ("/logstores", "logstores", "logstoreName")
    CONFIG = ("/configs", "configs", "configName")
    PIPELINE = ("/pipelineconfigs", "configs", "configName")
    GROUP = ("/machinegroups", "machinegroups", "groupName")

    @property
    def path(self) -> str:
        return self.value[0]

    @property
    def listed(self) -> str:
        return self.value[1]

    @property
    def named(self) -> str:
        return self.value[2]


@dataclass(frozen=True)
class Page:
    """One page of a list: its names, how many it says it has, how many there are in all."""

    names: tuple[str, ...]
    count: int
    total: int


class Refused(Exception):
    """A refusal as the client tells it."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(f"{status} {code}: {text}")
        self.status = status
        self.code = code
        self.text = text


class Speaker(Protocol):
    """A client of project `web`; bodies and answers are those of the wire, errors are `Refused`."""

    def create_project(self, name: str, text: str) -> None: ...

    def project(self, name: str) -> dict[str, Any]: ...

    def projects(self, **page: Any) -> Page: ...

    def delete_project(self, name: str) -> None: ...

    def create(self, noun: Noun, body: dict[str, Any]) -> None: ...

    def get(self, noun: Noun, name: str) -> dict[str, Any]: ...

    def page(self, noun: Noun, **page: Any) -> Page:
        """`offset`, `size` and `part` of the name; what is not given is not sent, if possible."""

    def delete(self, noun: Noun, name: str) -> None: ...

    def create_index(self, logstore: str, body: dict[str, Any]) -> None: ...

    def index(self, logstore: str) -> dict[str, Any]: ...

    def delete_index(self, logstore: str) -> None: ...

    def apply(self, config: str, group: str) -> None: ...

    def remove(self, config: str, group: str) -> None: ...

    def configs_of(self, group: str) -> list[str]: ...

    def groups_of(self, config: str) -> list[str]: ...

    def machines(self, group: str) -> list[dict[str, Any]]: ...

    def put(self, logstore: str, moment: int, texts: list[str]) -> None:
        """One log group of lines with the one field `message`."""

    def pull(self, logstore: str) -> list[str]:
        """The field `message` of all lines in all shards."""

    def search(self, logstore: str, start: int, end: int, query: str) -> list[str]:
        """The field `message` of the lines found."""

    def count(self, logstore: str, start: int, end: int, query: str) -> int: ...
