"""The source's gap is filled once, whatever dies on the way, and told in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crash.world import APP, WAITS, A, B, Killed
from tests.fake_hosts import FakeHosts
from tests.fake_sls import FakeSls
from tests.fakes import FakeClock
from workflows.errors import ClaimLost, Denied, NotYet, StepFailed, Unavailable
from workflows.model import Facts
from workflows.ports import Line, Lines
from workflows.step import Context
from workflows.steps import filling, parts, reverse
from workflows.steps.filling import Gap, filled, opened

DAY = 86_400
NOW = 1_700_000_000
STOPPED, ATTACHED = NOW - 600, NOW - 60
LEVEL = NOW - 40
HOSTS = ("h1", "h2")
Each = Callable[[Lines], None]


class Sides:
    """Both logstores, and what the job keeps."""

    def __init__(self, now: float = NOW) -> None:
        self.clock = FakeClock(now)
        self.source, self.target = FakeSls(B, self.clock), FakeSls(A, self.clock)
        for sls, name in ((self.source, "old-logs"), (self.target, "app-b")):
            sls.create_logstore({"logstoreName": name, "ttl": 30})
            sls.create_index(name, {})
        self.source.journal.clear()
        self.kept: Facts = {}
        self.known: dict[str, Facts] = {}

    def context(self, source: Any = None, ours: Callable[[], None] = lambda: None) -> Context:
        hosts: Any = FakeHosts({})
        return Context(
            APP, WAITS, hosts, source or self.source, self.target, self.clock,
            keep=self.kept.update, ours=ours, known=self.known,
        )  # fmt: skip

    def gap(self, context: Context) -> Gap:
        if "gap" not in self.kept:
            self.kept["gap"] = opened(context, STOPPED, ATTACHED, LEVEL).facts
        return Gap.of(self.kept["gap"])

    def fill(self, context: Context | None = None, end: int = LEVEL) -> Gap:
        """Call again as the engine does, until it is done."""
        context = context or self.context()
        while True:
            try:
                return filled(context, self.gap(context), end)
            except NotYet:
                self.clock.tick(10)

    def held(self, sls: FakeSls, name: str) -> Counter[tuple[Any, ...]]:
        """Every line there is, by all that the test can see of it."""
        return Counter(
            (one.source, line.time, line.fields) for one in sls.held[name] for line in one.lines
        )


def lines(time: int, *texts: str, host: str = "h1", received: int | None = None) -> Lines:
    made = tuple(Line(time, (("content", text),)) for text in texts)
    tags = (("__hostname__", host), ("__pack_id__", "A-1"))
    return Lines(made, source=host, tags=tags, received=time if received is None else received)


class Dying:
    """The source, whose n-th write is the worker's last; before its effect or after it."""

    def __init__(self, sls: FakeSls, left: int, *, after: bool) -> None:
        self._sls, self._left, self._after = sls, left, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sls, name)

    def put(self, logstore: str, some: Lines) -> None:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Killed
        self._sls.put(logstore, some)
        if self._left == 0:
            raise Killed


MINUTES = st.integers(STOPPED + 10, NOW - 100)
SOME = st.lists(
    st.tuples(MINUTES, st.lists(st.sampled_from("xyz"), max_size=5), st.sampled_from(HOSTS)),
    max_size=8,
)


