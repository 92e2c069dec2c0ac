"""Lines that an agent read again for one side only make no difference; anything else still does."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from sandbox.simulate.clock import VirtualClock
from sandbox.simulate.port import Port
from sandbox.simulate.product import WAITS, Asking, context
from tests.faults.lines import BEGIN, Batch, Written, shipped, written
from tests.faults.seeded import FAULTS
from workflows.apps import Proving
from workflows.errors import NotYet
from workflows.model import Facts
from workflows.proof.comparison import Comparison
from workflows.proof.reread import Sent, reread
from workflows.proof.verdict import Verdict
from workflows.step import Context
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

    def read_again(self, side: str, since: int = BEGIN) -> None:
        """One host's lines of some time, sent once more."""
        here = [one for one in self.sides[side] if all(row.time >= since for row in one.rows)]
        some = [one for one in here if one.address == here[0].address][:3]
        again = [replace(one, received=one.received + DOWN) for one in some]
        self.sides[side] = sorted([*self.sides[side], *again], key=lambda one: one.received)

    def seed(self, kind: str, side: str) -> None:
        self.sides[side] = FAULTS[kind](self.rng, self.whole, self.sides[side])

    def compared(self, began: int) -> tuple[Context, Comparison, Looked, Facts]:
        """Of agents that began then."""
        clock = VirtualClock(self.whole.end + WAITS.settle)
        ports = (_port(self.sides["source"], clock), _port(self.sides["target"], clock))
        known = context(self.whole.addresses, clock, ports)
        asking = Asking(known, by_pull.compared, {"from": BEGIN})
        asking.look()
        assert asking.found
        seen = HostFiles(int(clock.now()), (), started=began)
        looked = Looked(clock.now(), dict.fromkeys(self.whole.addresses, seen))
        return known, asking.found, looked, asking.state

    def judged(self, began: int = BEGIN + 1) -> tuple[Verdict, Verdict]:
        """Before and after what was read again is left alone."""
        known, found, looked, state = self.compared(began)
        asking = Asking(known, by_pull.compared, state, found)
        before = asking.judged({}).verdict
        asking.found = but_reread(known, found, looked, state)
        return before, asking.judged({}).verdict


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

    assert world.judged(began=BEGIN - 9999) == (Verdict.DIFFERENT, Verdict.DIFFERENT)


def test_lines_of_after_the_agent_began_were_not_there_to_be_read_again() -> None:
    world = World("three")
    world.read_again("source", since=BEGIN + 180)

    assert world.judged(began=BEGIN + 170)[1] is Verdict.EQUAL
    assert world.judged(began=BEGIN + 30)[1] is Verdict.DIFFERENT


def test_a_minute_is_searched_once_and_share_by_share() -> None:
    world, looks = World("one"), list[str]()
    world.read_again("source")
    asked, found, seen, _ = world.compared(BEGIN + 1)
    kept = dict[str, Any]()
    tight = replace(asked, proving=Proving(rate=0), jot=kept.update, say=looks.append)
    while True:
        now = replace(tight, known={**asked.known, "proof": dict(kept)})
        try:
            healed = but_reread(now, found, seen)
            break
        except NotYet:
            continue
    searched = len(looks)
    again = but_reread(replace(tight, known={**asked.known, "proof": dict(kept)}), found, seen)

    assert not healed.differing
    assert again == healed
    assert searched == len(looks) == sum(not minute.equal for minute in found.minutes)


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
