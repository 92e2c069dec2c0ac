"""The lines behind a difference, as people read them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.pull_kit import FILE, SETTLE, START, World, line, parcel
from workflows.ports import Line
from workflows.steps import drill
from workflows.steps.drill import drilled

LINES = parcel("h1", *(line(START + n, f"text {n}", status="200") for n in range(9)))
FIRST = f"h1 {FILE} 2023-11-14 22:14:00Z: "
SHOWN = "content=text 0, status=200"


def samples(*target: Line, world: World | None = None) -> tuple[str, ...]:
    here = world or World()
    here.source.add(LINES)
    here.target.add(replace(LINES, lines=(*target, *LINES.lines[1:])))
    return drilled(here.context(), here.look(START + 120 + SETTLE))


def test_a_lost_line() -> None:
    assert samples() == (f"{FIRST}lost: {SHOWN}",)


def test_a_doubled_line() -> None:
    first = LINES.lines[0]

    assert samples(first, first) == (f"{FIRST}doubled in the target: {SHOWN}",)


def test_an_altered_line_names_the_field() -> None:
    other = line(START, "text 0", status="500")

    assert samples(other) == (f"{FIRST}altered, status=200 became status=500: {SHOWN}",)


def test_a_field_that_is_missing_is_named() -> None:
    assert samples(line(START, "text 0")) == (
        f"{FIRST}altered, status=200 became no status: {SHOWN}",
    )


@pytest.mark.parametrize("by", [1, 59, 61])
def test_a_misdated_line_tells_by_how_much(by: int) -> None:
    moved = replace(LINES.lines[0], time=START + by)

    assert samples(moved) == (f"{FIRST}misdated, +{by} s in the target: {SHOWN}",)


def test_a_line_that_only_the_target_has() -> None:
    more = line(START + 3, "surplus")
    at = FIRST.replace("14:00", "14:03")

    assert samples(LINES.lines[0], more) == (f"{at}in the target only: content=surplus",)


def test_secrets_are_masked_and_the_rest_is_short() -> None:
    world = World()
    world.source.add(
        parcel("h1", line(START + 1, "x " * 500 + "end", token="abc", n="LTAI5tQ8x7Yk2m"))
    )
    said = samples(LINES.lines[0], world=world)

    assert len(said) == 1
    assert len(said[0]) <= 300
    assert "LTAI" not in said[0]
    assert "abc" not in said[0]


def test_nothing_in_a_sample_passes_for_a_mark_of_ours() -> None:
    world = World()
    world.source.add(parcel("h1", line(START + 1, "<!channel> \x1b[2J")))

    assert samples(LINES.lines[0], world=world)[0].endswith("content=‹!channel› \\x1b[2J")


def test_no_more_than_a_few_samples_are_shown_of_a_host_that_is_missing() -> None:
    world = World()
    world.source.add(*(parcel("h2", line(START + n, f"{n}")) for n in range(50)))

    assert len(samples(LINES.lines[0], world=world)) == drill.SAMPLES


def test_a_minute_of_many_lines_is_gone_through_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill, "MOST", 2)

    assert samples() == (f"{FIRST}lost: {SHOWN}",)


def test_the_same_difference_is_looked_into_once() -> None:
    world = World()
    said = samples(world=world)
    found, pages = world.look(START + 121 + SETTLE), world.target.pages
    world.known["proof"] = world.noted

    assert drilled(world.context(), found) == said
    assert world.target.pages == pages