@settings(deadline=None, max_examples=60)
@given(SOME, SOME, st.integers(1, 9), st.booleans(), st.integers(2, 9))
def test_a_death_at_any_write_leaves_the_same_lines_and_the_same_figures(
    target: list[Any], source: list[Any], point: int, after: bool, most: int
) -> None:
    ends = []
    for die in (False, True):
        sides = Sides()
        for time, texts, host in target:
            sides.target.arrive("app-b", lines(time, *texts, host=host))
        for time, texts, host in source:
            again = lines(time, *texts, host=host, received=ATTACHED + 5)
            sides.source.arrive("old-logs", again)
        wanted = sides.held(sides.target, "app-b") | sides.held(sides.source, "old-logs")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(filling, "MOST", most)
            patch.setattr(filling, "SHARE", most)
            patch.setattr(parts, "AT_ONCE", 2)
            if die:
                dying: Any = Dying(sides.source, point, after=after)
                try:
                    sides.fill(sides.context(dying))
                except Killed:
                    sides.clock.tick(30)
            gap = sides.fill()
        assert sides.held(sides.source, "old-logs") == wanted
        ends.append((gap.written, gap.again, gap.first, gap.last, gap.late))

    assert ends[0] == ends[1]


def test_what_lacks_is_written_with_host_and_tags_and_told() -> None:
    sides = Sides()
    sides.target.arrive("app-b", lines(STOPPED + 100, "a", "b", "b"))
    sides.source.arrive("old-logs", lines(STOPPED + 100, "a", "a", received=ATTACHED + 3))
    gap = sides.fill()

    (put,) = sides.source.held["old-logs"][1:]
    assert [line.fields[0][1] for line in put.lines] == ["b", "b"]
    assert put.tags == (("__hostname__", "h1"), ("__pack_id__", "A-1"))
    assert reverse.told(sides.context(), gap) == (
        "gap 2023-11-14 22:05:00Z to 2023-11-14 22:05:00Z: 2 lines of the target written into "
        "the source, none could not be; the source's agents repeated 1 line"
    )


def test_lines_from_before_the_stop_that_agents_read_again_are_counted() -> None:
    sides = Sides()
    early = lines(STOPPED - 3000, "a", "b")
    sides.source.arrive("old-logs", early)
    sides.source.arrive("old-logs", replace(early, received=ATTACHED + 3))

    assert sides.fill().again == 2
    assert sides.source.journal == []


def test_lines_that_came_hours_late_are_found_all_the_same() -> None:
    sides = Sides(NOW + DAY)
    sides.target.arrive("app-b", lines(STOPPED + 100, "late", received=NOW + DAY - 100))
    sides.source.arrive("old-logs", lines(STOPPED + 90, "late too", received=NOW + DAY - 100))
    sides.target.arrive("app-b", lines(STOPPED + 90, "late too"))

    assert sides.fill().written == 1


def a_gap_of_old(sides: Sides, attached: int) -> None:
    """Stopped a day ago, attached again at that time; the piece is tried only now."""
    now = int(sides.clock.now())
    start = STOPPED // 4 * 4
    gap = Gap(start, start, LEVEL, attached, began=attached + 60, tried=now)
    sides.kept["gap"] = gap.facts


def test_what_the_index_does_not_know_yet_is_seen_all_the_same() -> None:
    """Counts of old lines are behind: they never say that a line is missing."""
    sides = Sides(NOW + DAY)
    a_gap_of_old(sides, NOW + DAY - 7200)
    sides.target.arrive("app-b", lines(STOPPED + 100, "read again", "ours"))
    sides.source.arrive("old-logs", lines(STOPPED + 100, "read again", received=NOW + DAY - 7190))
    sides.source.arrive("old-logs", lines(STOPPED + 100, "ours", received=NOW + DAY + 2))
    sides.source.count = lambda *_: 0  # type: ignore[method-assign]
    sides.clock.tick(5)
    gap = sides.fill()

    assert sides.source.journal == []
    assert gap.written == 1


def test_a_service_whose_clock_is_behind_shows_what_was_written() -> None:
    sides = Sides(NOW + DAY)
    a_gap_of_old(sides, NOW + DAY - 7200)
    sides.target.arrive("app-b", lines(STOPPED + 100, "ours"))
    sides.source.arrive("old-logs", lines(STOPPED + 100, "ours", received=NOW + DAY - 30))
    sides.source.count = lambda *_: 0  # type: ignore[method-assign]
    sides.fill()

    assert sides.source.journal == []


