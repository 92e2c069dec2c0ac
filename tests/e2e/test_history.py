"""The lines of before a move, in the target: each of them, and none twice, by an outsider's count."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from sandbox.sls import Etl, Role
from sandbox.sls.faults import Fault, Kind
from tests.contract.ram_files import filled
from tests.contract.rights_world import ALICE
from tests.e2e.history_kit import NAMES, READER, ROLES, Past
from workflows.apps import Roles
from workflows.errors import Locked, Refused
from workflows.model import EventKind, JobState

NONE = Roles()
WAYS = pytest.mark.parametrize("roles", [ROLES, NONE], ids=["service", "copier"])


def moved(roles: Roles = ROLES, days: float = 1, etl: Etl | None = None) -> Past:
    """An app that has written for some days, then moved."""
    world = Past(roles, etl)
    world.days(days)
    return world.moved()


def whole(world: Past) -> None:
    """Whatever the applications ever wrote is in the target, once."""
    for _ in range(5):
        world.second()
    _, target = world.both()

    assert world.written - target == Counter(), "lost"
    assert target - world.written == Counter(), "doubled"


@WAYS
def test_the_whole_past_is_in_the_target_once(roles: Roles) -> None:
    world = moved(roles)
    assert sum((world.written - world.lines("target")).values()) > 100
    end = world.asks("2d").ends()

    assert end is JobState.SUCCEEDED, world.said()
    assert world.told("compare").startswith("equal: ")
    whole(world)


@WAYS
def test_who_asks_again_gets_nothing_twice(roles: Roles) -> None:
    world = moved(roles)
    world.asks().ends()
    assert world.asks().ends() is JobState.SUCCEEDED, world.said()

    assert world.told("seam").startswith("0 lines ")
    whole(world)


def test_a_runner_that_dies_between_write_and_checkpoint_is_found_and_its_doubles_counted() -> None:
    world = moved(etl=Etl(dies_at=frozenset({2})))
    end = world.asks().ends()
    _, target = world.both()
    twice = sum((target - world.written).values())

    assert end is JobState.STOPPED
    assert twice > 0
    assert f"{twice} lines are there more than once" in world.job.reason
    assert "is there too often: " in world.job.reason
    assert "Nothing is lost" in world.job.hint


def test_rolling_back_deletes_the_copying_job_and_leaves_the_lines() -> None:
    world = moved()
    world.asks().ends()
    before = world.lines("target")
    name = world.job.record("copy").before["name"]
    assert world.source.copying(name) is not None
    world.taken_back()

    assert world.source.copying(name) is None
    assert world.group() == []
    assert before - world.lines("target") == Counter()
    assert "stays in the target" in world.told("copy", EventKind.TAKEN_BACK)


def test_a_role_without_its_trust_fails_with_the_way_out_and_then_all_is_copied_once() -> None:
    world = moved()
    right = world.server.state.roles[READER]
    stranger = filled("history-writer-trust.json", {"source account": "1"})
    world.server.state.roles[READER] = Role.of(READER, stranger)
    assert world.asks().ends() is JobState.STOPPED
    reason, hint = world.job.reason, world.job.hint
    world.taken_back()
    world.server.state.roles[READER] = right

    assert "has failed" in reason
    assert "internal-diagnostic_log" in hint
    assert world.asks().ends() is JobState.SUCCEEDED, world.said()
    whole(world)


def test_a_failure_half_way_leaves_nothing_that_is_copied_twice_later() -> None:
    world = moved(days=6)
    world.asks("7d")
    role = world.server.state.roles[READER]
    world.live(lambda w: bool(w.job.record("copy").note))
    world.server.state.roles[READER] = Role.of(
        READER, filled("history-reader-trust.json", NAMES), filled("history-writer.json", NAMES)
    )
    world.ends()
    copied = world.lines("target")
    reason = world.job.reason
    world.taken_back()
    world.server.state.roles[READER] = role

    assert "has failed" in reason
    assert sum((world.written - copied).values()) > 0
    assert world.asks("7d").ends() is JobState.SUCCEEDED, world.said()
    whole(world)


def test_a_copying_job_that_somebody_stopped_goes_on_at_retry() -> None:
    world = moved()
    world.slow()
    world.asks()

    def running(_: object) -> bool:
        name = world.job.record("copy").before.get("name", "")
        found = world.source.copying(name) if name else None
        return found is not None and found.status == "RUNNING"

    world.live(running)
    world.source.stop_copying(world.job.record("copy").before["name"])
    stopped = world.ends()
    reason = world.job.reason
    world.service.retry(world.id, ALICE)
    end = world.ends()

    assert stopped is JobState.STOPPED
    assert "somebody stopped copying job" in reason
    assert end is JobState.SUCCEEDED, world.said()
    whole(world)


def test_a_copy_that_is_cancelled_half_way_goes_on_at_retry() -> None:
    world = moved(NONE)
    world.rate = 5
    world.asks()
    world.live(lambda _: world.job.record("seam").before.get("copy", {}).get("at", {}) != {})
    before = world.lines("target")
    world.service.cancel(world.id, ALICE)
    assert world.job.state is JobState.STOPPED
    world.service.retry(world.id, ALICE)
    end = world.ends()

    assert sum((world.written - before).values()) > 0
    assert end is JobState.SUCCEEDED, world.said()
    whole(world)


def test_lines_older_than_a_week_need_roles_and_are_counted_without() -> None:
    world = moved(NONE, days=9)
    end = world.asks("20d").ends()
    lost = world.written - world.lines("target")
    said = world.told("seam")

    assert end is JobState.SUCCEEDED, world.said()
    assert "PutLogs takes nothing older than 7 days" in world.told("past")
    assert 0 < sum(lost.values()) == int(re.search(r"(\d+) lines of .* are too old", said)[1])  # type: ignore[index]
    assert world.asks("20d") is world
    assert world.ends() is JobState.SUCCEEDED, world.said()


def test_with_roles_lines_older_than_a_week_are_copied_too() -> None:
    world = moved(ROLES, days=9)
    end = world.asks("20d").ends()

    assert end is JobState.SUCCEEDED, world.said()
    whole(world)


def test_what_the_source_keeps_no_more_is_said_and_the_window_begins_later() -> None:
    world = moved()
    end = world.asks("90d").ends()

    assert end is JobState.SUCCEEDED, world.said()
    assert "what is older the source does not keep any more" in world.told("past")


def test_without_a_move_there_is_nothing_to_copy_into() -> None:
    world = Past()

    with pytest.raises(Refused, match="app-b is not moved") as no:
        world.service.history("app-b", ALICE, "C1", "30d")
    assert no.value.hint == "/logmigrate start app-b comes first."


def test_a_move_under_way_holds_the_app_and_a_history_holds_it_too() -> None:
    world = Past()
    world.start()
    world.live(lambda _: world.job.record("both").since > 0 and world.asked("stop?"))
    with pytest.raises(Locked, match="app-b is held by job J1"):
        world.service.history("app-b", ALICE, "C1", "30d")
    world.moves_on()
    world.asks("1d")

    with pytest.raises(Locked, match="app-b is held by job J"):
        world.service.start("app-b", ALICE, "C1")
    world.service.cancel(world.id, ALICE)
    assert world.ends() is JobState.UNDONE
    assert world.store.locks == {}


@pytest.mark.parametrize("since", ["", "soon", "0d", "2099-01-01"])
def test_a_time_that_cannot_be_read_is_refused_with_those_that_can(since: str) -> None:
    world = Past()

    with pytest.raises(Refused) as no:
        world.service.history("app-b", ALICE, "C1", since)
    assert "--from 30d" in no.value.hint


@pytest.mark.parametrize("kind", [Kind.ERROR_AFTER, Kind.ERROR_BEFORE])
@pytest.mark.parametrize("seed", range(3))
def test_a_service_that_fails_at_every_tenth_write_gets_every_line_once(
    kind: Kind, seed: int
) -> None:
    world = moved(NONE)
    world.server.faults.add(
        Fault(kind, "POST", "/logstores/{logstore}/shards/lb", times=None, chance=0.1, seed=seed)
    )
    end = world.asks().ends()

    assert end is JobState.SUCCEEDED, world.said()
    whole(world)
