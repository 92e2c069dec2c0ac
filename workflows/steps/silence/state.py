"""What an examined host is like: a pure reader of what the probes print."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.errors import StepFailed
from workflows.steps.on_host.facts import incomplete, json_object, names_in

RELEASE = re.compile(r"\d{1,9}(\.\d{1,9})*", re.ASCII)
SECONDS = 12  # digits of a time, at most
ENDED = frozenset({124, 137, 143})  # the statuses of a tool that took longer than it may


@dataclass(frozen=True)
class Content:
    """A file or a folder: file, folder, absent, denied or other, and what is in it."""

    kind: str = "absent"
    held: bytes = b""

    @property
    def json(self) -> Mapping[str, Any]:
        """As an object; {} for what is none."""
        return json_object(self.held)


@dataclass(frozen=True)
class Process:
    """One of the agent's, by number, with the number of the one that started it."""

    pid: int
    parent: int
    called: str


@dataclass(frozen=True)
class Said:
    """What a tool answered about a place; `tool` is "" for the place's own script."""

    tool: str
    status: int
    where: str
    text: str

    @property
    def late(self) -> bool:
        return self.status in ENDED


@dataclass(frozen=True)
class Room:
    """A folder's disk: its `df -P` and `df -Pi` lines and its line of the mount table."""

    writable: bool
    blocks: str
    inodes: str
    mount: str


@dataclass(frozen=True)
class HostState:
    """Everything Examine looked at; `lacks` names the tools that are not there."""

    root: bool
    conf: str
    agent: str
    ids: Content
    users: Content
    app: Content
    config: Content
    newer: tuple[str, ...]
    processes: tuple[Process, ...] | None  # None where nothing can list them
    env: tuple[str, ...]  # NAME=value, as the agent's processes have it
    services: tuple[Said, ...]
    resolved: tuple[Said, ...]
    reached: tuple[Said, ...]
    rooms: Mapping[str, Room]
    log: tuple[str, ...]
    last: str
    keys: frozenset[str]
    date: int
    lacks: frozenset[str]

    @property
    def lines(self) -> tuple[bytes, ...]:
        """The ids as the agent reads them: a carriage return or a blank is part of one."""
        return tuple(line for line in self.ids.held.split(b"\n") if line.strip())

    @property
    def names(self) -> tuple[str, ...]:
        """The files of users/."""
        return tuple(self.users.held.decode(errors="replace").splitlines())

    @property
    def ip(self) -> str:
        return self._names.get("ip", "")

    @property
    def unique_id(self) -> str:
        return self._names.get("UUID", "")

    @property
    def version(self) -> str:
        told = self._names
        return told.get("loongcollector_version") or told.get("logtail_version", "")

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers; () where it is not known."""
        numbers = RELEASE.fullmatch(self.version)
        return tuple(map(int, self.version.split("."))) if numbers else ()

    @property
    def _names(self) -> Mapping[str, str]:
        return names_in(self.app.json)

    @classmethod
    def parse(cls, said: str) -> HostState:
        """Read the output of Examine. Raises StepFailed for an answer that is cut or garbled."""
        facts = _facts(said)
        try:
            return cls._of(facts)
        except (ValueError, IndexError, TypeError) as trouble:
            raise _incomplete() from trouble

    @classmethod
    def _of(cls, facts: Mapping[str, list[list[str]]]) -> HostState:
        return cls(
            root=facts["user"][0] == ["0"],
            conf=facts["conf"][0][0],
            agent=facts["agent"][0][0],
            ids=_content(facts["ids"][0]),
            users=_content(facts["users"][0]),
            app=_content(facts["app"][0]),
            config=_content(facts["config"][0]),
            newer=_texts(facts["newer"]),
            processes=_processes(facts) if facts["processes"] else None,
            env=tuple(dict.fromkeys(_texts(facts["env"]))),
            services=tuple(_said("", *words) for words in facts["service"]),
            resolved=tuple(_said(*words) for words in facts["resolve"]),
            reached=tuple(_said(*words) for words in facts["reach"]),
            rooms={words[0]: _room(*words[1:]) for words in facts["room"]},
            log=tuple("".join(_texts(facts["log"])).splitlines()),
            last="".join(_texts(facts["last"])),
            keys=frozenset(words[0] for words in facts["key"]),
            date=_seconds(facts["date"][0][0]),
            lacks=frozenset(words[0] for words in facts["lacks"]),
        )


def _facts(said: str) -> Mapping[str, list[list[str]]]:
    """The words of the `fact` lines by name; a login shell may print other lines before them."""
    lines = [line.split(" ") for line in said.splitlines() if line.startswith("fact ")]
    if not lines or lines[-1] != ["fact", "end"]:
        raise _incomplete()
    found: dict[str, list[list[str]]] = defaultdict(list)
    for _, name, *words in lines:
        found[name].append(words)
    return found


def _incomplete() -> StepFailed:
    return incomplete("what the agent is like")


def _bytes(word: str) -> bytes:
    if not word.startswith("="):
        raise ValueError(word)
    return bytes.fromhex(word[1:])


def _seconds(word: str) -> int:
    if len(word) > SECONDS:
        raise ValueError(word[:SECONDS])
    return int(word)


def _text(word: str) -> str:
    return _bytes(word).decode(errors="replace").strip()


def _texts(facts: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(_text(words[0]) for words in facts)


def _content(words: Sequence[str]) -> Content:
    return Content(words[0], _bytes(words[1]) if len(words) > 1 else b"")


def _processes(facts: Mapping[str, list[list[str]]]) -> tuple[Process, ...]:
    return tuple(Process(int(p), int(by), _text(args)) for p, by, args in facts["process"])


def _said(tool: str, status: str, where: str, text: str) -> Said:
    return Said(tool, int(status), _text(where), _text(text))


def _room(writable: str, blocks: str, inodes: str, mount: str) -> Room:
    return Room(writable == "yes", _text(blocks), _text(inodes), _text(mount))
