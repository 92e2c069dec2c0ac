"""Taking *stop* back: who has to collect before the target ends, and what is said where nobody can."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from tests.crash.test_crashes import agreeing
from tests.crash.test_dangers import until
from tests.crash.test_gap_deaths import Lined, begun
from tests.crash.world import AGENT, APP, BOB, WAITS
from tests.fake_sls import FakeSls
from workflows.errors import NotYet, StepFailed
from workflows.model import Facts, JobState, RecordState
from workflows.step import Context
from workflows.steps import config, filling, reverse

OLD = "##1.0##shop-b$old-config"


def stopped() -> Lined:
    """Asked to delete: only the target collects."""
    world = Lined()
    until(world.start(), lambda world: world.asked() == "delete?")
    return world


def context_of(world: Lined, step: str) -> tuple[Context, Facts]:
    """As the engine makes it for that step; what is kept goes into the answer's facts."""
    known = {record.name: dict(record.before) for record in world.job.records}
    bare = Context(APP, WAITS, world.hosts, world.source, world.target, world.clock, known=known)
    return replace(bare, keep=known[step].update), known[step]


def until_attached(world: Lined, context: Context, before: Facts) -> str:
    for _ in range(100):
        try:
            return reverse.attach_again(context, before)
        except NotYet:
            world.second()
    raise AssertionError("does not come to its end")


@pytest.mark.parametrize(
    ("gone", "said", "hint"),
    [
        ("groups", "machine group old-hosts is gone", "again (userdefined: old-hosts), then Retry"),
        ("logstore_bodies", "logstore old-logs is gone", "and its index again, then Retry"),
        ("config_bodies", "config old-config is gone", "again as it was, then Retry"),
    ],
)
def test_a_source_that_cannot_collect_is_named_and_the_target_goes_on(
    gone: str, said: str, hint: str
) -> None:
    world = stopped()
    getattr(world.source, gone).clear()
    world.service.roll_back("J1", BOB)
    for _ in range(30):
        world.look(world.engine(), world.store)
        world.second()

    assert world.job.state is JobState.STOPPED
    assert f"{said} from project shop-b; the target goes on collecting" in world.job.reason
    assert hint in world.job.hint
    assert ("app-b", "app-b") in world.target.bound


def test_after_the_way_out_a_retry_brings_it_to_its_end() -> None:
    world = stopped()
    groups = dict(world.source.groups)
    world.source.groups.clear()
    world.service.roll_back("J1", BOB)
    for _ in range(30):
        world.look(world.engine(), world.store)
        world.second()
    world.source.groups.update(groups)
    world.service.retry("J1", BOB)
    world.live(agreeing)

    assert world.job.state is JobState.UNDONE
    assert world.written - world.held() == Counter()


def test_a_host_whose_agent_lacks_a_line_for_the_source_is_waited_for_and_named() -> None:
    world = begun(Lined, "asked to delete")
    ship = world._ship

    def lame(host: str, keys: set[str]) -> None:
        ship(host, keys - {OLD} if host == "h2" else keys)

    world._ship = lame  # type: ignore[method-assign]
    for _ in range(60):
        world.look(world.engine(), world.store)
        world.second()

    assert world.job.state is JobState.UNDOING
    assert "the source lacks " in world.job.record("stop").note
    assert world.job.record("stop").note.endswith(", from h2")
    assert ("app-b", "app-b") in world.target.bound
    world._ship = ship  # type: ignore[method-assign]
    world.live(agreeing)
    assert world.written - world.held() == Counter()


@pytest.mark.parametrize("point", ["asked to delete", "moved"])
def test_a_host_that_is_gone_for_good_is_left_out_of_the_roll_back(point: str) -> None:
    world = begun(Lined, point)
    world.dead.add("h2")
    world.hosts.refuse("h2", "no route to host")
    while world.job.state is not JobState.STOPPED:
        world.look(world.engine(), world.store)
        world.second()
    assert "/logmigrate without APP HOST, then Retry" in world.job.hint
    assert "Roll back" not in world.job.hint
    world.service.leave_out("J1", ("h2",), BOB)
    world.service.retry("J1", BOB)
    world.live(agreeing)

    assert world.job.state is JobState.UNDONE
    assert "left out and connecting to h2: no route to host" in " ".join(
        event.text for event in world.store.told["J1"]
    )


