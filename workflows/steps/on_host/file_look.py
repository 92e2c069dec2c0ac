"""The files that an agent's configs mean on one host, and how its agent fares: command and reader."""

from __future__ import annotations

import base64
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from workflows.apps import Host
from workflows.collection.watched import Watched
from workflows.errors import StepFailed
from workflows.steps.on_host import file_script
from workflows.steps.on_host.facts import content, incomplete, json_object, names_in
from workflows.steps.on_host.positions import Position, positions
from workflows.steps.on_host.probes import SERVICE
from workflows.steps.on_host.scripts import LOOK, script
from workflows.steps.on_host.shell import Shell

CPU_LIMIT = 0.4  # cores; pub_cpu_usage_up_limit, LogtailCommonFlags.cpp
MEMORY_LIMIT = 2048  # MB; memory_usage_up_limit, the same
UNPACKED = 16 << 20  # bytes of one packed answer, at most
_ROW = re.compile(rb"(\d{1,12}) (\d{1,18}) (\d{1,18}) (\d{1,20}) (/[^\n]*)")


class FileSeen(NamedTuple):
    """A file: `size` in bytes, `modified` in seconds by the host's clock."""

    path: str  # bytes that are no text are spelt out
    device: int
    inode: int
    size: int
    modified: int


@dataclass(frozen=True)
class HostFiles:
    """One host at one moment, `now` by its own clock; 0 and None stand for what is not known."""

    now: int
    files: tuple[FileSeen, ...]  # the newest first
    cut: bool = False  # there are more, older ones
    unseen: str = ""  # what could not be looked into
    started: int = 0  # the agent's present life, by the host's clock
    version: str = ""
    cpu: float | None = None  # cores that the agent used, over its present life
    cpu_limit: float = CPU_LIMIT
    memory: int | None = None  # MB
    memory_limit: int = MEMORY_LIMIT
    cores: int = 0
    dumped: int = 0  # when the agent last wrote down its positions
    positions: tuple[Position, ...] = ()  # of the files above

    def age(self, file: FileSeen) -> int:
        """Seconds since it was written to."""
        return max(0, self.now - file.modified)

    def meant_by(self, paths: Sequence[Watched]) -> HostFiles:
        """The same with those files alone: `find` knows wildcards less well than the agent."""
        kept = tuple(file for file in self.files if any(one.matches(file.path) for one in paths))
        return replace(self, files=kept)

    @classmethod
    def parse(cls, said: str) -> HostFiles:
        """Read the output of FileLook. Raises StepFailed for an answer that is cut or garbled."""
        facts = _facts(said)
        try:
            return cls._of(facts)
        except (ValueError, IndexError, zlib.error) as trouble:
            raise _incomplete() from trouble

    @classmethod
    def _of(cls, facts: Mapping[str, list[str]]) -> HostFiles:
        now, most = int(facts["date"][0]), int(facts["most"][0])
        rows = [*_listed(_unpacked(facts["files"][0])), *map(_odd, facts["odd"])]
        seen = sorted(dict.fromkeys(rows), key=lambda one: (-one.modified, -one.size, one.path))
        app = names_in(json_object(content(facts["app"][0])))
        own = json_object(content(facts["config"][0]))
        dumped, held = _dumped(facts["checkpoint"])
        used = [row.split(" ") for row in facts["used"]]
        inodes = {(one.device, one.inode) for one in seen[:most]}
        return cls(
            now,
            tuple(seen[:most]),
            cut=len(seen) > most,
            unseen="".join(
                bytes.fromhex(word).decode(errors="replace") for word in facts["unseen"]
            ),
            started=_started(app) or _begun(used, now),
            version=app.get("loongcollector_version") or app.get("logtail_version", ""),
            cpu_limit=_number(own.get("cpu_usage_limit"), CPU_LIMIT),
            memory_limit=int(_number(own.get("mem_usage_limit"), MEMORY_LIMIT)),
            cores=int((facts["cores"] or ["0"])[0]),
            dumped=dumped,
            positions=tuple(one for one in held if (one.device, one.inode) in inodes),
            **_used(used),
        )


