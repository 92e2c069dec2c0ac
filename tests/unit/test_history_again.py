"""The past of an app that was moved before, or whose logstore, hosts or jobs are many or others'."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from tests.crash.history_world import BEGAN, FROM, LIVE, NOW, ROLES, World, lines
from tests.crash.world import ALICE, APP, Wrap
from tests.unit.test_history import BY_SERVICE, a_move
from workflows.apps import Prices, Proving
from workflows.errors import NotYet, Refused
from workflows.model import Facts, Job, JobState
from workflows.ports import Scanned
from workflows.proof.cells import Cell, Place
from workflows.since import asked_for
from workflows.steps.behind import AHEAD
from workflows.steps.history import by_service, past, seam
from workflows.steps.history.job import Copy
from workflows.steps.history.sums import PLACES, Sums
from workflows.steps.history.window import Past, described

DAY = 86_400
SIMPLE = {"inputDetail": {"logType": "common_reg_log", "timeFormat": ""}}
CONFIG = {"name": "app-b", "form": "classic", "groups": ["g"], "body": SIMPLE}
FOUND: Facts = {"logstore": {}, "index": None, "configs": [CONFIG], "readers": [], "unseen": [], "owner": "1",
         "region": "here", "shards": 1, "groups": {}}  # fmt: skip


def before(job: Job, row: str, facts: Facts) -> Job:
    return job.noted(row, before=facts)


class Before(World):
    """An earlier move brought some of the past into the logstore, and was rolled back."""

    def _past(self) -> None:
        super()._past()
        for one in list(self.source.held["old-logs"])[3:9]:
            self.target.arrive("app-b", one)


@pytest.mark.parametrize("app", [APP, BY_SERVICE], ids=["copier", "service"])
def test_what_an_earlier_move_left_in_the_logstore_is_not_copied_again(app: Any) -> None:
    world = Before(app).begin(held=FROM)
    state = world.live()

    assert state is JobState.SUCCEEDED, world.told()
    assert world.seen(world.source, "old-logs") == world.seen(world.target, "app-b")


def test_a_logstore_that_was_there_is_read_from_the_window_s_beginning() -> None:
    made = before(a_move(), "destination", {"logstore": None})
    there = before(a_move(), "destination", {"logstore": {"logstoreName": "app-b"}})
    unknown = before(a_move(), "destination", {})
    held = [asked_for("app-b", "2d", [job], NOW)["held"] for job in (made, there, unknown)]

    assert held == [int(made.record("destination").since), NOW - 2 * DAY, NOW - 2 * DAY]


def test_lines_without_a_time_of_their_own_are_refused_for_they_would_be_doubled() -> None:
    job = before(a_move(), "source", {"found": FOUND})

    with pytest.raises(Refused, match="a copy would double them") as no:
        asked_for("app-b", "2d", [job], NOW)
    assert "stays in the source's logstore" in no.value.hint


def test_a_move_is_found_behind_hundreds_of_newer_jobs_of_other_apps() -> None:
    world = World()
    world.store.saved["J0"] = a_move("J0")
    for n in range(250):
        other = replace(a_move(f"K{n}"), app="app-c", created=NOW + n)
        world.store.saved[other.id] = other
    job = world.service.history("app-b", ALICE, "C1", "2d")

    assert job.asked["move"] == "J0"


def test_what_the_agents_may_still_bring_is_left_to_them() -> None:
    world = World()
    context = world.engine().world(None)  # type: ignore[arg-type]
    asked = {"from": FROM, "at": NOW, "began": NOW - 60, "live": NOW - 5, "proven": NOW}
    settled = replace(context, asked=asked, waits=replace(context.waits, settle=60.0))

    assert past.look(settled)["edge"] == NOW - 60


class Noting:
    """The source, with the times from which its pages were asked for."""

    def __init__(self, port: Any, starts: list[int]) -> None:
        self._port, self._starts = port, starts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def pages(self, logstore: str, start: int, *more: Any) -> Any:
        if not any(more[1:]):
            self._starts.append(start)
        return self._port.pages(logstore, start, *more)


def test_lines_of_long_before_those_that_the_agents_brought_are_not_read_for_them() -> None:
    world, starts = World(rate=100_000), list[int]()
    world.source.arrive("old-logs", lines(LIVE - 20, "late"))
    wrap: Wrap = lambda port: Noting(port, starts) if port is world.source else port  # noqa: E731
    world.begin().live(wrap)

    assert LIVE - 20 - AHEAD in starts
    assert world.seen(world.source, "old-logs") == world.seen(world.target, "app-b")


def test_more_hosts_than_anybody_knew_of_make_spans_longer_and_the_job_no_larger() -> None:
    span, hosts = 60, 200
    sums = Sums(0, 6000, NOW, span)
    for minute in range(0, 6000, span):
        cells = {Place(minute, f"10.0.{n // 250}.{n % 250}"): Cell(2, 7) for n in range(hosts)}
        sums = sums.plus(Scanned(0, str(minute), cells))
    places = sums.cells["source"]

    assert len(places) <= PLACES
    assert sum(cell.lines for cell in places.values()) == 2 * hosts * 100
    assert {at % sums.span for at, _ in places} == {0}
    assert Sums.of(sums.facts) == sums


def test_spans_are_the_same_on_both_sides_whichever_had_more_hosts() -> None:
    page = Scanned(0, "1", {Place(60, "h"): Cell(1, 5), Place(120, "h"): Cell(1, 6)})
    sums = replace(Sums(0, 6000, NOW, 60).plus(page), side="target").plus(page).coarser()

    assert sums.cells["source"] == sums.cells["target"] == {
        (0, "h"): Cell(1, 5),
        (120, "h"): Cell(1, 6),
    }  # fmt: skip


@pytest.mark.parametrize("status", ["STARTING", "RESTARTING", "STOPPING"])
def test_a_copying_job_that_is_about_to_change_is_not_deleted_under_its_feet(status: str) -> None:
    world = World(replace(APP, roles=ROLES))
    context = world.engine().world(None)  # type: ignore[arg-type]
    configuration = {"logstore": "old-logs", "fromTime": 0, "toTime": BEGAN, "sinks": [{}]}
    world.source.into = None
    world.source.create_copying({"name": "one", "configuration": configuration})
    world.source.status = status

    with pytest.raises(NotYet, match=status.lower()):
        by_service.delete(context, {"name": "one"})
    assert "one" in world.source.copies


def the_past(**facts: Any) -> Past:
    about: Facts = {"start": FROM, "asked": FROM, "seam": FROM, "edge": LIVE, "until": NOW}
    return Past(**{**about, "tail": {"runs": [], "lines": 3}, **facts})


def test_without_a_count_neither_a_size_nor_a_price_is_told() -> None:
    context = World().engine().world(None)  # type: ignore[arg-type]
    priced = replace(context, prices=Prices("CNY", 1.0, 1.0))
    unknown, counted = (
        " ".join(described(priced, the_past(lines=lines, size=size)))
        for lines, size in ((None, 0), (7, 2_000_000_000))
    )

    assert "CNY" not in unknown
    assert "MB" not in unknown
    assert "about 7 lines, 2,000.0 MB" in counted
    assert "4.00 CNY" in counted


def test_old_lines_behind_the_seam_stay_even_with_roles_and_that_is_told_before() -> None:
    world = World(BY_SERVICE)
    old = NOW - 9 * DAY
    world.source.arrive("old-logs", lines(old, "from a quiet file"))
    world.target.arrive("app-b", replace(lines(old, "from a quiet file"), received=LIVE - 5))
    world.source.arrive("old-logs", lines(old + 60, "behind it"))
    context = replace(
        world.engine().world(None),  # type: ignore[arg-type]
        asked={"from": old - 60, "at": NOW, "began": BEGAN, "live": LIVE, "proven": NOW},
        proving=Proving(rate=100_000),
    )
    found = Past.of(past.look(context))

    assert found.by_service
    assert found.old == 2
    assert "2 lines of before stay in the source alone; they lie behind" in " ".join(
        described(context, found)
    )


def test_who_asks_for_what_is_gone_is_not_told_to_ask_for_more() -> None:
    world = World()
    world.source.held["old-logs"].clear()
    state = world.begin(**{"from": NOW - 60 * DAY}).live()

    assert state is JobState.STOPPED
    assert "does not keep any more" in world.job.hint


class Reread:
    """The target, with how often what its agents brought is read again."""

    def __init__(self, port: Any, seen: list[int]) -> None:
        self._port, self._seen = port, seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def between(self, *where: Any) -> Any:
        self._seen.append(1)
        return self._port.between(*where)


@pytest.mark.parametrize("parts", [1, 3])
def test_what_the_agents_brought_is_not_read_anew_for_each_share_of_older_lines(parts: int) -> None:
    world, seen, kept = World(rate=1), list[int](), dict[str, Facts]()
    world.source.arrive("old-logs", lines(LIVE - 20, "twice", "tail 1"))
    asked = {"from": FROM, "at": NOW, "began": BEGAN, "live": LIVE, "proven": NOW, "hosts": {}}
    context = replace(world.engine().world(None), asked=asked, keep=kept.update)  # type: ignore[arg-type]
    quick = replace(context, proving=Proving(rate=100_000))
    known = {"past": past.look(quick)}
    known["copy"] = by_service.look(replace(quick, known=known))
    noting: Any = Reread(world.target, seen)
    context, looks = replace(context, known=known, target=noting), 0
    kept["copy"] = Copy(parts=parts).facts
    while "whole" not in kept:
        looks += 1
        with suppress(NotYet):
            seam.copy(context, kept)

    assert looks > 10
    assert len(seen) < looks / 2
    assert world.seen(world.source, "old-logs") == world.seen(world.target, "app-b")


class Later(World):
    """While people think it over, a host comes back whose agent brings lines of long ago."""

    def _agree(self) -> None:
        if self.job.state is JobState.WAITING:
            old = self.source.held["old-logs"][0]
            self.target.arrive("app-b", replace(old, received=int(self.clock.now())))
        super()._agree()


def test_older_lines_that_come_before_the_click_are_not_doubled_by_the_service() -> None:
    world = Later(BY_SERVICE).begin()
    state = world.live()
    extra = world.seen(world.target, "app-b") - world.seen(world.source, "old-logs")

    assert state is JobState.STOPPED
    assert "have brought older lines meanwhile" in world.job.reason
    assert extra.total() == 0
    assert world.source.copies == {}
