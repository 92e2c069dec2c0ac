"""An ETL job and its life cycle: which call is possible in which status."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sandbox.sls import errors
from sandbox.sls.etl_plan import Plan


class Status(StrEnum):
    """Where a job stands, in the service's words."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    RESTARTING = "RESTARTING"


# These pass by themselves, into the status that stands beside them.
PASSING = {
    Status.STARTING: Status.RUNNING,
    Status.RESTARTING: Status.RUNNING,
    Status.STOPPING: Status.STOPPED,
}
# The table on the help page about managing jobs; a failed job can only be run anew.
_POSSIBLE = {
    "START": (Status.STOPPED,),
    "STOP": (Status.RUNNING,),
    "RESTART": (Status.RUNNING, Status.STOPPED, Status.SUCCEEDED, Status.FAILED),
}


@dataclass
class Job:
    """One job; `plan` is what it is configured to do, `running` what its present run does.

    `until` is when a passing status ends. `failure` says why the last run failed, `batches` how
    many batches it wrote in its life. `fresh` says that the next run begins from scratch.
    """

    name: str
    body: dict[str, Any]
    plan: Plan
    schedule_id: str
    created: float
    modified: float
    until: float
    status: Status = Status.STARTING
    running: Plan = field(init=False)
    failure: str = ""
    batches: int = 0
    fresh: bool = False

    def __post_init__(self) -> None:
        """The first run does what the job was made for."""
        self.running = self.plan

    @property
    def group(self) -> str:
        """The consumer group by which it reads."""
        return f"etl-{self.schedule_id}"

    def check(self, verb: str) -> None:
        """Refuse a START, STOP or RESTART that its status does not allow."""
        self.check_settled()
        if self.status not in _POSSIBLE[verb]:
            raise errors.parameter(f"{verb} of job {self.name}: its status is {self.status}")

    def check_settled(self) -> None:
        """Refuse a change while an earlier one is under way; worded as the service words it."""
        if self.status in PASSING:
            text = f"Previous operation has not finished, status is {self.status}"
            raise errors.parameter(text)

    def start(self, until: float, *, fresh: bool) -> None:
        """Begin a run by the present plan, from where the last one ended or `fresh`."""
        self.status, self.until = (Status.RESTARTING if fresh else Status.STARTING), until
        self.running, self.fresh, self.failure = self.plan, fresh, ""

    def stop(self, until: float) -> None:
        """End the run; its place is kept."""
        self.status, self.until = Status.STOPPING, until

    def fail(self, why: str) -> None:
        """End the run, for a reason."""
        self.status, self.failure = Status.FAILED, why
