"""What filling reads: no more than it has to, and whatever came out of its time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.crash.world import Killed
from tests.unit.test_reverse_fill import DAY, LEVEL, NOW, STOPPED, Sides, lines
from workflows.errors import NotYet
from workflows.steps import filling
from workflows.steps.behind import newest_held
from workflows.steps.filling import Gap

LATER = NOW + 7200  # when a gap of old is filled


class Read:
    """A side of which is counted how many lines were pulled."""

    def __init__(self, sls: Any) -> None:
        self._sls, self.lines = sls, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sls, name)

    def pull(self, *where: Any) -> Any:
        for some in self._sls.pull(*where):
            self.lines += len(some.lines)
            yield some

    def put(self, *written: Any) -> None:
        self._sls.put(*written)
        self._sls.clock.tick(1)


def test_a_gap_with_many_lines_is_not_read_over_and_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces are short there; what is read around each must be in proportion."""
    monkeypatch.setattr(filling, "MOST", 600)
    sides = Sides(LATER)
    gap = Gap(NOW, NOW, LATER - 60, LATER - 60, began=LATER - 30, tried=LATER - 30, tail=LATER - 90)
    sides.kept["gap"] = gap.facts
    for second in range(NOW, LATER - 60):
        sides.target.arrive("app-b", lines(second, "a", "b"))
    source: Any = Read(sides.source)
    target: Any = Read(sides.target)
    sides.source, sides.target = source, target
    gap = sides.fill(end=LATER - 60)

    assert gap.written == 2 * (LATER - 60 - NOW)
    assert target.lines < 4 * gap.written
    assert source.lines < 2 * gap.written


def test_lines_of_a_host_whose_clock_is_hours_behind_are_filled_in_too() -> None:
    sides = Sides()
    both = lines(STOPPED - 7 * 3600 - 100, "before the stop", received=STOPPED - 100)
    sides.target.arrive("app-b", both)
    sides.source.arrive("old-logs", both)
    for hours in (7, 1):
        late = lines(STOPPED - hours * 3600, f"{hours} behind", received=STOPPED + 100)
        sides.target.arrive("app-b", late)
    sides.target.arrive("app-b", lines(STOPPED + 100, "in time"))
    gap = sides.fill()

    assert sides.held(sides.source, "old-logs") == sides.held(sides.target, "app-b")
    assert (gap.written, gap.again) == (3, 0)
    assert gap.first == STOPPED - 7 * 3600


def test_an_app_that_is_silent_beside_another_in_its_logstore_is_taken_back_too() -> None:
    """At night, in a logstore of the target that was there before: others' lines are not awaited."""
    sides = Sides()
    sides.known = {
        "destination": {"logstore": {"logstoreName": "app-b"}},
        "hosts": {"expected": {"h1": {"ip": "h1", "unique_id": ""}}},
    }
    for second in range(NOW - 200, NOW):
        sides.target.arrive("app-b", lines(second, "of another app", host="h9"))

    assert newest_held(sides.context(), NOW - 100) < NOW


def test_days_in_which_both_sides_were_equal_are_looked_at_in_shares() -> None:
    sides = Sides(NOW + DAY)
    looks = 0
    count = sides.source.count

    def counted(logstore: str, start: int, end: int) -> int:
        nonlocal looks
        looks += 1
        return count(logstore, start, end)

    sides.source.count = counted  # type: ignore[method-assign]
    context = sides.context()
    sides.gap(context)
    with pytest.raises(NotYet, match="filled up to"):
        filling.filled(context, sides.gap(context), LEVEL + DAY // 2)

    assert looks < 2000
    assert Gap.of(sides.kept["gap"]).done > LEVEL
    assert sides.fill(end=LEVEL + DAY // 2).done >= LEVEL + DAY // 2


def test_a_death_while_older_lines_are_filled_in_writes_none_twice() -> None:
    sides = Sides()
    for hours in range(1, 20):
        late = lines(STOPPED - hours * 3600, "behind", "behind", received=STOPPED + 100)
        sides.target.arrive("app-b", late)
    writes = 0

    class Mortal(Read):
        def put(self, *written: Any) -> None:
            nonlocal writes
            writes += 1
            if writes == 7:
                raise Killed
            super().put(*written)

    mortal: Any = Mortal(sides.source)
    with pytest.raises(Killed):
        sides.fill(sides.context(mortal))
    sides.clock.tick(20)
    gap = sides.fill()

    assert gap.written == 38
    assert sides.held(sides.source, "old-logs") == sides.held(sides.target, "app-b")