@dataclass(frozen=True)
class FileLook:
    """List the files that these paths mean, the newest `most` of them; changes nothing.

    `roots`: where to look; `folders` and `patterns`: globs of the folder and of the name, as `find`
    takes them; `depths`: folders below the root, as digits. All four are of one length.
    """

    host: Host
    roots: tuple[str, ...]
    folders: tuple[str, ...]
    patterns: tuple[str, ...]
    depths: tuple[str, ...]
    most: int = 2000

    def __post_init__(self) -> None:
        lengths = {len(one) for one in (self.roots, self.folders, self.patterns, self.depths)}
        if len(lengths) > 1:
            raise ValueError("putting a look at files together: its lists differ in length")
        if strange := [one for one in self.depths if not one.isdecimal()]:
            raise ValueError(f"putting a look at files together: {strange[0]!r} is no depth")
        if strange := [one for one in self.roots if not one.startswith("/")]:
            raise ValueError(f"putting a look at files together: {strange[0]!r} is not absolute")

    @property
    def script(self) -> str:
        values = {"agent": self.host.agent_dir, "most": str(self.most)}
        each = zip(self.roots, self.folders, self.patterns, self.depths, strict=True)
        for number, (root, folder, pattern, depth) in enumerate(each):
            values |= {f"root{number}": root, f"folder{number}": folder}
            values |= {f"pattern{number}": pattern, f"depth{number}": depth}
        values["paths"] = str(len(self.roots))
        return script(Shell("file_look"), SERVICE, LOOK, file_script.FILES, **values).sent


def _facts(said: str) -> Mapping[str, list[str]]:
    """The `fact` lines by name; a login shell may print other lines before them."""
    lines = [line.split(" ", 2) for line in said.splitlines() if line.startswith("fact ")]
    if not lines or lines[-1] != ["fact", "end"]:
        raise _incomplete()
    found: dict[str, list[str]] = defaultdict(list)
    for words in lines[:-1]:
        found[words[1]].append(words[2] if len(words) > 2 else "")
    return found


def _incomplete() -> StepFailed:
    return incomplete("the host's files")


def _unpacked(word: str) -> bytes:
    """`=` and base64, or `z=` and base64 of what gzip made of it."""
    kind, _, held = word.partition("=")
    data = base64.b64decode(held, validate=True)
    if kind != "z":
        return data
    opened = zlib.decompressobj(wbits=31)
    found = opened.decompress(data, UNPACKED)
    if opened.unconsumed_tail or not opened.eof:
        raise ValueError("a packed answer that is longer than any of ours")
    return found


def _listed(rows: bytes) -> Iterator[FileSeen]:
    for row in rows.split(b"\n"):
        if found := _ROW.fullmatch(row):
            modified, size, device, inode = (int(one) for one in found.groups()[:4])
            yield FileSeen(_text(found[5]), device, inode, size, modified)


def _odd(fact: str) -> FileSeen:
    """One whose name has a newline."""
    modified, size, device, inode, path = fact.split(" ")
    path = _text(bytes.fromhex(path.removeprefix("=")))
    return FileSeen(path, int(device), int(inode), int(size), int(modified))


def _text(path: bytes) -> str:
    text = path.decode(errors="backslashreplace")
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def _started(app: Mapping[str, str]) -> int:
    """Of `<uuid>_<ip>_<seconds>`. Source: core/application/Application.cpp."""
    last = app.get("instance_id", "").rpartition("_")[2]
    return int(last) if last.isdecimal() and len(last) <= 12 else 0


def _begun(rows: Sequence[Sequence[str]], now: int) -> int:
    """When the youngest of its processes did."""
    lived = min((_seconds(row[0]) for row in rows), default=0)
    return now - lived if lived else 0


def _number(value: Any, usual: float) -> float:
    return float(value) if type(value) in (int, float) and value > 0 else usual


def _dumped(facts: Sequence[str]) -> tuple[int, tuple[Position, ...]]:
    """Of several the newest; where nothing could be read of it, 0 and none."""
    found = max((fact.split(" ") for fact in facts), key=lambda one: int(one[0]), default=None)
    if found is None:
        return 0, ()
    held = positions(_unpacked(found[1]))
    return (int(found[0]), held) if held else (0, ())


def _used(rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Cores and MB of all processes that are the agent's; nothing where none is seen."""
    told = [(_seconds(lived), _seconds(worked), int(kib)) for lived, worked, kib in rows]
    if not told:
        return {}
    cores = sum(worked / max(lived, 1) for lived, worked, _ in told)
    return {"cpu": cores, "memory": sum(kib for *_, kib in told) // 1024}


def _seconds(clock: str) -> int:
    """Of `[[days-]hours:]minutes:seconds`, as ps tells it."""
    days, _, rest = clock.rpartition("-")
    total = int(days or 0) * 24
    hours, minutes, seconds = ["0", *rest.split(":")][-3:]
    return ((total + int(hours)) * 60 + int(minutes)) * 60 + int(seconds)