def test_a_target_that_has_died_keeps_nobody_from_going_back() -> None:
    """The usual reason to roll back: then the source has more than the target, and that is well."""
    world = begun(Lined, "asked to delete")
    for _ in range(20):
        world.look(world.engine(), world.store)
        world.second()
    ship = world._send

    def dead(sls: FakeSls, logstore: str, host: str, key: str) -> None:
        if sls is world.source:
            ship(sls, logstore, host, key)

    world._send = dead  # type: ignore[method-assign]
    world.live(agreeing)

    assert world.job.state is JobState.UNDONE


def test_a_target_whose_logstore_is_gone_is_said_and_left() -> None:
    world = stopped()
    world.service.roll_back("J1", BOB)
    world.target.delete_logstore("app-b")
    context, before = context_of(world, "stop")

    said = until_attached(world, context, before)
    assert said.endswith("the target's logstore is gone, so nothing could be filled in from it")


def test_an_app_that_is_silent_all_the_while_is_taken_back_too() -> None:
    world = stopped()
    world._ship = lambda *_: None  # type: ignore[method-assign]
    context, before = context_of(world, "stop")

    assert "old-config is applied to old-hosts again" in until_attached(world, context, before)


def test_a_job_that_does_not_know_when_it_stopped_fills_nothing_and_says_so() -> None:
    world = stopped()
    context, before = context_of(world, "stop")
    older: Facts = {"groups": before["groups"]}
    said = until_attached(world, replace(context, keep=older.update), older)

    assert "what it missed meanwhile is in the target's logstore" in said
    assert "put" not in " ".join(world.source.journal)


def test_what_withdraws_looks_once_more_whether_the_source_has_all() -> None:
    world = stopped()
    context, before = context_of(world, "stop")
    until_attached(world, context, before)
    world._send = lambda *_: None  # type: ignore[method-assign]
    both = context.known["both"]
    reverse.ready_to_withdraw(context, both)
    now = int(world.clock.now())
    world.target.lines["app-b"].update(dict.fromkeys(range(now - 30, now), 5))

    with pytest.raises(NotYet, match=r"the source has no line yet|the source lacks"):
        for _ in range(20):
            world.second()
            world.source.lines["old-logs"].clear()
            reverse.ready_to_withdraw(context, both)


def test_once_withdrawing_has_begun_the_target_is_not_asked_any_more() -> None:
    world = stopped()
    context, before = context_of(world, "stop")
    until_attached(world, context, before)
    world.target.remove("app-b", "app-b")
    world.source.lines["old-logs"].clear()

    reverse.ready_to_withdraw(context, context.known["both"])
    for host in world.hosts.hosts.values():
        host.files[f"{AGENT}/user_log_config.json"] = json.dumps([OLD]).encode()
    assert "was withdrawn from every host" in config.withdraw(context, context.known["both"])


def test_what_the_source_missed_while_the_job_lay_stopped_is_filled_in_before_the_target_ends() -> (
    None
):
    """Somebody detaches it by hand after the gap was filled, and days later puts it right."""
    world = begun(Lined, "asked to delete")
    until(world, lambda world: world.job.record("stop").state is RecordState.UNDONE)
    world.source.remove("old-config", "old-hosts")
    for _ in range(40):
        world.look(world.engine(), world.store)
        world.second()
    assert world.job.state is JobState.STOPPED
    for _ in range(200):
        world.second()
    world.source.apply("old-config", "old-hosts")
    world.service.retry("J1", BOB)
    world.live(agreeing)

    assert world.job.state is JobState.UNDONE
    assert world.written - world.held() == Counter()
    assert "more of the target written into the source" in " ".join(
        event.text for event in world.store.told["J1"]
    )


def test_a_source_that_somebody_detached_again_is_not_left_to_nobody() -> None:
    world = stopped()
    context, _ = context_of(world, "stop")

    with pytest.raises(StepFailed, match="nobody would collect"):
        reverse.ready_to_withdraw(context, context.known["both"])


def test_filling_may_take_longer_than_a_step_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "MOST", 30)
    monkeypatch.setattr(filling, "SHARE", 1)
    world = stopped()
    for _ in range(400):
        world.second()
    world.service.roll_back("J1", BOB)
    began = world.clock.now()
    world.live(agreeing)

    assert world.job.state is JobState.UNDONE
    assert world.clock.now() - began > WAITS.delivery + WAITS.proof
    assert world.written - world.held() == Counter()
    assert world.job.record("stop").before["gap"]["written"] > 2000
