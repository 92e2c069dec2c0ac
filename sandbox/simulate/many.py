"""Many cut-overs at once, told in their order whatever the number of processes."""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from sandbox.simulate.cutover import CutOver, cut_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

AT_ONCE = 8  # cut-overs handed to a process at a time
BY_CTRL_C = 128 + signal.SIGINT


Play = Callable[[int, int, str], CutOver]  # by seed, number and route


def simulate(
    numbers: Sequence[int], seed: int, route: str, processes: int, play: Play = cut_over
) -> int:
    """Play and print these cut-overs of a seed and their totals; 1 if anything was broken.

    Ctrl-C ends it after the cut-over under way, with 130 and without totals, as they would be of
    fewer cut-overs than were asked for.
    """
    one = partial(_one, play, seed, route)
    with _ctrl_c() as pressed, closing(_played(numbers, one, processes)) as played:
        return _tell(played, len(numbers), route, pressed)


def _tell(
    all_played: Iterable[CutOver], count: int, route: str, pressed: Callable[[], bool]
) -> int:
    totals: Counter[str] = Counter()
    broken = 0
    for played in all_played:
        if pressed():
            return BY_CTRL_C
        for line in chain([played.line], played.complaints):
            print(line, flush=True)
        broken += len(played.complaints)
        totals.update(played.tally.numbers)
    for line in _summary(count, totals, route):
        print(line, flush=True)
    return 1 if broken else 0


def _played(
    numbers: Sequence[int], play: Callable[[int], CutOver], processes: int
) -> Generator[CutOver, None, None]:
    if processes == 1 or len(numbers) == 1:
        yield from map(play, numbers)
        return
    with multiprocessing.Pool(processes, initializer=_leave_ctrl_c_to_the_parent) as pool:
        yield from pool.imap(play, numbers, chunksize=AT_ONCE)


def _one(play: Play, seed: int, route: str, number: int) -> CutOver:
    try:
        return play(seed, number, route)
    except Exception as error:
        error.add_note(f"in cut-over {number}, seed {seed}, route {route}")
        raise


@contextmanager
def _ctrl_c() -> Iterator[Callable[[], bool]]:
    """Only note Ctrl-C; an exception out of nowhere could get lost in a callback."""
    presses: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: presses.append(number))
    try:
        yield lambda: bool(presses)
    finally:
        signal.signal(signal.SIGINT, before)


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _summary(count: int, totals: Counter[str], route: str) -> Iterable[str]:
    more = f"overlap {totals['overlap']}, restart doubles {totals['restarts']}"
    yield more + f", forecast {totals['forecast']}" * (route == "stop-first")
    if totals["files"]:
        share = 100 * totals["within"] / totals["files"]
        yield f"forecast within one line in {share:.1f} % of files"
    if route == "dual":
        yield from _by_the_product(count, totals)
    counts = f"lost {totals['lost']}, doubled {totals['doubled']}"
    yield f"simulate: {count} cut-overs, {totals['written']} lines, {counts}"


def _by_the_product(count: int, totals: Counter[str]) -> Iterable[str]:
    """Where lines have times of their own it counts to the line; it is asked before B ends."""
    more = f"; {totals['uneven']} not, since an agent's restart made the sides differ"
    yield f"by the product's proof {totals['equal']} of {count} were equal before B ended{more}"
    pairs = {"restart doubles in the target": "restarts", "overlap": "overlap"}
    for what, name in pairs.items():
        told, there = totals[f"{name}_told"], totals[f"{name}_there"]
        yield f"{what} by then: {told} by the product, {there} in truth"
