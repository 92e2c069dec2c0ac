"""After a change of keys: every job is written anew, and the old key is needed no more."""

from __future__ import annotations

from bot.store import RedisStore
from workflows.errors import Conflict, StepFailed, UnknownJob

TRIES = 5  # a worker's commit may come between a load and a save


def rekey(store: RedisStore) -> int:
    """How many jobs were written anew. Raises StepFailed for one that none of the keys opens."""
    return sum(_rewritten(store, job_id) for job_id in store.ids())


def _rewritten(store: RedisStore, job_id: str) -> bool:
    for _ in range(TRIES):
        try:
            store.amend(store.load(job_id))
        except UnknownJob:  # Redis has dropped it
            return False
        except Conflict:
            continue
        return True
    hint = "Once more does no harm: what is written anew already stays so."
    raise StepFailed(f"writing job {job_id} anew: it is moving quickly just now", hint)
