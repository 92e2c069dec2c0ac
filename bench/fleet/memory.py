"""Our memory from a hundred hosts to ten thousand names; time grows with the hosts, memory not."""

from __future__ import annotations

from bench.fleet.goals import FLAT, MEMORY, Finding, at_most
from bench.fleet.measure import prepare
from bench.fleet.sshd import Sshds
from bench.fleet.tools import OURS

SIZES = (100, 1000, 10000)


def growth(servers: Sshds, largest: int) -> list[Finding]:
    """Peak memory with the most hosts, also against that with the fewest."""
    sizes = [size for size in SIZES if size <= max(largest, SIZES[0])]
    peaks = [_peak(servers, size) for size in sizes]
    what = f"memory for {sizes[-1]} hosts"
    return [
        at_most(what, max(peaks), MEMORY, " MB"),
        at_most(what, max(peaks) / peaks[0], FLAT, f"x that for {sizes[0]}"),
    ]


def _peak(servers: Sshds, size: int) -> float:
    fleet = servers.fleet(size)
    sample = prepare(servers, fleet, OURS, size)
    each = sample.cpu / size * 1000
    print(f"{size} hosts: {sample.memory:.0f} MB at the peak, {sample.wall:.1f} s, "
          f"{each:.1f} ms CPU a host", flush=True)  # fmt: skip
    return sample.memory
