"""
The report of one job as JSON. Pure.

`events` are the story, chained (workflows/chain.py). What `drawn` makes of them stands beside them
for whoever reads: rows with their times, approvals, proofs, hosts, calls. `job` is the record as it
was when the report was made; of it the chain covers what names the job.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from workflows.chain import begun, canonical, told
from workflows.model import ENDED, Event, Facts, Job
from workflows.report.approvals import approvals
from workflows.report.hosts import hosts
from workflows.report.proofs import proofs
from workflows.report.rows import rows

FORMAT = 1


def report(
    job: Job, events: Sequence[Event], titles: Mapping[str, str], at: float, program: str
) -> Facts:
    """All that is known of the job. `titles`: of its rows, by name; `at`: now, in seconds."""
    story = [told(event) for event in until(job, events)]
    return sealed({
        "format": FORMAT,
        "program": program,
        "made": at,
        "job": _named(job),
        "titles": {record.name: titles.get(record.name, record.name) for record in job.records},
        "chain": {"head": job.chain, "from": begun(story)},
        "events": story,
        **drawn(story),
    })  # fmt: skip


def sealed(bare: Facts) -> Facts:
    """With a fingerprint over all of it: whoever edits a report without knowing of it is found."""
    unsealed = {name: part for name, part in bare.items() if name != "seal"}
    return {**unsealed, "seal": hashlib.sha256(canonical(unsealed).encode()).hexdigest()}


def until(job: Job, events: Sequence[Event]) -> Sequence[Event]:
    """The events up to the job's newest; others may have been saved after it was loaded."""
    known = [number for number, event in enumerate(events, 1) if event.link == job.chain]
    return events[: known[-1]] if job.chain and known else events


def drawn(story: Sequence[Facts]) -> Facts:
    """What follows from the events alone; a check draws it again."""
    return {
        "plan": next((event["lines"] for event in reversed(story) if _is_plan(event)), []),
        "rows": rows(story),
        "approvals": approvals(story),
        "proofs": proofs(story),
        "hosts": hosts(story),
        "requests": [
            {"event": number, "call": call}
            for number, event in enumerate(story, 1)
            for call in event.get("requests", ())
        ],
    }


def _is_plan(event: Mapping[str, Any]) -> bool:
    return event["kind"] == "planned" and bool(event.get("lines"))


def _named(job: Job) -> Facts:
    """Without what its checks saw, which may hold secrets."""
    return {
        "id": job.id,
        "app": job.app,
        "kind": str(job.kind),
        "requested_by": job.requested_by,
        "channel": job.channel,
        "created": job.created,
        "state": str(job.state),
        "ended": job.state in ENDED,
        "reason": job.reason,
        "hint": job.hint,
        "route": job.route,
        "asked": dict(job.asked),
        "names": dict(job.names),
        "without": list(job.without),
        "only": list(job.only),
        "records": [
            {"name": record.name, "state": str(record.state), "note": record.note, "by": record.by}
            for record in job.records
        ],
    }
