"""A report is checked offline: whatever is changed in it is found, and the first event is named."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.report_kit import Story, a_move
from workflows.chain import link, seed
from workflows.model import EventKind
from workflows.report.build import sealed
from workflows.report.check import NoReport, checked

REPORT = a_move().report()
Path = tuple[Any, ...]


def leaves(thing: Any, path: Path = ()) -> Iterator[Path]:
    """Where each value lies, and each list and object that holds some."""
    if path:
        yield path
    if isinstance(thing, dict | list):
        for key, part in thing.items() if isinstance(thing, dict) else enumerate(thing):
            yield from leaves(part, (*path, key))


PLACES = [path for path in leaves(REPORT["events"]) if len(path) > 1]
JSON = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


def put(report: dict[str, Any], path: Path, value: Any) -> Any:
    """What stood there before."""
    holder = report["events"]
    for key in path[:-1]:
        holder = holder[key]
    before = holder[path[-1]]
    holder[path[-1]] = value
    return before


def altered(change: Any) -> Any:
    """The verdict over a report after `change`, which is given its events."""
    report = copy.deepcopy(REPORT)
    change(report["events"])
    return checked(json.loads(json.dumps(report)))


def test_a_report_as_it_was_written_is_intact_and_shows_its_head() -> None:
    found = checked(REPORT)

    assert found.intact
    assert found.said.startswith(f"intact: 11 events, head {REPORT['chain']['head'][:12]}")
    assert f"the thread in Slack shows {REPORT['chain']['head'][:12]}" in found.said


@given(st.sampled_from(PLACES), JSON)
def test_any_value_that_is_changed_in_an_event_is_found_and_the_event_is_named(
    path: Path, value: Any
) -> None:
    report = copy.deepcopy(REPORT)
    before = put(report, path, value)
    same = json.dumps(before, sort_keys=True) == json.dumps(value, sort_keys=True)
    found = checked(report)

    assert found.intact == same
    assert same or f"event {path[0] + 1}," in found.said


@given(st.sampled_from(PLACES), st.text(min_size=1), JSON)
def test_anything_that_is_added_to_an_event_or_taken_from_it_is_found(
    path: Path, name: str, value: Any
) -> None:
    number, key = path[0], path[1]
    added = altered(lambda events: events[number].setdefault(f"new {name}", value))
    taken = altered(lambda events: events[number].pop(key))

    assert f"altered: event {number + 1}," in added.said
    assert f"altered: event {number + 1}," in taken.said


@given(st.integers(0, 10), st.integers(0, 10))
def test_events_that_are_removed_repeated_or_moved_are_found(one: int, other: int) -> None:
    removed = altered(lambda events: events.pop(one))
    repeated = altered(lambda events: events.insert(one, copy.deepcopy(events[one])))

    assert not removed.intact
    assert f"event {min(one + 1, 10)}," in removed.said
    assert f"altered: event {one + 2}," in repeated.said
    if one != other:
        moved = altered(lambda events: events.insert(other, events.pop(one)))
        assert f"altered: event {min(one, other) + 1}," in moved.said


def test_events_that_are_removed_at_the_end_are_found() -> None:
    found = altered(lambda events: events.__delitem__(slice(8, None)))

    assert not found.intact
    assert "altered: event 8," in found.said
    assert "were removed" in found.said


def test_a_head_that_is_missing_or_another_is_found() -> None:
    for head in ("", "5f3a" * 16):
        report = {**REPORT, "chain": {**REPORT["chain"], "head": head}}

        assert "the story does not end here" in checked(report).said


def test_a_job_under_another_name_is_found() -> None:
    for name, value in (("id", "AAAA"), ("app", "app-c"), ("requested_by", "U9"), ("created", 1)):
        report = {**REPORT, "job": {**REPORT["job"], name: value}}

        assert "altered: event 1," in checked(report).said


def test_a_forger_who_makes_the_links_anew_changes_the_head_that_the_thread_shows() -> None:
    report = copy.deepcopy(REPORT)
    report["events"][8]["who"] = "U3"
    before = seed(report["job"])
    for event in report["events"]:
        before = event["link"] = link(before, event)
    report["chain"]["head"] = before
    report["approvals"][0]["decided"][0]["who"] = "U3"
    found = checked(sealed(report))

    assert found.intact
    assert REPORT["chain"]["head"][:12] not in found.said


@pytest.mark.parametrize("part", ["rows", "approvals", "proofs", "hosts", "requests", "plan"])
def test_what_is_drawn_from_the_events_must_say_what_they_say(part: str) -> None:
    report = sealed({**REPORT, part: [{"event": 1}]})

    assert f"“{part}” does not say what they say" in checked(report).said


def test_what_stands_beside_the_events_cannot_be_edited_without_a_trace() -> None:
    report = {**REPORT, "job": {**REPORT["job"], "state": "rolled back"}}

    assert "beside them was changed" in checked(report).said


def test_what_is_told_of_an_altered_event_moves_no_terminal_and_is_short() -> None:
    found = altered(lambda events: events[3].update(step="\x1b]0;\x07\u202e<@U1>" + "x" * 999))

    assert found.said.split(": ", 1)[0] == "altered"
    assert found.said.isprintable()
    assert len(found.said) < 300


def test_a_story_without_links_is_not_called_intact() -> None:
    bare = [{k: v for k, v in one.items() if k != "link"} for one in REPORT["events"]]
    found = checked({**REPORT, "events": bare, "chain": {"head": "", "from": 0}})

    assert not found.intact
    assert "not chained" in found.said


def test_a_chain_that_is_said_not_to_be_there_is_found() -> None:
    found = checked({**REPORT, "chain": {"head": "", "from": 0}})

    assert not found.intact
    assert "the links are said to begin with event 0" in found.said


def test_a_story_that_an_older_program_began_says_from_where_on_it_is_chained() -> None:
    story = Story()
    job = story.job
    story.store.saved[job.id] = type(job)(**{**vars(job), "chain": ""})
    story.store.told[job.id] = [type(e)(**{**vars(e), "link": ""}) for e in story.events]
    story.tells(EventKind.DONE, "hosts")
    found = checked(story.report())

    assert found.intact
    assert "chained from event 2 on" in found.said


@pytest.mark.parametrize(
    "report",
    [
        None,
        [],
        {},
        {"format": "1"},
        {**REPORT, "events": None},
        {**REPORT, "events": [1]},
        {**REPORT, "job": {}},
        {**REPORT, "chain": {}},
        {**REPORT, "chain": {"head": "x", "from": -3}},
        {**REPORT, "chain": {"from": 1}},
    ],
)
def test_what_is_no_report_is_refused(report: Any) -> None:
    with pytest.raises(NoReport):
        checked(report)


def test_the_report_of_a_newer_program_is_refused_with_the_way_out() -> None:
    with pytest.raises(NoReport, match="newer program"):
        checked({**REPORT, "format": 99})
