"""Hosts that are 100 ms away: ours and paramiko alone, in turns, all hosts side by side."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.fleet.goals import DELAYED, Finding, at_most
from bench.fleet.hosts import wipe
from bench.fleet.measure import prepare
from bench.fleet.results import FIRST, SECOND
from bench.fleet.sshd import Sshds, free_port
from bench.fleet.tools import OURS, PARAMIKO, ROOT

ROUND_TRIP = 100  # ms


def far_away(servers: Sshds, hosts: int, rounds: int, *, careful: bool) -> list[Finding]:
    """Our wall time against paramiko's, for both runs."""
    shares: dict[str, list[float]] = {FIRST: [], SECOND: []}
    with _proxy(servers, hosts) as port:
        fleet = servers.fleet(hosts, port, concurrency=hosts, careful=careful)
        for number in range(rounds):
            walls: dict[tuple[str, str], float] = {}
            for tool in (OURS, PARAMIKO) if number % 2 else (PARAMIKO, OURS):
                wipe(fleet)
                for run, expected in ((FIRST, hosts), (SECOND, 0)):
                    walls[tool.name, run] = prepare(servers, fleet, tool, expected).wall
            print(f"{ROUND_TRIP} ms away, round {number + 1}: {_text(walls)}", flush=True)
            for run, found in shares.items():
                found.append(walls[OURS.name, run] / walls[PARAMIKO.name, run])
    return [_finding(run, statistics.median(found)) for run, found in shares.items()]


def _finding(run: str, share: float) -> Finding:
    return at_most(f"{ROUND_TRIP} ms away, {run} run, our wall", share, DELAYED, "x paramiko's")


def _text(walls: dict[tuple[str, str], float]) -> str:
    return ", ".join(f"{tool} {run} {wall:.2f} s" for (tool, run), wall in walls.items())


@contextmanager
def _proxy(servers: Sshds, hosts: int) -> Iterator[int]:
    port, addresses = free_port(servers.addresses[0]), servers.addresses[:hosts]
    numbers = [str(number) for number in (port, servers.port, ROUND_TRIP)]
    command = [sys.executable, "-m", "bench.fleet.proxy", *numbers, *addresses]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
    ) as process:
        try:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise SystemExit(f"starting the proxy: it ended with {process.wait()}")
            yield port
        finally:
            process.terminate()
