"""Both engines say the same of the same logstores: the service's SQL, and pulled lines."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from sandbox.simulate.port import Port
from tests.contract.test_by_sql import Sides
from tests.faults.lines import BEGIN, Batch, Row, Written, shipped, written
from tests.faults.seeded import FAULTS, Fault
from workflows.apps import Proving
from workflows.errors import NotYet
from workflows.ports import Line, Lines
from workflows.proof.comparison import Comparison
from workflows.proof.verdict import Verdict, judged
from workflows.step import Context
from workflows.steps import by_pull, by_sql
from workflows.steps.comparing import compare

ENDLESS = "a host ten minutes late"  # what came already is the same as with a host that is missing
SEEDED = {name: fault for name, fault in FAULTS.items() if name != ENDLESS}


def a_minute(rng: random.Random, at: int) -> Written:
    """Lines about one compared minute that begins at BEGIN, with fields that the config makes."""
    while (whole := written(rng, 40)).minutes > 1:
        pass
    return replace(
        whole,
        files={place: tuple(_told(row, at) for row in rows) for place, rows in whole.files.items()},
    )


def _told(row: Row, at: int) -> Row:
    said = " ".join(value for _, value in row.fields)
    return row._replace(fields=(("time", str(row.time - BEGIN + at)), ("message", said)))


def write(sides: Sides, side: str, batches: list[Batch]) -> None:
    later = sides.start - BEGIN
    for one in batches:
        lines = tuple(Line(row.time + later, row.fields) for row in one.rows)
        if lines:
            sides.wrote(side, Lines(lines, source=one.address, tags=(("__path__", one.path),)))


def asked(sides: Sides, whole: Written) -> Context:
    expected = {name: {"ip": ip} for name, ip in whole.addresses.items()}
    context = sides.context
    return replace(context, known={**context.known, "hosts": {"expected": expected}})


def told(found: Comparison, whole: Written) -> tuple[object, ...]:
    """The verdict with what it rests on; the engine, and files, may be others."""
    verdict = judged(found, whole.addresses, {}, 1, 1).verdict
    minutes = [(one.start, one.source, one.target, one.equal) for one in found.minutes[:1]]
    hosts = sorted(one.host for one in found.hosts if not one.equal)
    places = sorted({(one.minute, one.host) for one in found.differing})
    return verdict, minutes, hosts, places


def compared(seed: str, fault: Fault | None, side: str) -> tuple[Verdict, object, object]:
    rng, sides = random.Random(seed), Sides()
    whole = a_minute(rng, sides.start)
    held = {each: shipped(rng, whole.files) for each in ("source", "target")}
    if fault:
        held[side] = fault(rng, whole, held[side])
    for each, batches in held.items():
        write(sides, each, batches)
    state = {"from": sides.start}
    by_asking, _ = by_sql.compared(asked(sides, whole), state)
    by_reading, _ = by_pull.compared(asked(sides, whole), state)
    verdict = judged(by_asking, whole.addresses, {}, 1, 1).verdict
    return verdict, told(by_asking, whole), told(by_reading, whole)


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("kind", SEEDED)
def test_both_engines_find_a_mistake_in_the_same_minute_and_host(kind: str, side: str) -> None:
    verdict, by_asking, by_reading = compared(kind, SEEDED[kind], side)

    assert verdict is Verdict.DIFFERENT
    assert by_asking == by_reading


class HalfIndexed:
    """A target whose SQL does not show its newest lines, though they are counted."""

    def __init__(self, target: Any) -> None:
        self.target, self.asked = target, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.target, name)

    def ask(self, *asked: Any) -> Any:
        self.asked += 1
        return self.target.ask(*asked)[:-1]


def test_what_sql_calls_different_is_decided_by_the_lines_share_by_share() -> None:
    sides, kept = Sides(), dict[str, Any]()
    sides.both("a", "b", "c")
    sides.both("d", "e", "f", at=5)
    sides.both("g", "h", "i", host="h2")
    target: Any = HalfIndexed(sides.sides["target"])
    found, looks = None, 0
    while found is None and (looks := looks + 1) < 20:
        context = replace(
            sides.context, target=target, proving=Proving(rate=1), jot=kept.update,
            remember=kept.update,
            known={**sides.context.known, "proof": {"from": sides.start, **kept}},
        )  # fmt: skip
        try:
            found = compare(context)
        except NotYet:
            continue

    assert found is not None
    assert (looks > 2, target.asked) == (True, 1)
    assert (found.judged.verdict, found.found.engine) == (Verdict.EQUAL, "pull")
    assert found.found.target == 9


def test_late_lines_of_other_hosts_hold_nobody_up() -> None:
    sides, kept = Sides(), dict[str, Any]()
    sides.both("a", "b")
    sides.both("c", host="h2")
    for engine in ("sql", "pull"):
        known = {**sides.context.known, "proof": {"from": sides.start, **kept}}
        own = replace(sides.context, jot=kept.update, remember=kept.update, known=known)
        found = compare(own)
        sides.writes("source", "late", host="10.9.9.9")

        assert (found.judged.verdict, found.found.engine) == (Verdict.EQUAL, engine)


@pytest.mark.parametrize("exact", [False, True])
def test_a_simulated_port_sums_up_what_the_real_one_does(exact: bool) -> None:
    rng, sides = random.Random("port"), Sides()
    whole = a_minute(rng, sides.start)
    write(sides, "target", shipped(rng, whole.files))
    logstore = sides.server.state.projects["shop-a"].logstores["app-b"]
    simulated = Port(lambda _logstore: [tape.groups() for tape in logstore.tapes])
    asked = ("app-b", sides.now - 600, sides.now + 600)
    real, ours = (
        list(port.scan(*asked, exact=exact)) for port in (sides.sides["target"], simulated)
    )

    assert sum(cell.lines for page in ours for cell in page.cells.values()) > 40
    assert [(page.shard, page.cells, page.begun, page.late, page.received) for page in ours] == [
        (page.shard, page.cells, page.begun, page.late, page.received) for page in real
    ]


@pytest.mark.parametrize("seed", ["one", "two", "three"])
def test_both_engines_call_equal_sides_equal(seed: str) -> None:
    verdict, by_asking, by_reading = compared(seed, None, "")

    assert verdict is Verdict.EQUAL
    assert by_asking == by_reading
