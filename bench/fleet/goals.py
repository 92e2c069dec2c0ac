"""What has to come out, as numbers in one table, and the sentence that says whether it did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.fleet.results import FIRST, SECOND, Results, cpu, wall

EQUAL = 0.97  # counts as equal, where equal is wanted
LARGE = 200  # hosts from which on the second number counts

# How many times our wall time each tool has to take at least, on 100 hosts and on 300.
SLOWER = {
    FIRST: {
        "ansible": (25.0, 25.0),
        "pyinfra": (2.0, 2.0),
        "ssh": (1.1, 1.1),
        "asyncssh": (1.0, 1.0),
        "paramiko": (1.0, 1.0),
        "fabric": (4.5, 6.0),
    },
    SECOND: {
        "ansible": (25.0, 25.0),
        "pyinfra": (1.6, 1.6),
        "ssh": (1.1, 1.1),
        "asyncssh": (1.0, 1.0),
        "paramiko": (1.0, 1.0),
        "fabric": (4.0, 4.0),
    },
}
# Our CPU as a share of theirs, at most.
CPU_SHARE = {"ansible": 1 / 15, "ssh": 0.45, "paramiko": 1.0, "asyncssh": 1.1}
CPU_EACH = (6.5, 5.5)  # ms for one host, at most
DELAYED = 1.0  # our wall time as a share of paramiko's, with 100 ms round trip
MEMORY = 80.0  # MB at the peak, of any number of hosts
FLAT = 1.5  # times the memory of 100 hosts that 10,000 may take


@dataclass(frozen=True)
class Finding:
    """One target: what was wanted and what was found."""

    what: str
    found: str
    wanted: str
    met: bool

    def __str__(self) -> str:
        return f"{self.what} {self.found} instead of {self.wanted}"

    @property
    def line(self) -> str:
        """As it stands in the list of all targets."""
        return f"{'ok' if self.met else 'SHORT':5}  {self.what}: {self.found}, wanted {self.wanted}"


def at_least(what: str, found: float, wanted: float, unit: str) -> Finding:
    bound = EQUAL if wanted == 1.0 else wanted
    return Finding(what, f"{found:.2f}{unit}", f">= {wanted:g}", found >= bound)


def at_most(what: str, found: float, wanted: float, unit: str) -> Finding:
    return Finding(what, f"{found:.3g}{unit}", f"<= {wanted:.3g}", found <= wanted)


def speed(results: Results) -> Iterator[Finding]:
    """Wall and CPU against every tool that was there, for both runs and all sizes."""
    for hosts in results.sizes():
        for run in (FIRST, SECOND):
            where = f"{run} run on {hosts} hosts"
            yield from _walls(results, hosts, run, where)
            yield from _cpus(results, hosts, run, where)


def _walls(results: Results, hosts: int, run: str, where: str) -> Iterator[Finding]:
    for tool, wanted in SLOWER[run].items():
        if (found := results.ratio(hosts, tool, run, wall)) is not None:
            yield at_least(f"{where}, wall of {tool}", found, wanted[hosts >= LARGE], "x ours")


def _cpus(results: Results, hosts: int, run: str, where: str) -> Iterator[Finding]:
    for tool, wanted in CPU_SHARE.items():
        if (found := results.ratio(hosts, tool, run, cpu)) is not None:
            yield at_most(f"{where}, our CPU", 1 / found, wanted, f"x {tool}'s")
    if results.of(hosts, "ours", run):
        each = results.median(hosts, "ours", run, cpu) / hosts * 1000
        yield at_most(f"{where}, our CPU", each, CPU_EACH[hosts >= LARGE], " ms a host")


def last_line(
    hosts: int, results: Results, findings: Sequence[Finding], absent: Sequence[str]
) -> str:
    """`fleet: 300 hosts, 31.2x ansible, … ok`, or what it is short of."""
    parts = [f"{hosts} hosts", *_ratios(results, hosts), *(f"{name} absent" for name in absent)]
    short = "; ".join(str(finding) for finding in findings if not finding.met)
    return f"fleet: {', '.join(parts)} " + (f"short of: {short}" if short else "ok")


def _ratios(results: Results, hosts: int) -> Iterator[str]:
    """Of the walls of the first run."""
    for tool in SLOWER[FIRST]:
        if (found := results.ratio(hosts, tool, FIRST, wall)) is not None:
            yield f"{found:.1f}x {tool}"
