"""The source ends first only under a bound that was accepted, and nobody is left without a collector."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from tests.crash.stop_first_world import LINE, LOG, Losing
from tests.crash.test_crashes import agreeing, approve
from tests.crash.world import ALICE, APP, BOB, World
from workflows.errors import Refused, Unavailable
from workflows.logmigrate import LOGMIGRATE
from workflows.model import (
    DUAL,
    SETTLED,
    STOP_FIRST,
    Event,
    EventKind,
    JobKind,
    JobState,
    RecordState,
)
from workflows.since import asked_for
from workflows.steps.handed_over import Measured, Stretch, between

SOURCE = ("old-config", "old-hosts")
SECONDS = 900


def until(world: Losing, reached: Callable[[Losing], bool]) -> Losing:
    """Until it is reached, with everybody agreeing before."""
    engine = world.engine()
    for _ in range(SECONDS):
        for _job in world.store.due():
            world.look(engine, world.store)
        world.second()
        if reached(world):
            return world
        if world.asked():
            approve(world)
    raise AssertionError(f"is not reached: {world.job.state} {world.job.reason}")


def started(world: Losing | None = None) -> Losing:
    world = world or Losing()
    world.start()
    return world


def asked(world: Losing) -> bool:
    return world.asked() == "lose?"


def stopped(world: Losing) -> bool:
    return world.job.state is JobState.STOPPED


def text_of(world: Losing, kind: EventKind) -> str:
    return world.events(kind)[-1].text


def grow(world: Losing, lines: int) -> None:
    for host in world.hosts.hosts.values():
        host.files[LOG] += lines * LINE


def test_the_card_tells_the_bound_in_bytes_and_lines_host_by_host() -> None:
    world = until(started(), asked)
    card = world.events(EventKind.ASKED)[-1]

    assert card.text.startswith("up to 220.0 kB (")
    assert " lines) may be lost, and up to " in card.text
    assert [host.host for host in card.hosts] == ["h1", "h2", "h3"]
    assert "remove config old-config from machine group old-hosts" in card.lines
    assert world.source.journal == []


def test_a_forecast_above_the_bound_at_the_click_voids_the_approval_and_asks_anew() -> None:
    world = until(started(), asked)
    older = world.job.record("lose?").shown
    grow(world, 5_000)
    approve(world)
    until(world, lambda w: asked(w) and w.job.record("lose?").shown != older)

    assert "220.0 kB" in text_of(world, EventKind.VOID)
    assert world.source.journal == []
    assert "220.0 kB" not in text_of(world, EventKind.ASKED)


def test_a_forecast_within_the_bound_leaves_it_as_it_was_shown() -> None:
    world = until(started(), asked)
    grow(world, 3)
    until(world, lambda w: w.job.record("unbind").state is RecordState.DONE)

    assert world.events(EventKind.VOID) == []


def test_whoever_declines_has_nothing_to_take_back_of_either_side() -> None:
    world = until(started(), asked)
    world.service.decline("J1", "lose?", world.job.record("lose?").shown, BOB)

    assert stopped(world)
    assert "without --stop-first" in world.job.hint
    assert world.source.journal == []
    assert SOURCE in world.source.bound


@pytest.mark.parametrize("ill", ["in containers", "missing"])
def test_without_a_bound_nobody_is_asked(ill: str) -> None:
    world = Losing()
    if ill == "in containers":
        body = world.source.config_bodies["old-config"]
        world.source.config_bodies["old-config"] = {
            **body,
            "inputDetail": {**body["inputDetail"], "dockerFile": True},
        }
    until(started(world), lambda w: w.job.record("bound").state in SETTLED)
    if ill == "missing":
        world.hosts.refuse("h2")
    until(world, stopped)

    assert "how much would be lost cannot be told" in world.job.reason
    assert world.events(EventKind.ASKED) == []
    assert SOURCE in world.source.bound


def _anything(world: Losing) -> Event:
    return world.store.told["J1"][-1]


def test_more_lost_than_accepted_takes_it_back_by_itself() -> None:
    class Near(Losing):
        """Agents begin so near to a file's end that what is written meanwhile is lost."""

        tail = 2

    world = started(Near())
    world = until(world, lambda w: w.job.record("lose?").state is RecordState.DONE)
    record = world.job.record("lose?")
    small = {**record.before, "accepted": {"lost": 100, "again": 9_000, "line": 15.0}}
    world.store.amend(world.job.noted("lose?", before=small), _anything(world))
    until(world, stopped)

    assert "and agreed was: up to 100 bytes" in text_of(world, EventKind.RED)
    assert [e.step for e in world.events(EventKind.TAKEN_BACK)] == ["proof", "both", "unbind"]
    assert SOURCE in world.source.bound
    assert not world.sent.keys() - world.held().keys()


def test_a_cancel_is_refused_while_nobody_collects() -> None:
    world = until(started(), lambda w: w.job.record("unbind").state is RecordState.PROVING)

    with pytest.raises(Refused, match="the target does not collect yet") as refusal:
        world.service.cancel("J1", BOB)
    assert "/logmigrate rollback app-b" in refusal.value.hint
    with pytest.raises(Refused, match="only an approver may roll back"):
        world.service.roll_back("J1", ALICE)


