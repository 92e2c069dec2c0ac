"""Pages of log groups as agents fill them, a minute each, made ready once and sent over and over."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import lz4.block  # type: ignore[import-untyped]

from bot.log_groups import groups_of
from sandbox.sls.wire import frame
from workflows.ports import Line, Lines

START = 1_800_000_000  # the first minute
MINUTES = 30  # pages; the next one is the first again
HOSTS, FILES = 20, 3
GROUPS, LINES = 400, 100  # in a page and in a group: 8 MB, of the 10 MB that the service gives
PATHS = ("/api/v1/orders", "/api/v1/items", "/static/app.js", "/login", "/health")
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/13{}.0"


@dataclass(frozen=True)
class Page:
    """Lines of one minute; `size` in bytes before they were packed with lz4."""

    packed: bytes
    size: int


def page_of(minute: int) -> Page:
    """The page of that minute; the same at every call."""
    chance = Random(minute)
    raw = b"".join(frame(_group(minute, number, chance)) for number in range(GROUPS))
    return Page(bytes(lz4.block.compress(raw, store_size=False)), len(raw))


def _group(minute: int, number: int, chance: Random) -> bytes:
    host, start = number % HOSTS, START + 60 * minute
    first = start + 60 * number // GROUPS
    lines = tuple(_line(min(first + n // 50, start + 59), chance) for n in range(LINES))
    tags = (
        ("__hostname__", f"app-b-{host}"),
        ("__path__", f"/var/log/app-b/access-{number % FILES}.log"),
        ("__pack_id__", f"{host:016X}-{number}"),
        ("__user_defined_id__", "app-b"),
        ("__receive_time__", str(first + 3)),
    )
    (group,) = groups_of(Lines(lines, "app-b", f"10.0.0.{host}", tags))
    return bytes(group.SerializeToString())


def _line(at: int, chance: Random) -> Line:
    some = chance.getrandbits(32)
    fields = (
        ("remote", f"10.{some & 255}.{some >> 8 & 255}.{some >> 16 & 255}"),
        ("request", f"GET {PATHS[some % 5]}?id={some}"),
        ("status", "200" if some % 50 else "502"),
        ("bytes", str(some % 100_000)),
        ("seconds", f"0.{some % 1000:03}"),
        ("agent", AGENT.format(some % 10)),
    )
    return Line(at, fields)
