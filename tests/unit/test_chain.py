"""Events are chained: each link stands on all before it, whatever a later program adds."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from bot.wire import pack_event, unpack_event
from tests.unit.report_kit import AT, a_job, a_move
from workflows.chain import begun, flaw, link, linked, seed, told
from workflows.model import Event, EventKind, HostResult

EVENT = Event(
    AT, "7Q2K", EventKind.DONE, "hosts", text="3 of 3", hosts=(HostResult("h1", ok=True),)
)


def named(job: object) -> dict[str, object]:
    return asdict(job)  # type: ignore[call-overload]


def test_the_first_link_stands_on_what_names_the_job() -> None:
    job, (event,) = linked(a_job(), (EVENT,))

    assert event.link == link(seed(named(job)), told(EVENT))
    assert job.chain == event.link
    for other in ({"id": "7Q2L"}, {"app": "app-c"}, {"requested_by": "U7"}, {"created": AT + 1}):
        assert linked(replace(a_job(), **other), (EVENT,))[0].chain != job.chain


def test_each_link_stands_on_the_one_before_over_several_saves() -> None:
    once, (first, second) = linked(a_job(), (EVENT, replace(EVENT, text="4 of 4")))
    twice, _ = linked(linked(a_job(), (EVENT,))[0], (replace(EVENT, text="4 of 4"),))

    assert second.link == link(first.link, told(second))
    assert once.chain == twice.chain == second.link


def test_a_save_without_events_leaves_the_chain_as_it_is() -> None:
    job, _ = linked(a_job(), (EVENT,))

    assert linked(job, ()) == (job, ())


def test_what_the_store_reads_back_has_the_same_link() -> None:
    story = a_move()

    for event in story.events:
        again = unpack_event(json.loads(json.dumps(pack_event(event))))
        assert told(again) == told(event)


def test_figures_with_numbers_for_keys_read_back_the_same() -> None:
    odd = replace(EVENT, facts={"by": {10: (1, 2), 9: None}, "nothing": 0, "none": {}})
    again = unpack_event(json.loads(json.dumps(pack_event(odd))))

    assert linked(a_job(), (odd,))[0].chain == linked(a_job(), (again,))[0].chain


def test_a_field_that_is_empty_changes_no_link() -> None:
    """So that a program which knows more fields reads older chains."""
    fields = told(replace(EVENT, step="", text="", hosts=(HostResult("h1", ok=False),)))

    assert fields == {"at": AT, "job": "7Q2K", "kind": "done", "hosts": [{"host": "h1"}]}


def test_the_story_of_an_older_program_is_chained_from_where_this_one_went_on() -> None:
    job, (new,) = linked(a_job(), (EVENT,))
    story = [told(EVENT), told(EVENT), {**told(new), "link": new.link}]

    assert begun(story) == 3
    assert flaw(named(job), story, job.chain, 3) is None
    assert begun([told(EVENT)]) == 0
    assert flaw(named(job), [told(EVENT)], "", 0) is None


def test_a_head_without_its_events_is_a_flaw() -> None:
    found = flaw(named(a_job()), [], "5f3a", 0)

    assert found is not None
    assert "missing" in found.why