def test_lines_that_came_late_into_the_source_are_no_gap() -> None:
    sides = Sides(NOW + DAY)
    a_gap_of_old(sides, NOW + DAY - 7200)
    sides.target.arrive("app-b", lines(STOPPED + 100, "late"))
    sides.source.arrive("old-logs", lines(STOPPED + 100, "late", received=NOW + DAY // 2))
    sides.fill()

    assert sides.source.journal == []


def test_what_is_older_than_seven_days_is_counted_and_stays_where_it_is() -> None:
    sides = Sides(NOW + 7 * DAY - 300)
    sides.target.arrive("app-b", lines(STOPPED + 10, "too old"))
    sides.target.arrive("app-b", lines(STOPPED + 20, "too old as well", "and this"))
    sides.target.arrive("app-b", lines(NOW - 100, "taken"))
    gap = sides.fill()

    assert (gap.late, gap.written) == (3, 1)
    told = reverse.told(sides.context(), gap)
    assert "1 line of the target written into the source, 3 lines could not be" in told
    assert ": in logstore app-b of project shop-a alone (3 lines older than 7 days)" in told


def test_after_one_refusal_nothing_that_is_older_is_tried() -> None:
    sides = Sides(NOW + 30 * DAY)
    for second in range(200):
        sides.target.arrive("app-b", lines(STOPPED + 100 + second, f"line {second}"))
    tried: list[int] = []

    class Counting(Dying):
        def put(self, logstore: str, some: Lines) -> None:
            tried.append(len(some.lines))
            super().put(logstore, some)

    counting: Any = Counting(sides.source, 0, after=False)
    gap = sides.fill(sides.context(counting))

    assert gap.late == 200
    assert tried == [1]


def refusing(text: str, only: str = "") -> type[Dying]:
    class Refusing(Dying):
        def put(self, logstore: str, some: Lines) -> None:
            if not only or any(only in line.fields[0][1] for line in some.lines):
                raise StepFailed(text)
            super().put(logstore, some)

    return Refusing


def test_one_odd_line_keeps_no_other_from_being_written() -> None:
    sides = Sides()
    sides.target.arrive("app-b", lines(STOPPED + 100, "a", "odd", "b", "c", "d"))
    odd: Any = refusing("PostBodyInvalid: no", only="odd")(sides.source, 0, after=False)
    gap = sides.fill(sides.context(odd))

    assert (gap.written, gap.odd) == (4, 1)
    told = reverse.told(sides.context(), gap)
    assert (
        "1 line could not be: in logstore app-b of project shop-a alone (1 line refused: " in told
    )


def test_a_source_that_refuses_everything_stops_the_job() -> None:
    sides = Sides()
    sides.target.arrive("app-b", lines(STOPPED + 100, *map(str, range(300))))
    broken: Any = refusing("ParameterInvalid: no")(sides.source, 0, after=False)

    with pytest.raises(StepFailed, match="ParameterInvalid"):
        sides.fill(sides.context(broken))


@pytest.mark.parametrize("error", [Denied("log:PostLogStoreLogs was denied"), Unavailable("away")])
def test_a_missing_right_and_an_outage_are_no_refusal_of_lines(error: Exception) -> None:
    sides = Sides()
    sides.target.arrive("app-b", lines(STOPPED + 100, "a", "b"))

    class Away(Dying):
        def put(self, logstore: str, some: Lines) -> None:
            raise error

    away: Any = Away(sides.source, 0, after=False)
    with pytest.raises(type(error)):
        sides.fill(sides.context(away))
    assert sides.fill().written == 2


def test_a_write_that_got_through_though_no_answer_came_is_not_repeated() -> None:
    sides = Sides()
    sides.target.arrive("app-b", lines(STOPPED + 100, "a", "b"))

    class Mute(Dying):
        def put(self, logstore: str, some: Lines) -> None:
            super().put(logstore, some)
            raise Unavailable("no answer in time")

    mute: Any = Mute(sides.source, 0, after=False)
    with pytest.raises(Unavailable):
        sides.fill(sides.context(mute))
    gap = sides.fill()

    assert sides.held(sides.source, "old-logs") == sides.held(sides.target, "app-b")
    assert gap.written == 2


def test_each_write_asks_for_the_claim_right_before() -> None:
    sides = Sides()
    sides.target.arrive("app-b", lines(STOPPED + 100, "a", "b"))

    def lost() -> None:
        raise ClaimLost("over")

    with pytest.raises(ClaimLost):
        sides.fill(sides.context(ours=lost))
    assert sides.source.journal == []


def test_lines_of_others_in_a_logstore_that_was_there_before_are_left_alone() -> None:
    sides = Sides()
    sides.known = {
        "destination": {"logstore": {"logstoreName": "app-b"}},
        "hosts": {"expected": {"h1": {"ip": "h1", "unique_id": ""}}},
    }
    sides.target.arrive("app-b", lines(STOPPED + 100, "ours"))
    sides.target.arrive("app-b", lines(STOPPED + 100, "of another app", host="h9"))
    gap = sides.fill()

    assert (gap.written, gap.strange) == (1, 1)
    told = reverse.told(sides.context(), gap)
    assert "1 line of other hosts in the target's logstore left alone" in told


def test_what_the_target_no_longer_keeps_is_said() -> None:
    sides = Sides(NOW + 40 * DAY)

    told = reverse.told(sides.context(), sides.fill())
    assert "the target keeps lines for 30 days: none from before 2023-11-24 22:13:20Z" in told


def test_a_long_gap_is_filled_in_shares_and_each_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "MOST", 50)
    monkeypatch.setattr(filling, "SHARE", 50)
    sides = Sides()
    for second in range(STOPPED, NOW - 100, 4):
        sides.target.arrive("app-b", lines(second, "a", "b"))
    context = sides.context()
    with pytest.raises(NotYet, match=r"filled up to .* lines written"):
        filled(context, sides.gap(context), LEVEL)
    share = Gap.of(sides.kept["gap"])

    assert 0 < share.written < 100
    assert share.done > share.start
    assert sides.fill().written == 250


def test_what_is_too_much_to_be_counted_at_once_is_filled_in_shorter_pieces() -> None:
    sides = Sides()
    for second in range(STOPPED, NOW - 100, 4):
        sides.target.arrive("app-b", lines(second, "a"))
    counted = sides.target.count

    def count(logstore: str, start: int, end: int) -> int:
        if end - start > 100:
            raise NotYet("the count is not complete")
        return counted(logstore, start, end)

    sides.target.count = count  # type: ignore[method-assign]
    assert sides.fill().written == 125


def test_once_both_sides_collect_equal_counts_are_enough_and_others_are_compared() -> None:
    sides = Sides(NOW + 500)
    for second in range(LEVEL, NOW + 400, 4):
        sides.target.arrive("app-b", lines(second, "a"))
        if second != NOW + 100:
            sides.source.lines["old-logs"][second] += 1  # seen in counts alone
    gap = sides.fill(end=NOW + 400)

    assert gap.written == 1
    assert (gap.first, gap.last) == (NOW + 100, NOW + 100)


@pytest.mark.parametrize("most", [2, 7, 1000])
def test_lines_that_read_the_same_and_have_no_time_of_their_own_are_all_filled_in(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = Sides()
    monkeypatch.setattr(filling, "slack", lambda _context: 30)
    monkeypatch.setattr(filling, "MOST", most)
    for time in range(STOPPED + 60, ATTACHED - 60, 10):
        sides.target.arrive("app-b", lines(time, "ping"))
    gap = sides.fill()

    assert sides.held(sides.source, "old-logs") == sides.held(sides.target, "app-b")
    assert gap.written == sides.held(sides.target, "app-b").total()
