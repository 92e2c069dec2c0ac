"""
How fast a fleet of hosts is prepared: ours against other tools, on OpenSSH's sshd on loopback.

Every tool does the same work on the same hosts, in turns. Then ours alone or beside paramiko: hosts
that are 100 ms away, hosts that are dead, ten thousand hosts. What has to come out is in goals.py.
"""

from __future__ import annotations

import argparse
import platform
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.fleet import dead, delay, goals, memory, speed
from bench.fleet.envs import Absent, installed, version
from bench.fleet.results import Results
from bench.fleet.sshd import Sshds, sshds
from bench.fleet.tools import OURS, TOOLS, Tool

PARTS = ("speed", "rtt", "dead", "memory")
SIZES = (100, 300)


def main() -> int:
    wanted = _arguments()
    # So that servers and tools are ended by their own words.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sizes = (wanted.hosts,) if wanted.hosts else SIZES
    work = "eight plain lines of shell" if wanted.plain else "the product's own script"
    print(f"tools that only run scripts run {work}")
    print(f"Python {platform.python_version()} on {platform.machine()}, {platform.release()}")
    tools, absent = _tools(wanted.only) if "speed" in wanted.part else ([], [])
    results = Results()
    with tempfile.TemporaryDirectory() as folder, sshds(Path(folder), max(sizes)) as servers:
        found = [
            finding
            for part in wanted.part
            for finding in _part(
                part, servers, sizes, wanted.rounds, tools, results, careful=not wanted.plain
            )
        ]
    print("\n".join((*speed.table(results), *(one.line for one in found))))
    print(goals.last_line(max(sizes), results, found, absent))
    return int(not all(finding.met for finding in found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__)
    names = [tool.name for tool in TOOLS]
    comma = f"names with commas between, of {', '.join(names)}"
    parser.add_argument("--only", type=lambda text: text.split(","), default=names, help=comma)
    parser.add_argument("--hosts", type=int, help="one number instead of 100 and 300")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", action="append", choices=PARTS, help="may be given again")
    plain = "let tools that only run scripts run eight plain lines, without lock, rename or ledger"
    parser.add_argument("--plain", action="store_true", help=plain)
    wanted = parser.parse_args()
    if unknown := set(wanted.only) - set(names):
        parser.error(f"no such tool: {', '.join(sorted(unknown))}; {comma}")
    wanted.part = wanted.part or PARTS
    return wanted


def _tools(names: Sequence[str]) -> tuple[list[Tool], list[str]]:
    """The tools that are here, or were installed now, and the names of those that are absent."""
    found, absent = [], []
    for tool in TOOLS:
        try:
            if tool.name in names or tool is OURS:
                found.append(installed(tool))
                print(f"{tool.name}: {version(found[-1])}", flush=True)
        except Absent as why:
            print(f"{tool.name}: absent: {why}")
            absent.append(tool.name)
    return found, absent


def _part(
    part: str,
    servers: Sshds,
    sizes: Sequence[int],
    rounds: int,
    tools: list[Tool],
    results: Results,
    *,
    careful: bool,
) -> list[goals.Finding]:
    if part == "speed":
        for hosts in sizes:
            speed.compare(servers, hosts, rounds, tools, results, careful=careful)
        return list(goals.speed(results))
    if part == "rtt":
        return delay.far_away(servers, sizes[0], rounds, careful=careful)
    if part == "dead":
        return [one for hosts in sizes for one in dead.with_dead_hosts(servers, hosts, rounds)]
    return memory.growth(servers, 10000 if len(sizes) > 1 else sizes[0])


if __name__ == "__main__":
    sys.exit(main())
