"""However lines are cut into pages, ordered and delayed, and whoever dies: one and the same answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.pull_kit import HOSTS, SETTLE, START, Shards, World, line, parcel
from workflows.ports import Lines
from workflows.proof.comparison import Comparison

END = START + 240
LATE = 400  # seconds; whatever comes has come by then
ENOUGH = END + LATE + 2 * SETTLE + 60

PARCELS = st.lists(
    st.builds(
        lambda host, second, texts: parcel(
            host, *(line(START + second + n, text, n="1") for n, text in enumerate(texts))
        ),
        st.sampled_from(sorted(HOSTS)),
        st.integers(0, 200),
        st.lists(st.sampled_from("abc"), min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=12,
)
DELAYS = st.lists(st.integers(0, LATE), min_size=12, max_size=12)
LOOKS = st.lists(st.integers(START, ENOUGH), max_size=4).map(sorted)
SIDES = st.builds(
    Shards,
    size=st.integers(1, 3),
    page=st.integers(1, 4),
    away=st.frozensets(st.integers(1, 30), max_size=4),
)


def turned(one: Lines) -> Lines:
    """The same with each line's fields in the opposite order."""
    return replace(one, lines=tuple(replace(x, fields=x.fields[::-1]) for x in one.lines))


def delayed(parcels: list[Lines], delays: list[int]) -> list[Lines]:
    pairs = zip(parcels, delays, strict=False)
    return [replace(one, received=one.received + delay) for one, delay in pairs]


def seen(world: World, looks: list[int], source: list[Lines], target: list[Lines]) -> Comparison:
    """The last of several looks; at each there is what had been received by then."""
    at = START - 1_000
    for look in (*looks, ENOUGH, ENOUGH + 1, ENOUGH + SETTLE + 2):
        for side, parcels in ((world.source, source), (world.target, target)):
            side.add(*(one for one in parcels if at <= one.received < look))
        at = max(at, look)
        found = world.look(look)
    return found


def by_minute(parcels: list[Lines]) -> Counter[int]:
    return Counter(one.time // 60 * 60 for each in parcels for one in each.lines)


def by_host(parcels: list[Lines]) -> Counter[str]:
    return Counter({name: _of(parcels, ip) for name, ip in HOSTS.items()})


def _of(parcels: list[Lines], ip: str) -> int:
    return sum(len(each.lines) for each in parcels if each.source == ip)


@given(PARCELS, DELAYS, DELAYS, LOOKS, SIDES, SIDES, st.sampled_from((0.1, 1e9)), st.booleans())
@settings(deadline=None, max_examples=150)
def test_the_same_lines_are_equal_however_they_come_and_whoever_dies(
    parcels: list[Lines],
    sooner: list[int],
    later: list[int],
    looks: list[int],
    source: Shards,
    target: Shards,
    rate: float,
    turn: bool,
) -> None:
    world = World(source, target, rate=rate)
    there = [turned(one) for one in parcels] if turn else parcels
    found = seen(world, looks, delayed(parcels, sooner), delayed(there, later)[::-1])

    minutes = {one.start: (one.source, one.target) for one in found.minutes if one.source}
    assert minutes == {minute: (n, n) for minute, n in by_minute(parcels).items()}
    assert {one.host: one.source for one in found.hosts} == by_host(parcels)
    assert all(one.equal for one in found.minutes)
    assert all(one.equal for one in found.hosts)
    assert (found.differing, found.open, found.late, found.strange) == ((), "", 0, 0)


def lost(one: Lines) -> list[Lines]:
    return [replace(one, lines=one.lines[1:])]


def doubled(one: Lines) -> list[Lines]:
    return [replace(one, lines=(one.lines[0], *one.lines))]


def altered(one: Lines) -> list[Lines]:
    first = replace(one.lines[0], fields=(("content", "z"), ("n", "1")))
    return [replace(one, lines=(first, *one.lines[1:]))]


def misdated(one: Lines) -> list[Lines]:
    first = replace(one.lines[0], time=one.lines[0].time + 1)
    return [replace(one, lines=(first, *one.lines[1:]))]


def of_another_host(one: Lines) -> list[Lines]:
    other = next(ip for ip in HOSTS.values() if ip != one.source)
    return [replace(one, source=other)]


FAULTS = st.sampled_from((lost, doubled, altered, misdated, of_another_host))


@given(PARCELS, DELAYS, LOOKS, SIDES, SIDES, FAULTS, st.integers(0, 11))
@settings(deadline=None, max_examples=150)
def test_one_fault_is_never_equal(
    parcels: list[Lines],
    delays: list[int],
    looks: list[int],
    source: Shards,
    target: Shards,
    fault: object,
    where: int,
) -> None:
    where %= len(parcels)
    assert callable(fault)
    wrong = [*parcels[:where], *fault(parcels[where]), *parcels[where + 1 :]]
    found = seen(World(source, target), looks, delayed(parcels, delays), delayed(wrong, delays))

    assert not all(one.equal for one in found.minutes)
    assert not all(one.equal for one in found.hosts)
    assert found.differing