def test_a_target_that_is_away_for_long_brings_the_source_back() -> None:
    world = until(started(), lambda w: w.job.record("unbind").state is RecordState.DONE)
    create, back = world.target.create_config, list[float]()
    world.target.create_config = _away  # type: ignore[method-assign]
    since = world.clock.now()
    until(world, lambda w: SOURCE in w.source.bound)
    back.append(world.clock.now() - since)
    world.target.create_config = create  # type: ignore[method-assign]
    until(world, stopped)

    assert back[0] < 300  # it is not waited for as long as for any other outage
    assert "Collect into the target: creating a config: 503" in world.job.reason
    assert world.collected


def _away(body: object) -> None:
    raise Unavailable("creating a config: 503")


def test_an_error_that_nobody_foresaw_brings_the_source_back_too() -> None:
    world = until(started(), lambda w: w.job.record("unbind").state is RecordState.DONE)
    claim = world.store.claim("J1")
    assert claim is not None
    world.engine().give_up(claim, "3f2a91")

    assert world.job.state is JobState.UNDOING
    assert world.job.back_to == "bound"
    until(world, stopped)
    assert SOURCE in world.source.bound
    assert "3f2a91" in world.job.reason


def test_a_retry_after_going_back_looks_anew_and_asks_anew() -> None:
    world = until(started(), lambda w: w.job.record("unbind").state is RecordState.DONE)
    claim = world.store.claim("J1")
    assert claim is not None
    world.engine().give_up(claim, "3f2a91")
    until(world, stopped)
    world.service.retry("J1", ALICE)
    world.live(agreeing)

    assert world.job.state is JobState.SUCCEEDED
    assert [e.step for e in world.events(EventKind.ASKED)] == ["lose?", "lose?", "delete?"]


def test_taken_back_after_delete_the_younger_config_gets_its_files_again() -> None:
    world = started()
    world.live(agreeing)
    world.service.roll_back("J1", BOB)
    world.live(agreeing)

    assert world.job.state is JobState.UNDONE
    assert not world.sent.keys() - world.held().keys()
    made = next(e for e in world.events(EventKind.TAKEN_BACK) if e.step == "delete")
    assert "was made again" in made.text


def test_the_target_s_config_keeps_the_force_flag_or_a_younger_source_would_get_anything() -> None:
    world = until(started(), lambda w: w.job.record("both").state is RecordState.DONE)

    detail = world.target.config_bodies["app-b"]["inputDetail"]
    assert detail["advanced"]["force_multiconfig"] is True


def test_a_plan_of_this_route_tells_it_and_touches_anything() -> None:
    world, before = Losing(), Losing()
    world.service.plan(APP.name, ALICE, "C1", route=STOP_FIRST)
    while world.job.state is not JobState.SUCCEEDED:
        world.look(world.engine(), world.store)
        world.second()
    lines = world.store.told["J1"][-1].lines
    told = "\n".join(lines)

    assert len(lines) == len(LOGMIGRATE.rows(JobKind.PLAN, STOP_FIRST))
    assert "until the target's config is on every host nobody collects" in told
    assert "the source ends before the target begins" in told
    assert "Stop collecting into the source?" not in told
    assert world.source.journal == before.source.journal == []


def test_a_job_that_was_not_asked_to_goes_the_other_way() -> None:
    world = World().start()

    assert world.job.route == DUAL
    names = [record.name for record in world.job.records]
    assert "stop?" in names
    assert not {"bound", "lose?", "unbind"} & set(names)


def test_the_past_of_such_a_move_is_not_copied_up_to_a_seam_that_there_is_not() -> None:
    world = started()
    world.live(agreeing)

    with pytest.raises(Refused, match="no minute is in both accounts"):
        asked_for(APP.name, "30d", [world.job], world.clock.now())


def stretch(seconds: Iterable[int], lines: int, *more: tuple[int, int]) -> Stretch:
    """So many lines in each of the seconds, of 100 bytes each."""
    found = Stretch()
    for second, number in (*((at, lines) for at in seconds), *more):
        found.add(second, number, 100 * number)
    return found


STEADY = stretch([*range(80, 100, 2), *range(81, 100, 2)], 20, (100, 5))  # of two shards; cut short


@pytest.mark.parametrize(
    ("source", "first", "lines", "found"),
    [
        (STEADY, 100, 15, Measured(0)),  # both share a second
        (STEADY, 100, 5, Measured(0, 10, 1000)),
        (STEADY, 101, 20, Measured(1, 15, 1500)),
        (STEADY, 103, 2, Measured(3, 73, 7300)),
        (STEADY, 98, 20, Measured(-2, again=40)),  # it began before the source's last line
        (stretch(range(0, 100, 10), 1), 100, 1, Measured(10)),  # as it always pauses
        (stretch(range(0, 100, 10), 1), 120, 1, Measured(30, 1, 100)),
        (stretch(range(70, 100, 15), 30), 115, 30, Measured(30, 2, 200)),
    ],
)
def test_lost_is_told_from_how_much_came_before(
    source: Stretch, first: int, lines: int, found: Measured
) -> None:
    target = stretch(range(first + 1, first + 9), 20, (first, lines))

    assert between(source, target) == found
