"""How much the SLS carries on one core: hosts that put signed log groups, each one a second.

The same hosts then go as fast as they are answered, and do so against aiohttp that only reads the
body: machines differ and are shared, the ratio of the two less so.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.sls_hosts import Tally, request_of, send
from bench.sls_server import other_cores

TICKS = os.sysconf("SC_CLK_TCK")
FLAT = 1.1  # the memory at the end over that at half time
ENOUGH = 0.99  # of what is aimed at


@dataclass(frozen=True)
class Run:
    """One load on one server; `cpu` in seconds, memory in MB."""

    tally: Tally
    seconds: float
    cpu: float
    half: float
    end: float

    @property
    def rate(self) -> float:
        """Answered requests a second."""
        return self.tally.answers / self.seconds

    @property
    def cost(self) -> float:
        """Milliseconds of the server's CPU for a request."""
        return 1000 * self.cpu / self.tally.answers

    def wait(self, part: float) -> float:
        """Milliseconds within which that part of the answers came."""
        return 1000 * sorted(self.tally.waits)[int(part * (len(self.tally.waits) - 1))]


def main() -> int:
    wanted = _arguments()
    os.sched_setaffinity(0, other_cores())
    _raise_files()
    requests = [request_of(host, wanted.lines) for host in range(wanted.hosts)]
    with _server("sls", wanted.kept) as (pid, port):
        _load(pid, port, requests, 2, paced=True)  # warm
        paced = _load(pid, port, requests, wanted.seconds, paced=True)
        peak = _load(pid, port, requests, wanted.seconds / 4, paced=False)
    with _server("bare", 0) as (pid, port):
        _load(pid, port, requests, 2, paced=False)
        bare = _load(pid, port, requests, wanted.seconds / 4, paced=False)
    aim, reached = wanted.hosts * wanted.lines, paced.rate * wanted.lines
    _report("one group a host and second", paced, wanted.lines)
    _report("as fast as answered", peak, wanted.lines)
    _report("aiohttp that only reads", bare, wanted.lines)
    print(f"at full speed {peak.cost / bare.cost:.1f} x the CPU of aiohttp that only reads")
    refused = [run.tally.refused for run in (paced, peak, bare) if run.tally.refused]
    flat = paced.end <= FLAT * paced.half
    good = reached >= ENOUGH * aim and flat and not refused
    print(
        f"sls-load: {wanted.hosts} hosts x {wanted.lines} lines/s: {reached:,.0f} lines/s on"
        f" {paced.cpu / paced.seconds:.2f} core, RSS {paced.end:.0f} MB"
        f" {'flat' if flat else f'up from {paced.half:.0f}'}, {'ok' if good else 'NOT ok'}"
        + (f", refused: {refused[0][0]}" if refused else "")
    )
    return 0 if good else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.sls_load", description=__doc__)
    parser.add_argument("--hosts", type=int, default=300)
    parser.add_argument("--lines", type=int, default=200, help="in a group")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--kept", type=int, default=300_000, help="lines, before the oldest go")
    return parser.parse_args()


@contextmanager
def _server(kind: str, kept: int) -> Iterator[tuple[int, int]]:
    command = [sys.executable, "-m", "bench.sls_server", kind, str(kept)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        yield process.pid, int(process.stdout.readline())
        process.stdin.close()


def _load(pid: int, port: int, requests: list[bytes], seconds: float, *, paced: bool) -> Run:
    halves: list[float] = []
    timer = threading.Timer(seconds / 2, lambda: halves.append(_memory(pid)))
    timer.start()
    cpu, began = _cpu(pid), time.monotonic()
    tally = asyncio.run(send(port, requests, seconds, paced=paced))
    lasted = max(seconds, time.monotonic() - began)  # longer where the answers came late
    timer.join()
    return Run(tally, lasted, _cpu(pid) - cpu, halves[0], _memory(pid))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def _raise_files() -> None:
    """A connection for each host is more than some systems allow at first."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _report(what: str, run: Run, lines: int) -> None:
    print(
        f"{what:28} {run.rate:6.0f} requests/s {run.rate * lines:9,.0f} lines/s"
        f"  {run.cpu / run.seconds:.2f} core  {run.cost:.3f} ms CPU each"
        f"  answered in {run.wait(0.5):.1f} ms, 99 % in {run.wait(0.99):.0f} ms"
        f"  RSS {run.half:.0f} -> {run.end:.0f} MB"
    )


if __name__ == "__main__":
    sys.exit(main())
