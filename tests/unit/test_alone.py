"""The target alone: each host heard or idle, and a host that loses lines found within a minute."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.crash.world import AGENT
from tests.unit.alone_kit import ADDRESS, LOG, Alone
from workflows.apps import Proving
from workflows.errors import Red, StepFailed
from workflows.model import Evidence
from workflows.ports import Line, Lines
from workflows.steps import alone


def test_at_the_end_the_evidence_names_hosts_lines_and_the_time() -> None:
    watch = Alone()
    said = watch.lasts(700)

    assert isinstance(said, Evidence)
    assert "3,594 lines of 3 hosts in the target, none in the source; no line doubled" in said.text
    assert said.facts["doubled"] == 0
    assert [(host.host, host.ok) for host in said.hosts] == [(name, True) for name in ADDRESS]


def test_while_it_waits_it_says_until_when_and_the_same_at_every_look() -> None:
    watch = Alone()
    first = watch.lasts(50)

    assert first == watch.lasts(400)
    assert str(first).startswith("the target alone receives, watched until 22:23:20Z")


def test_a_host_that_writes_and_is_not_heard_turns_it_red_within_a_minute() -> None:
    for passed in range(95, 106):  # wherever the looks fall
        watch = Alone()
        watch.lasts(passed)
        watch.silent.add("h2")
        fell = watch.clock.now()
        with pytest.raises(Red) as red:
            watch.lasts(120)

        assert watch.clock.now() - fell <= 60
        assert [host.host for host in red.value.hosts] == ["h2"]


def test_red_names_host_file_bytes_and_times() -> None:
    watch = Alone()
    watch.lasts(100)
    watch.silent.add("h2")
    with pytest.raises(Red) as red:
        watch.lasts(120)

    said = str(red.value)
    assert said.startswith("the target receives nothing more of h2 (heard last by 22:15:01Z; ")
    assert f"{LOG}, 11 bytes, was written to at 22:15:39Z" in said
    assert red.value.hint


def test_a_host_that_was_never_heard_since_the_stop_turns_it_red_too() -> None:
    watch = Alone()
    watch.silent.add("h3")
    with pytest.raises(Red, match="h3 \\(not heard since"):
        watch.lasts(120)


def test_a_host_that_writes_nothing_is_idle_and_named() -> None:
    watch = Alone()
    watch.writing.discard("h3")
    assert watch.lasts(100) == (
        "the target alone receives, watched until 22:23:20Z; nothing comes of h3 now"
    )
    said = watch.lasts(700)

    assert isinstance(said, Evidence)
    assert "2 hosts in the target, none in the source; h3 wrote nothing" in said.text
    assert f"{LOG}, 11 bytes, was written to at" in {h.host: h.said for h in said.hosts}["h3"]


def test_a_host_that_writes_once_in_a_while_and_is_heard_is_never_red() -> None:
    watch = Alone()
    watch.writing.discard("h3")
    for _ in range(6):
        watch.lasts(97)
        watch.writing.add("h3")
        watch.lasts(1)
        watch.writing.discard("h3")

    assert isinstance(watch.lasts(120), Evidence)


def test_an_idle_host_that_begins_to_write_unheard_is_found() -> None:
    watch = Alone()
    watch.writing.discard("h3")
    watch.lasts(200)
    watch.silent.add("h3")
    watch.writing.add("h3")
    with pytest.raises(Red, match="h3"):
        watch.lasts(700)


def test_a_line_that_is_still_on_its_way_is_waited_for() -> None:
    watch = Alone()
    watch.writing.discard("h3")
    watch.lasts(99)
    watch.silent.add("h3")
    watch.writing.add("h3")
    watch.lasts(1)  # written, seen by the look of this second, and under way
    watch.writing.discard("h3")
    watch.silent.discard("h3")
    watch.lasts(5)
    watch.target.ship("app-b", int(watch.clock.now()), ADDRESS["h3"], 2)

    assert isinstance(watch.lasts(700), Evidence)


def test_a_file_that_was_emptied_is_no_lost_line() -> None:
    watch = Alone()
    watch.writing.discard("h3")
    watch.lasts(200)
    watch.hosts.hosts["h3"].files[LOG] = b""
    watch.hosts.hosts["h3"].written[LOG] = int(watch.clock.now())

    assert isinstance(watch.lasts(700), Evidence)


def test_the_hosts_own_clock_may_be_wrong() -> None:
    watch = Alone()
    watch.writing.discard("h3")
    host = watch.hosts.hosts["h3"]
    host.agent.clock = lambda: watch.clock.now() + 3600
    host.written[LOG] += 3600

    assert isinstance(watch.lasts(700), Evidence)


def test_a_host_that_cannot_be_looked_at_and_beats_is_waited_for() -> None:
    watch = Alone()
    watch.writing.discard("h2")
    watch.hosts.refuse("h2")
    said = watch.lasts(700)

    assert said == (
        "nothing comes of h2, and whether it writes cannot be seen "
        "(h2: connecting to h2: connection refused)"
    )
    watch.hosts.allow("h2")
    assert isinstance(watch.lasts(300), Evidence)


def test_a_host_that_cannot_be_looked_at_and_does_not_beat_turns_it_red() -> None:
    watch = Alone()
    watch.lasts(100)
    watch.writing.discard("h2")
    watch.dead.add("h2")
    watch.hosts.refuse("h2", "no route to host")
    with pytest.raises(Red) as red:
        watch.lasts(400)

    said = str(red.value)
    assert "heartbeat in machine group app-b: the last at 22:15:00Z" in said
    assert "no route to host" in said


def test_a_target_that_nobody_is_applied_to_any_more_is_red_at_once() -> None:
    watch = Alone()
    watch.target.bound.clear()
    with pytest.raises(Red, match="not applied to app-b any more"):
        watch.lasts(10)


def test_a_source_that_receives_again_names_who_attached_it_and_is_not_red() -> None:
    watch = Alone()
    watch.lasts(50)
    watch.source.bound.add(("old-config", "old-hosts"))
    watch.source.ship("old-logs", int(watch.clock.now()), ADDRESS["h1"], 3)
    with pytest.raises(StepFailed) as stop:
        watch.lasts(20)

    assert not isinstance(stop.value, Red)
    assert str(stop.value) == "config old-config is applied to old-hosts again"


def test_what_was_told_of_the_source_is_not_told_again_after_a_retry() -> None:
    watch = Alone()
    watch.lasts(50)
    watch.source.ship("old-logs", int(watch.clock.now()), ADDRESS["h1"], 3)
    with pytest.raises(StepFailed, match="3 lines of h1 after every agent had let go"):
        watch.lasts(20)

    assert isinstance(watch.lasts(700), Evidence)


def test_lines_of_others_in_the_source_are_not_the_apps() -> None:
    watch = Alone()
    watch.source.ship("old-logs", int(watch.clock.now()) + 5, "10.9.9.9", 3)

    assert isinstance(watch.lasts(700), Evidence)


def test_a_host_that_was_left_out_is_not_awaited() -> None:
    watch = Alone()
    watch.silent.add("h2")
    watch.context = replace(watch.context, without=frozenset({"h2"}))
    said = watch.lasts(700)

    assert isinstance(said, Evidence)
    assert "of 2 hosts" in said.text


def test_much_is_read_in_shares_and_nobody_is_called_silent_meanwhile() -> None:
    watch = Alone()
    watch.context = replace(watch.context, proving=Proving(rate=1))
    for _ in range(200):
        watch.second()
    first = watch.look()

    assert str(first).startswith("reading what app-b received, up to")
    while str(said := watch.look()).startswith("reading"):
        pass
    assert str(said).startswith("the target alone receives")


def test_what_is_kept_is_json_and_does_not_grow() -> None:
    watch = Alone()
    watch.lasts(100)
    early = len(json.dumps(watch.before))
    watch.lasts(400)

    assert len(json.dumps(watch.before)) <= early + 20


def test_it_goes_on_from_what_was_kept_by_another_worker() -> None:
    watch = Alone()
    watch.lasts(300)
    watch.before = json.loads(json.dumps(watch.before))
    said = watch.lasts(400)

    assert isinstance(said, Evidence)
    assert "3,594 lines" in said.text


def test_a_plan_reads_nothing() -> None:
    watch = Alone()
    watch.context = replace(watch.context, since=0.0)
    watch.target.logstore_bodies.clear()

    assert watch.look() == "the target is watched until 22:23:20Z"


def test_the_watch_goes_on_from_what_was_heard_while_the_source_was_stopped() -> None:
    watch = Alone()
    watch.lasts(50)
    known = {**watch.context.known, "stop": {"at": watch.began, **watch.before}}
    later = replace(watch.context, known=known)

    assert alone.begin(later)["heard"] == watch.before["heard"]


def arrives(watch: Alone, second: int, *texts: str, host: str = "h2") -> None:
    """Lines of that second of their own time come now."""
    lines = tuple(Line(second, (("content", text),)) for text in texts)
    now = int(watch.clock.now())
    watch.target.arrive("app-b", Lines(lines, source=ADDRESS[host], received=now))


def agent_began(watch: Alone, host: str) -> None:
    began = f"1b2c_{ADDRESS[host]}_{watch.clock.now():.0f}"
    info = watch.hosts.hosts[host].files[f"{AGENT}/app_info.json"]
    told = {**json.loads(info), "instance_id": began}
    watch.hosts.hosts[host].files[f"{AGENT}/app_info.json"] = json.dumps(told).encode()


def test_what_an_agent_that_began_anew_sent_again_is_counted() -> None:
    watch = Alone()
    watch.lasts(120)
    second = int(watch.clock.now())
    arrives(watch, second, "one", "two", "the same", "the same")
    watch.lasts(40)
    agent_began(watch, "h2")
    arrives(watch, second, "two", "the same", "the same", "three")
    said = watch.lasts(700)

    assert isinstance(said, Evidence)
    assert said.text.endswith("; 3 lines doubled, as agents began anew")
    assert said.facts["doubled"] == 3
    assert watch.keeps > 10  # each minute that is searched gives the job's patience anew


def test_the_same_lines_of_an_agent_that_ran_on_are_none_of_its_doubles() -> None:
    watch = Alone()
    watch.lasts(120)
    for _ in range(2):
        arrives(watch, int(watch.clock.now()), "the same", host="h1")
    agent_began(watch, "h2")
    said = watch.lasts(700)

    assert isinstance(said, Evidence)
    assert said.facts["doubled"] == 0
