"""Jobs and events survive being written and read; snapshots are closed meanwhile."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from bot.wire import FORMAT, Cipher, pack_event, pack_job, unpack_event, unpack_job
from workflows.errors import StepFailed
from workflows.model import (
    Event,
    EventKind,
    HostResult,
    Job,
    JobKind,
    JobState,
    Record,
    RecordState,
)

CIPHER = Cipher((Fernet.generate_key(),))

text = st.text(max_size=20)
number = st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | number | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
facts = st.dictionaries(text, json_values, max_size=3)
host_results = st.lists(st.builds(HostResult, seconds=number), max_size=3).map(tuple)
records = st.builds(
    Record,
    name=text,
    state=st.sampled_from(RecordState),
    before=facts,
    note=text,
    hosts=host_results,
    since=number,
    attempts=st.integers(),
    away=number,
    shown=text,
    reminded=st.booleans(),
    by=text,
)
jobs = st.builds(
    Job,
    id=text,
    app=text,
    requested_by=text,
    channel=text,
    created=number,
    records=st.lists(records, max_size=4).map(tuple),
    kind=st.sampled_from(JobKind),
    state=st.sampled_from(JobState),
    reason=text,
    hint=text,
    version=st.integers(),
    names=st.dictionaries(text, text, max_size=3),
    without=st.lists(text, max_size=3).map(tuple),
    only=st.lists(text, max_size=3).map(tuple),
)
events = st.builds(
    Event,
    at=number,
    job=text,
    kind=st.sampled_from(EventKind),
    step=text,
    who=text,
    text=text,
    hint=text,
    lines=st.lists(text, max_size=3).map(tuple),
    shown=text,
    hosts=host_results,
)


def written(wire: dict[str, Any]) -> Any:
    return json.loads(json.dumps(wire))


@given(jobs)
def test_a_job_is_read_as_it_was_written(job: Job) -> None:
    assert unpack_job(written(pack_job(job, CIPHER)), CIPHER) == job


@given(events)
def test_an_event_is_read_as_it_was_written(event: Event) -> None:
    assert unpack_event(written(pack_event(event))) == event


def a_job(**before: str) -> Job:
    records = (Record("identity", before=before),)
    return Job(id="7Q2", app="a", requested_by="U1", channel="C1", created=1.0, records=records)


def test_a_snapshot_cannot_be_read_without_the_key() -> None:
    wire = json.dumps(pack_job(a_job(secret="hunter2"), CIPHER))

    assert "hunter2" not in wire
    assert '"app": "a"' in wire


def test_the_first_key_closes_and_every_key_opens() -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    closed_by_old = Cipher((old,)).close({"a": 1})
    closed_by_both = Cipher((new, old)).close({"a": 1})

    assert Cipher((new, old)).open(closed_by_old) == {"a": 1}
    assert Cipher((new,)).open(closed_by_both) == {"a": 1}


def test_a_snapshot_that_no_key_opens_names_the_job_and_the_way_out() -> None:
    wire = pack_job(a_job(secret="hunter2"), CIPHER)

    with pytest.raises(StepFailed, match="reading job 7Q2: none of the snapshot keys") as refusal:
        unpack_job(wire, Cipher((Fernet.generate_key(),)))

    assert "key" in refusal.value.hint


def test_a_newer_format_is_refused_by_name() -> None:
    wire = {**pack_job(a_job(), CIPHER), "format": FORMAT + 1}

    with pytest.raises(StepFailed, match=f"reading job 7Q2: written in format {FORMAT + 1}"):
        unpack_job(wire, CIPHER)


def test_a_newer_event_is_refused_by_name() -> None:
    wire = {"format": FORMAT + 1, "job": "7Q2", "smell": "of roses"}

    with pytest.raises(StepFailed, match="reading an event of job 7Q2: written in format"):
        unpack_event(wire)


def test_a_snapshot_of_a_thousand_hosts_is_packed_and_an_older_plain_one_is_read_too() -> None:
    hosts = {f"h{n}": {"user_file": False, "final_newline": True} for n in range(1000)}
    key = Fernet.generate_key()
    plain = Fernet(key).encrypt(json.dumps(hosts).encode()).decode()
    closed = Cipher((key,)).close(hosts)

    assert len(closed) < len(plain) / 5
    assert Cipher((key,)).open(closed) == Cipher((key,)).open(plain) == hosts
