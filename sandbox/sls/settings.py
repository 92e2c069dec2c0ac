"""What of the real service is a matter of time or size, as settings of the server."""

from __future__ import annotations

import random
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
class Unsettled:
    """What public sources leave open or print two ways; the other value is as likely."""

    # 400 in the documentation of 2021, 404 on a newer page.
    config_exists: int = 400
    # No error is known for removing a config from a group that it was never applied to.
    remove_unapplied: int = 200  # or 404
    # Whether a silent machine leaves ListMachines is said of old, not of the present service.
    stale_machines: bool = False
    # What stands between several custom ids in `userdefined-id`.
    id_separator: str = "\n"
    # "Delete the file to go back to the ip": maybe a machine with custom ids has no ip at all.
    custom_id_hides_ip: bool = False
    # Seen in a real answer of 2024, absent from the documentation.
    all_group_attributes: bool = True


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
    # How long a job takes to start and to stop, and how far behind it is, is not published.
    job_start: float = 20
    job_stop: float = 10
    job_lag: float = 3


@dataclass(frozen=True)
class Limits:
    """Sizes and quotas; `lines_kept` and `bytes_kept` are per logstore and bound its memory."""

    lines_kept: int = 5_000_000
    bytes_kept: int = 1024 * 1024 * 1024  # of memory, roughly
    # The official client's own bound; the older documentation says 3 MB and 4,096 lines.
    put_bytes: int = 30 * 1024 * 1024
    put_lines: int = 512_000
    put_oldest: float = 7 * DAY
    put_newest: float = 900
    pull_bytes: int = 10 * 1024 * 1024
    projects: int = 50  # per account
    logstores: int = 200
    configs: int = 200
    machine_groups: int = 200
    shards: int = 400  # per project, the writable ones
    consumer_groups: int = 20  # per logstore
    dashboards: int = 100
    saved_searches: int = 100  # so many pass in the vendor's own suite
    alerts: int = 100


@dataclass(frozen=True)
class Etl:
    """What is not published about ETL jobs, and when their runner dies.

    It dies after a batch was written and before its checkpoint, so that the batch comes twice:
    at the batches `dies_at` of every job, counted from 1 over all its runs, and at each batch
    with `death_chance`, drawn from the seed, the job's name and the number of the batch.
    """

    missing_status: int = 404
    # Whether lines are copied that PutLogs would find too old; if not, such a job fails.
    old_lines: bool = True
    dies_at: frozenset[int] = frozenset()
    death_chance: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a runner that would never get on."""
        if not 0 <= self.death_chance < 1:
            message = f"death_chance {self.death_chance}: give a number from 0 to below 1"
            raise ValueError(message)

    def dies(self, job: str, batch: int) -> bool:
        """Whether the runner dies with this batch."""
        drawn = random.Random(f"{self.seed}/{job}/{batch}").random()
        return batch in self.dies_at or drawn < self.death_chance
