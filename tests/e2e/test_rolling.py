"""A deploy under load: every process replaced, one after the other, while people type and press."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tests.e2e.stage import FAST, PATIENT, Stage, staged

pytestmark = PATIENT
TWICE = ("serve", "serve-2", "work", "work-2")
PAUSE = 0.05  # seconds between two commands of one person
PEOPLE = ("alice", "bob", "mallory")


def test_a_rolling_restart_under_load_loses_no_command_and_no_click(tmp_path: Path) -> None:
    over = threading.Event()
    with staged(tmp_path, replace(FAST, hosts=1), verbs=TWICE) as stage:
        stage.waits(lambda: stage.control.state()["connections"] == 2, "both bots")
        with ThreadPoolExecutor(len(PEOPLE) + 1) as people:
            asked = [people.submit(_answers, stage, who, over) for who in PEOPLE]
            moved = people.submit(_moves, stage)
            moved.add_done_callback(lambda _: over.set())
            ends = _restarts(stage, over)
            moved.result()
            answers = [answer for one in asked for answer in one.result()]
        jobs = len(stage.channel.roots())
        stage.world.quiet()
        tally = stage.world.tally()

    # What comes in between a bot's goodbye and Slack's reading it is carried out unanswered.
    assert len([answer for answer in answers if "app-b" not in answer]) <= len(ends)
    assert len(answers) > 100
    assert len(ends) >= len(TWICE)
    assert set(ends) == {0}
    assert jobs == 1
    assert tally.clean, tally


def _moves(stage: Stage) -> None:
    """The move. A start without an answer is typed again, as people do; a click is not."""
    while not stage.control.command("alice", "/logmigrate start app-b")["ok"]:
        pass
    stage.clicks("bob", "approve")
    stage.waits_for_root("✋ Delete the source's config?")
    stage.clicks("bob", "approve")
    stage.waits_for_root("✅ Moved")


def _answers(stage: Stage, who: str, over: threading.Event) -> list[str]:
    """What one person reads who asks again and again, also when there is no answer."""
    found = []
    while not over.wait(PAUSE):
        answer = stage.control.command(who, "/logmigrate status app-b")
        found.append("\n".join(answer["ephemerals"]) if answer["ok"] else answer["error"])
    return found


def _restarts(stage: Stage, over: threading.Event) -> list[int]:
    """Replace one process after the other until the move is over; their exit statuses."""
    ends = []
    while not over.is_set():
        for process in TWICE:
            ends.append(stage.product.end(process))
            stage.product.start(process)
            stage.waits(lambda: stage.control.state()["connections"] == 2, "the bot to be back")
    return ends
