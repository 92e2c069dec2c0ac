"""Lines that an agent which began anew sent once more, for one side only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.pull_kit import MADE, SETTLE, START, World, line, parcel
from workflows.ports import Lines
from workflows.proof.comparison import Comparison
from workflows.steps import by_content
from workflows.steps.files import HostFiles, Looked
from workflows.steps.sent_again import but_sent_again

AGAIN = START + 300  # when the agent sends again
END = AGAIN + 300


def read(at: int, *texts: str) -> Lines:
    return parcel("h1", *(line(at, text) for text in texts), received=at + 1)


def world() -> World:
    here = World(engine=by_content)
    here.target.add(read(MADE + 1, "before"))
    here.both(read(START + 70, "a", "b", "c"))
    here.both(read(AGAIN + 100, "after"))
    return here


def told(here: World, began: int = AGAIN - 5) -> Comparison:
    here.look(END)
    found = here.look(END + 3 * SETTLE)
    seen = Looked(END, {"h1": HostFiles(END, (), started=began)})
    found, here.state = but_sent_again(here.context(), found, seen, here.state)
    return found


@pytest.mark.parametrize("side", ["source", "target"])
def test_what_is_read_again_for_one_side_only_makes_no_difference(side: str) -> None:
    here = world()
    getattr(here, side).add(read(AGAIN, "b", "c"))
    found = told(here)

    assert (found.differing, found.open) == ((), "")
    assert (found.repeated, found.restarts) == ((2, 0) if side == "source" else (0, 2))
    assert here.look(END + 5 * SETTLE).differing == ()


def test_of_an_agent_that_did_not_begin_anew_they_are_a_difference() -> None:
    here = world()
    here.target.add(read(AGAIN, "b", "c"))

    assert told(here, began=START - 10_000).differing


def test_a_line_that_one_side_never_had_is_lost_however_often_it_was_sent() -> None:
    here = world()
    here.source.add(read(START + 75, "d", "e"), read(AGAIN, "d", "e"))
    found = told(here)

    assert [(one.source, one.target) for one in found.differing] == [(2, 0)]


def test_words_that_come_all_the_time_are_not_taken_for_a_line_read_again() -> None:
    here = world()
    for at in range(100, 260, 40):
        here.both(read(START + at, f"x{at}", "beat"))
    here.source.add(read(AGAIN, "y", "beat"))
    here.target.add(replace(read(AGAIN, "y")))

    assert told(here).differing
