"""What the store's scripts answer, as the errors that say what to do."""

from __future__ import annotations

from collections.abc import Sequence

from bot.redis_server import text
from workflows.errors import ClaimLost, Conflict, Locked, UnknownJob
from workflows.model import Job


def heed(answer: Sequence[bytes | str], job: Job) -> None:
    """Raises what anything but "saved" means: the verdict of create, save and note."""
    verdict, *more = (text(word) for word in answer)
    match verdict:
        case "saved":
            return
        case "locked":
            raise _locked(job, holder=more[0])
        case "lost":
            raise ClaimLost(f"saving job {job.id}: the claim is over or somebody else's")
        case "gone":
            raise unknown(job.id)
        case _:  # conflict, or the id of a new job is taken
            raise Conflict(f"saving job {job.id}: it is no longer at version {job.version}")


def unknown(job_id: str) -> UnknownJob:
    return UnknownJob(f"There is no job {job_id}.", "`/logmigrate list` shows the newest jobs.")


def _locked(job: Job, holder: str) -> Locked:
    return Locked(
        f"{job.app} is held by job {holder}.",
        f"`/logmigrate status {holder}` shows what it is doing.",
        holder,
    )
