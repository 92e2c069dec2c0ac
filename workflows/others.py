"""What the app's migration is at, for whoever works beside it."""

from __future__ import annotations

from workflows.model import JobKind, JobState
from workflows.ports import Store

TURNED = frozenset({JobState.UNDOING, JobState.UNDONE})


def taken_back(store: Store, app: str) -> str:
    """Id of the app's newest migration, where that rolls back or was rolled back; else ""."""
    holder = store.holder(app)
    jobs = (store.load(holder),) if holder else store.jobs()
    newest = next((job for job in jobs if job.app == app and job.kind is JobKind.MOVE), None)
    if newest is None or newest.back_to:
        return ""
    return newest.id if newest.state in TURNED or newest.turned_back else ""
