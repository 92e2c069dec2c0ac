"""
What summing up lines off the wire costs, beside the SDK's own loops and `aliyunlog log pull_log_dump`.

All read the same pages of one simulated source, in turns. CPU is the client's alone, and so carries
over to other machines as far as their cores do; wall has the source in it.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Sequence
from statistics import median

from bench.fleet.envs import Absent
from bench.proof.measure import DUMP, NAMES, PAGE, Client, Run, client, source
from bench.proof.pages import MINUTES, page_of

FASTER = 3.0  # times the CPU of a line in the SDK's loop, at least
MEMORY = 200.0  # MB at the peak, at most
FLAT = 1.15  # times the peak of the fewest lines that the most may take
OURS, LOOP = "ours", "pull_log"
SIZES = (1_000_000, 10_000_000, 100_000_000)  # lines, for the memory
SHARE = {DUMP: 5}  # reads so much less: it takes its time


def main() -> int:
    wanted = _arguments()
    page = page_of(0)
    print(f"Python {platform.python_version()} on {platform.machine()}, {platform.release()}")
    print(f"lines of {page.size / PAGE:.0f} bytes, {len(page.packed) / PAGE:.0f} packed with lz4")
    with source() as port:
        client(OURS, port).run(MINUTES)  # the source makes its pages
        costs = _rounds(_clients(port), wanted.lines, wanted.rounds)
        _table(costs, page.size / PAGE)
        peaks = [_peak(client(OURS, port), size) for size in SIZES if size <= wanted.most]
    line, good = verdict(costs, peaks)
    print(line)
    return 0 if good else 1


def verdict(costs: dict[str, list[Run]], peaks: Sequence[float]) -> tuple[str, bool]:
    """The last line, and whether everything came out as it has to."""
    ratio, speed = _ratio(costs, LOOP), 1 / median(run.cpu for run in costs[OURS])
    memory = max([*peaks, *(run.memory for run in costs[OURS])])
    short = [f"{FASTER:g}x pull_log"] if ratio < FASTER else []
    short += [f"{MEMORY:.0f} MB"] if memory > MEMORY else []
    short += ["flat memory"] if peaks and max(peaks) > FLAT * peaks[0] else []
    said = f"short of {', '.join(short)}" if short else "ok"
    told = f"proof: {speed:,.0f} lines/s, {ratio:.1f}x pull_log, {memory:.0f} MB {said}"
    return told, not short


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.proof", description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000, help="each client reads in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="lines, for the memory")
    wanted = parser.parse_args()
    if wanted.lines < (least := 2 * PAGE * max(SHARE.values())):
        parser.error(f"--lines: {least:,} are the least that tell anything from starting")
    return wanted


def _clients(port: int) -> list[Client]:
    found = []
    for name in NAMES:
        try:
            found.append(client(name, port))
        except Absent as why:
            print(f"{name}: absent: {why}")
    return found


def _rounds(clients: list[Client], lines: int, rounds: int) -> dict[str, list[Run]]:
    costs: dict[str, list[Run]] = {one.name: [] for one in clients}
    for number in range(rounds):
        for one in clients:
            pages = lines // PAGE // SHARE.get(one.name, 1)
            costs[one.name].append(run := one.costs(pages))
            print(f"round {number + 1}: {one.name}: {run.cpu * 1e6:.2f} us a line", flush=True)
    return costs


def _table(costs: dict[str, list[Run]], size: float) -> None:
    for name, runs in costs.items():
        cpu, wall = (median(run[n] for run in runs) for n in (0, 1))
        print(
            f"{name:13}  {cpu * 1e6:6.2f} us CPU a line, {wall * 1e6:6.2f} us wall  "
            f"{1 / cpu:9,.0f} lines/s and {size / cpu / 1e6:5.0f} MB/s a core  "
            f"{max(run.memory for run in runs):4.0f} MB  {_ratio(costs, name):5.2f}x ours",
            flush=True,
        )


def _ratio(costs: dict[str, list[Run]], name: str) -> float:
    """Their CPU for a line over ours: the median of what each round gives."""
    return median(a.cpu / b.cpu for a, b in zip(costs[name], costs[OURS], strict=True))


def _peak(ours: Client, lines: int) -> float:
    run = ours.run(lines // PAGE)
    print(f"{lines:,} lines: {run.memory:.0f} MB at the peak, {run.wall:.0f} s", flush=True)
    return run.memory


if __name__ == "__main__":
    sys.exit(main())
