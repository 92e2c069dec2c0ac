"""What a person reads of many hosts, of hosts that are left out, and of a diagnosis."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from handlers.cards import card, decided
from handlers.hosts import host_lines, listed
from handlers.lines import line
from handlers.messages import root
from tests.unit.chat_kit import ALICE, BOB, WORKFLOW, accept, buttons, event, hosts, job, read
from workflows.logmigrate import LOGMIGRATE
from workflows.model import Event, EventKind, HostResult, Job, JobKind, JobState, RecordState

STOPPED = "agent stopped: no process of 9. Start it: /etc/init.d/ilogtaild start"


def silent(name: str, said: str) -> HostResult:
    return HostResult(name, ok=False, said=said)


def well(number: int) -> list[HostResult]:
    return [HostResult(f"w{n}", ok=True, said="ok") for n in range(number)]


def diagnosis(state: JobState = JobState.RUNNING, **changes: object) -> Job:
    found = job(kind=JobKind.DIAGNOSE, state=state, **changes)
    said = (silent("h7", STOPPED), HostResult("h9", ok=True, said="nothing found"))
    note = "1 of 2 hosts has a cause"
    return found.noted("examine", state=RecordState.ALREADY, hosts=said, note=note)


def test_failing_hosts_stand_first() -> None:
    lines = host_lines([*well(1), silent("h7", STOPPED)])

    assert lines == [f"`h7` *FAIL* {STOPPED}", "`w0` OK ok"]


def test_many_hosts_with_one_cause_are_one_line_and_an_example() -> None:
    bad = [silent(f"h{n}", STOPPED.replace("9", f"{n} at h{n}")) for n in range(17)]

    assert host_lines([*well(83), *bad]) == [
        "83 of 100 hosts OK, 17 FAIL",
        "*17 hosts FAIL*: agent stopped: "
        + ", ".join(f"`h{n}`" for n in range(10))
        + " and 7 more",
        f"    such as `h0` *FAIL* {bad[0].said}",
    ]


@pytest.mark.parametrize(
    "said",
    [
        "connecting to {name} (10.0.0.{n}:22): connection refused",
        "clock skew: {n}.5 s ahead",
        "{name} has been silent for {n} s",
        "reading /etc/x on {name}: permission denied",
    ],
)
def test_name_place_and_numbers_do_not_keep_hosts_apart(said: str) -> None:
    bad = [silent(f"h-{n}.example", said.format(name=f"h-{n}.example", n=n)) for n in range(30)]

    lines = host_lines(bad)

    assert lines[1].startswith("*30 hosts FAIL*: ")
    assert lines[1].endswith(" and 20 more")


def test_what_only_says_what_was_being_done_is_told_with_its_end() -> None:
    said = "connecting to {0} ({0}.example:22): connection {1}"
    bad = [
        silent(f"h{n}", said.format(f"h{n}", "refused" if n < 20 else "reset")) for n in range(30)
    ]

    lines = host_lines(bad)

    assert lines[1].startswith("*20 hosts FAIL*: connecting to the host: connection refused: `h0`")
    assert lines[2].startswith("*10 hosts FAIL*: connecting to the host: connection reset: `h20`")


def test_a_name_that_is_part_of_another_word_stays() -> None:
    bad = [silent(name, "the disk is full") for name in ("dis", "h3", "h4")]

    lines = host_lines([*well(30), *bad])

    assert lines[1:] == ["*3 hosts FAIL*: the disk is full: `dis`, `h3`, `h4`"]


def test_a_cause_of_its_own_is_told_host_by_host_after_the_groups() -> None:
    bad = [silent("a", "disk full"), *(silent(f"h{n}", "agent stopped") for n in range(5))]

    lines = host_lines([*well(20), *bad])

    assert lines[1].startswith("*5 hosts FAIL*: agent stopped: `h0`")
    assert lines[2:] == ["`a` *FAIL* disk full"]


def test_causes_beyond_twenty_are_counted() -> None:
    bad = [silent(f"h{n}", f"cause {chr(97 + n)}") for n in range(25)]

    assert host_lines(bad)[-1] == "… 5 more hosts FAIL"


def test_a_silent_host_that_says_nothing_is_said_to_say_nothing() -> None:
    assert host_lines(hosts(30, failing=30, said=""))[1].startswith(
        "*30 hosts FAIL*: no word of why: "
    )


def test_what_hosts_say_in_a_group_means_nothing_to_slack() -> None:
    lines = host_lines(hosts(30, failing=30, said="<!channel> & <https://evil.example|x>"))

    assert "&lt;!channel&gt; &amp; &lt;https" in lines[1]


def test_ten_thousand_hosts_fit_into_a_message_and_are_drawn_at_once() -> None:
    bad = tuple(
        silent(f"host-{n}.example", f"cause {n % 97} of host-{n}.example") for n in range(10_000)
    )
    running = job(state=JobState.RUNNING).noted("first", state=RecordState.PROVING, hosts=bad)
    began = time.process_time()

    message = root(running, WORKFLOW)

    accept(message)
    assert "0 of 10,000 hosts OK, 10,000 FAIL" in read(message)
    assert time.process_time() - began < 3


def test_a_list_of_names_ends_where_it_is_long() -> None:
    assert listed([f"h{n}" for n in range(12)]).endswith("`h9` and 2 more")


def test_a_job_says_whom_it_leaves_out() -> None:
    shown = read(root(job(without=("h7", "h9")), WORKFLOW))

    assert shown.splitlines()[2] == "Without h7, h9"


def test_leaving_out_is_told_in_the_thread() -> None:
    message = line(event(EventKind.LEFT_OUT, who=BOB, text="h7, h9"), job(), WORKFLOW)

    assert message
    assert read(message) == "@bob leaves out h7, h9; that holds from the next Retry on."


def test_a_look_is_not_called_already_so() -> None:
    shown = read(root(diagnosis(), WORKFLOW)).splitlines()

    assert "✔ Find out why" in shown


def test_a_diagnosis_under_way_names_the_hosts_it_is_about() -> None:
    shown = read(root(job(kind=JobKind.DIAGNOSE, only=("h7",)), WORKFLOW)).splitlines()

    assert shown[0] == "app-b: why hosts are silent"
    assert shown[2] == "About h7"


def test_a_diagnosis_tells_what_it_found_when_it_has_ended() -> None:
    ended = diagnosis(JobState.SUCCEEDED)
    ended = ended.noted("fix?", state=RecordState.ALREADY).noted("fix", state=RecordState.ALREADY)

    shown = read(root(ended, WORKFLOW)).splitlines()

    assert shown[1] == "✅ Done"
    assert "– Put it right? (not needed)" in shown
    assert "– Put right what was agreed (not needed)" in shown
    assert shown[shown.index("1 of 2 hosts has a cause") :][:3] == [
        "1 of 2 hosts has a cause",
        f"h7 FAIL {STOPPED}",
        "h9 OK nothing found",
    ]


def test_a_diagnosis_that_asks_shows_what_it_found_beside_the_question() -> None:
    shown = read(root(diagnosis(JobState.WAITING), WORKFLOW))

    assert "An approver other than @alice decides" in shown
    assert "h7 FAIL agent stopped" in shown


def test_after_putting_right_what_is_left_is_told_and_no_more_what_was() -> None:
    left = (HostResult("h7", ok=True, said="nothing found"),)
    fixed = diagnosis(JobState.SUCCEEDED).noted(
        "fix", state=RecordState.DONE, hosts=left, note="1 host put right"
    )

    shown = read(root(fixed, WORKFLOW))

    assert "1 host put right\nh7 OK nothing found" in shown
    assert "agent stopped" not in shown


def test_a_stopped_diagnosis_can_be_retried_and_not_rolled_back() -> None:
    stopped = replace(diagnosis(), state=JobState.STOPPED, reason="Redis was away")

    assert buttons(root(stopped, WORKFLOW)) == {"retry": "7Q2"}


def asked(step: str) -> Event:
    return event(EventKind.ASKED, step, text="1 host", lines=("h7: start the agent",), shown="d1")


def test_the_card_of_a_diagnosis_is_a_card_like_any_other() -> None:
    message = card(asked("fix?"), diagnosis(JobState.WAITING), WORKFLOW, {ALICE, BOB})

    assert buttons(message) == {"approve": "7Q2:fix?:d1", "decline": "7Q2:fix?:d1"}
    assert "1. h7: start the agent" in read(message)
    assert "someone other than @alice decides: @bob" in read(message)


def test_the_card_says_that_what_is_put_right_stays() -> None:
    approved = event(EventKind.APPROVED, "fix?", who=BOB)
    message = decided(asked("fix?"), approved, diagnosis(JobState.RUNNING), LOGMIGRATE)

    assert "it cannot be taken back, " in read(message)


def test_the_end_of_a_diagnosis_claims_no_move() -> None:
    message = line(event(EventKind.SUCCEEDED), diagnosis(JobState.SUCCEEDED), WORKFLOW)

    assert message
    assert read(message) == "✅ The diagnosis of app-b has ended (@alice)"


def test_the_thread_knows_the_titles_of_a_diagnosis() -> None:
    message = line(event(EventKind.DONE, "examine", text="1 cause"), diagnosis(), WORKFLOW)

    assert message
    assert read(message) == "✔ Find out why: 1 cause"


def test_the_start_that_a_plan_offers_leaves_out_the_same_hosts() -> None:
    plan = job(kind=JobKind.PLAN, state=JobState.SUCCEEDED, without=("h7", "h9"))

    text = str(root(plan, WORKFLOW).blocks)
    assert f"`/logmigrate start {plan.app} --without h7,h9` does it" in text
