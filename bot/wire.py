"""How jobs and events are written: JSON with a format number, snapshots encrypted. Pure."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from workflows.errors import StepFailed
from workflows.model import (
    SETTLED,
    Drift,
    Event,
    EventKind,
    Facts,
    HostResult,
    Job,
    JobKind,
    JobState,
    Record,
    RecordState,
)

# Raise it when a reader of today would misunderstand what is written tomorrow, and tell in
# UPGRADES how what is written today reads then.
FORMAT = 5

SMALL = 1000  # bytes; larger snapshots are packed, as those of many hosts shrink to a tenth

Wire = dict[str, Any]


class Cipher:
    """Closes and opens snapshots: the first key closes, every key opens, so keys can change."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def close(self, facts: Facts) -> str:
        plain = json.dumps(facts).encode()
        return self._fernet.encrypt(zlib.compress(plain) if len(plain) > SMALL else plain).decode()

    def open(self, closed: str) -> Facts:
        """Raises InvalidToken where none of the keys fits."""
        plain = self._fernet.decrypt(closed.encode())
        facts: Facts = json.loads(plain if plain.startswith(b"{") else zlib.decompress(plain))
        return facts

    def opened(self, closed: str) -> Facts | None:
        """None where none of the keys fits: what can be had anew is not worth a word."""
        try:
            return self.open(closed)
        except InvalidToken:
            return None


def pack_job(job: Job, cipher: Cipher) -> Wire:
    """A job as JSON values; what its checks saw is closed, the rest is in the clear."""
    wire = asdict(job)
    for record in wire["records"]:
        record["before"] = cipher.close(record["before"]) if record["before"] else ""
    return {"format": FORMAT, **wire}


def unpack_job(wire: Mapping[str, Any], cipher: Cipher) -> Job:
    """Raises StepFailed for a newer format and for a snapshot that no key opens."""
    what = f"reading job {wire.get('id')}"
    fields = _fields(wire, what)
    try:
        records = tuple(_record(record, cipher) for record in fields.pop("records"))
    except InvalidToken:
        raise StepFailed(
            f"{what}: none of the snapshot keys opens its snapshots",
            "Put the key it was written with back, after the new one.",
        ) from None
    kind, state = JobKind(fields.pop("kind")), JobState(fields.pop("state"))
    chosen: dict[str, Any] = {name: tuple(fields.pop(name)) for name in ("without", "only")}
    drift = tuple(Drift(**found) for found in fields.pop("drift", ()))
    chosen["written"] = tuple(tuple(call) for call in fields.pop("written", ()))
    return Job(records=records, kind=kind, state=state, drift=drift, **chosen, **fields)


def pack_report(job: Job) -> Wire:
    """What is kept of a job for good: all but what its checks saw, which may hold secrets."""
    bare = tuple(replace(record, before={}) for record in job.records)
    return {"format": FORMAT, **asdict(replace(job, records=bare))}


def pack_event(event: Event) -> Wire:
    """An event as JSON values."""
    return {"format": FORMAT, **asdict(event)}


def unpack_event(wire: Mapping[str, Any]) -> Event:
    """Raises StepFailed for a newer format."""
    fields = _fields(wire, f"reading an event of job {wire.get('job')}")
    kind, hosts = EventKind(fields.pop("kind")), _hosts(fields.pop("hosts"))
    listed: Wire = {name: tuple(fields.pop(name, ())) for name in ("lines", "requests")}
    return Event(kind=kind, hosts=hosts, **listed, **fields)


def _fields(wire: Mapping[str, Any], what: str) -> Wire:
    fields = dict(wire)
    written = fields.pop("format")
    for older in range(written, FORMAT):
        fields = UPGRADES[older](fields)
    if written > FORMAT:
        raise StepFailed(
            f"{what}: written in format {written}, this program reads up to format {FORMAT}",
            "Use the newer program that wrote it; nothing was changed.",
        )
    return fields


def _from_1(fields: Wire) -> Wire:
    """Format 2 added whether an approval's people were reminded; nobody was before."""
    if "records" not in fields:  # an event, which is as it was
        return fields
    return {**fields, "records": [{**record, "reminded": False} for record in fields["records"]]}


def _from_2(fields: Wire) -> Wire:
    """Format 3 put a pilot before the other hosts, and lets hosts be left out."""
    if "records" not in fields:
        return fields
    rows = {row["name"]: row for row in fields["records"]}
    if {"identity", "group"} <= rows.keys():
        rows = {**_split_from_2(rows["identity"], rows["group"]), **rows}
    return {**fields, "records": list(rows.values()), "without": (), "only": ()}


def _split_from_2(identity: Wire, group: Wire) -> dict[str, Wire]:
    """The two rows of before were about all hosts; the others are done where those leave nothing.

    `group` began once every host had both ids, and it looked at every host. Until then the hosts
    are looked at by the row that does so now, and the first one is completed by its own.
    """
    begun = group["state"] != RecordState.PENDING
    prepared = begun or identity["state"] in SETTLED
    beating = group["state"] in SETTLED
    return {
        "hosts": _row("hosts", done=begun),
        "pilot": _row("pilot", done=prepared),
        "group": group,
        "identity": identity,
        "heartbeats": _row("heartbeats", done=beating),
    }


def _row(name: str, *, done: bool) -> Wire:
    state = RecordState.ALREADY if done else RecordState.PENDING
    return {**asdict(Record(name, state)), "before": ""}


def _from_3(fields: Wire) -> Wire:
    """Format 4 reads and checks the source first, and asks about a logstore that was there before.

    Once the target's logstore was begun, that is over; until then the new rows have their turn.
    """
    rows = {row["name"]: row for row in fields.get("records", ())}
    if "destination" not in rows:  # an event, or a job of another kind
        return fields
    over = rows["destination"]["state"] != RecordState.PENDING
    new = {name: _row(name, done=over) for name in ("source", "keep?")}
    return {**fields, "records": list({**new, **rows}.values())}


def _from_4(fields: Wire) -> Wire:
    """Format 5 forecasts before anything is changed, and watches the target alone afterwards.

    Once the first host was begun, the forecast is over; once people were asked to delete the source's
    config, so is the watch: their card stays open.
    """
    rows = {row["name"]: row for row in fields.get("records", ())}
    if "pilot" not in rows or "delete?" not in rows:
        return fields
    begun = rows["pilot"]["state"] != RecordState.PENDING
    over = rows["delete?"]["state"] != RecordState.PENDING
    listed = []
    for name, row in rows.items():
        listed += [_row("forecast", done=begun)] * (name == "pilot")
        listed += [_row("alone", done=over)] * (name == "delete?")
        listed.append(row)
    return {**fields, "records": listed}


UPGRADES = {1: _from_1, 2: _from_2, 3: _from_3, 4: _from_4}


def _record(wire: Mapping[str, Any], cipher: Cipher) -> Record:
    fields = dict(wire)
    closed, hosts = fields.pop("before") or "", _hosts(fields.pop("hosts"))
    before = cipher.open(closed) if closed else {}
    return Record(state=RecordState(fields.pop("state")), before=before, hosts=hosts, **fields)


def _hosts(wire: Iterable[Mapping[str, Any]]) -> tuple[HostResult, ...]:
    return tuple(HostResult(**host) for host in wire)
