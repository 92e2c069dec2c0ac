"""Lines that an agent read again for one side only make no difference; anything else still does."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from sandbox.simulate.clock import VirtualClock
from sandbox.simulate.port import Port
from sandbox.simulate.product import WAITS, Asking, context
from tests.faults.lines import BEGIN, Batch, Written, shipped, written
from tests.faults.seeded import FAULTS
from workflows.proof.reread import Sent, reread
from workflows.proof.verdict import Verdict
from workflows.steps import by_pull
from workflows.steps.files import HostFiles, Looked
from workflows.steps.rereading import but_reread

SEEDED = [kind for kind in FAULTS if kind != "a host ten minutes late"]
DOWN = 20.0  # seconds for which an agent is away


class World:
    """Both sides of some lines; every agent began anew in the first minute, if at all."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)
        while (whole := written(self.rng, 200)).minutes < WAITS.minutes:
            pass
        self.whole: Written = whole
        self.sides = {side: shipped(self.rng, whole.files) for side in ("source", "target")}

    def read_again(self, side: str) -> None:
        """One host's lines of some time, sent once more."""
        here = [one for one in self.sides[side] if _compared(one)]
        some = [one for one in here if one.address == here[0].address][:3]
        again = [replace(one, received=one.received + DOWN) for one in some]
        self.sides[side] = sorted([*self.sides[side], *again], key=lambda one: one.received)

    def seed(self, kind: str, side: str) -> None:
        self.sides[side] = FAULTS[kind](self.rng, self.whole, self.sides[side])

    def judged(self, *, restarted: bool = True) -> tuple[Verdict, Verdict]:
        """Before and after what was read again is left alone."""
        clock = VirtualClock(self.whole.end + WAITS.settle)
        ports = (_port(self.sides["source"], clock), _port(self.sides["target"], clock))
        known = context(self.whole.addresses, clock, ports)
        asking = Asking(known, by_pull.compared, {"from": BEGIN})
        asking.look()
        assert asking.found
        before = asking.judged({}).verdict
        seen = HostFiles(int(clock.now()), (), started=BEGIN + 1 if restarted else BEGIN - 9999)
        looked = Looked(clock.now(), dict.fromkeys(self.whole.addresses, seen))
        asking.found = but_reread(known, asking.found, looked, asking.state)
        return before, asking.judged({}).verdict


def _compared(one: Batch) -> bool:
    return all(row.time >= BEGIN for row in one.rows)


def _port(batches: list[Batch], clock: VirtualClock) -> Port:
    return Port(lambda _logstore: [batches], clock=clock)


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("seed", ["one", "two", "three"])
def test_lines_that_were_read_again_for_one_side_are_no_difference(seed: str, side: str) -> None:
    world = World(seed)
    world.read_again(side)

    assert world.judged() == (Verdict.DIFFERENT, Verdict.EQUAL)


def test_they_are_one_where_no_agent_began_anew() -> None:
    world = World("one")
    world.read_again("source")

    assert world.judged(restarted=False) == (Verdict.DIFFERENT, Verdict.DIFFERENT)


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("kind", SEEDED)
@pytest.mark.parametrize("again", ["source", "target", ""])
def test_a_restart_hides_no_mistake(kind: str, side: str, again: str) -> None:
    world = World(f"{kind}{side}")
    world.seed(kind, side)
    if again:
        world.read_again(again)

    assert world.judged()[1] is Verdict.DIFFERENT


def test_a_line_that_was_written_twice_and_is_lost_once_is_lost() -> None:
    source, target = Sent(), Sent()
    source.take([(100, ("h1", 7)), (102, ("h1", 7)), (130, ("h1", 8)), (100, ("h1", 8))])
    target.take([(100, ("h1", 7)), (100, ("h1", 8))])

    assert source.again == 1
    assert not reread(source, target)


def test_order_and_shards_say_nothing_about_what_came_first() -> None:
    source, target = Sent(), Sent()
    source.take([(140, ("h1", 7)), (100, ("h1", 7))])
    target.take([(101, ("h1", 7))])

    assert reread(source, target)
