"""
How long a job lies after the worker that moved it was killed -9, at the default claim time.

Each kill has a Valkey and two workers of its own: the first hangs in the middle of a move and is
killed after a random while, the second is measured until it has saved that job's next step.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog

from bench.servers import until, valkey, worker
from bench.toy import WORK, apps, service, store_at
from bot.store import RedisStore

SIDE_BY_SIDE = 4
PATIENCE = 60.0  # seconds for one job, after which it counts as lost
POLL = 0.02
LIMIT = 10.0


def main() -> int:
    wanted = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    numbers = range(wanted.kills)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        found = list(threads.map(lambda n: _one(f"{wanted.seed}:{n}"), numbers))
    for number, seconds in enumerate(found, 1):
        print(f"kill {number}: the next move was saved after {seconds:.1f} s")
    print(f"claim {WORK.claim:.0f} s, {wanted.kills} kills, seed {wanted.seed}")
    print(f"recovery: median {statistics.median(found):.1f} s, max {max(found):.1f} s")
    return int(max(found) >= LIMIT)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _one(seed: str) -> float:
    ids = (f"J{n}" for n in itertools.count(1))
    with tempfile.TemporaryDirectory() as folder, valkey(Path(folder)) as address:
        store = store_at(address)
        with worker(address, "hang") as first:
            service(address, apps(1), lambda: next(ids)).start("app-0", "UALICE", "C1")
            until(lambda: store.working("J1"), "the first worker to take the job", PATIENCE, POLL)
            with worker(address):
                threading.Event().wait(random.Random(seed).uniform(0.0, WORK.claim))
                return _killed(first, store)


def _killed(first: subprocess.Popen[str], store: RedisStore) -> float:
    """Seconds from the kill to the next save; a renewal is not one."""
    held = store.load("J1").version
    first.kill()
    began = time.monotonic()
    until(lambda: store.load("J1").version > held, "the second to go on", PATIENCE, POLL)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
