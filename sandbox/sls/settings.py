"""What of the real service is a matter of time or size, as settings of the server."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

DAY = 86_400


class CrossReads(Enum):
    """What the calls of one form of config answer for one of the other form.

    Which of them the real service does is not published.
    """

    NOT_FOUND = "not-found"  # 404 ConfigNotExist
    BAD_REQUEST = "bad-request"  # 400 BadRequest


@dataclass(frozen=True)
class Delays:
    """Durations of the real service in seconds; the clock shrinks them."""

    # The vendor's own test suites wait 40-60 s after creating a logstore.
    logstore_ready: float = 40
    # The SDK's own copy repeats an apply for up to 60 s on ConfigNotExist and GroupNotExist; how
    # long it really takes is not published, so a plain server knows them at once.
    bindable: float = 0
    # "Within about a minute": here never earlier, so that nobody relies on luck.
    index_effect: float = 60
    searchable: float = 3
    # How long a silent machine stays in ListMachines is not published.
    heartbeat_fresh: float = 300


@dataclass(frozen=True)
class Limits:
    """Sizes and quotas; `lines_kept` is per logstore and bounds the memory of a long run."""

    lines_kept: int = 5_000_000
    # The official client's own bound; the older documentation says 3 MB and 4,096 lines.
    put_bytes: int = 30 * 1024 * 1024
    put_lines: int = 512_000
    put_oldest: float = 7 * DAY
    put_newest: float = 900
    pull_bytes: int = 10 * 1024 * 1024
    logstores: int = 200
    configs: int = 200
    machine_groups: int = 200
