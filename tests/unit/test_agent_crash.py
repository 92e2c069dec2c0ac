"""An agent whose worker is killed comes back by itself; hosts may write each in its own way."""

from __future__ import annotations

from pathlib import Path

from sandbox.hosts.app import Habits, habits_on
from sandbox.hosts.illness import Illness
from sandbox.hosts.journal import What
from tests.unit.ill_kit import Ward, wait_for


def test_a_killed_worker_is_begun_again_by_its_daemon(tmp_path: Path) -> None:
    with Ward(tmp_path) as ward:
        wait_for(lambda: ward.heard("h1"), "the first heartbeat")
        ward.fleet.crash("h1")
        agent = ward.fleet.agents["h1"]
        wait_for(lambda: len(agent.journal.of(What.STARTED)) > 1, "the next life")

        assert len(agent.journal.of(What.KILLED)) == 1
        assert agent.journal.of(What.STOPPED) == []


def test_what_does_not_run_is_not_begun_by_being_killed(tmp_path: Path) -> None:
    with Ward(tmp_path) as ward:
        ward.fleet.afflict("h1", Illness.AGENT_STOPPED)
        ward.fleet.crash("h1")

        assert not ward.fleet.agents["h1"].lives


def test_applications_write_all_the_same_or_each_by_its_host() -> None:
    slow, fast = Habits(rate=1.0), Habits(rate=9.0)

    assert habits_on({"h1": slow, "h2": fast}, "h2") == fast
    assert habits_on(slow, "h2") == slow
    assert habits_on(None, "h2") == Habits()
