"""The network between one host's agent and the log service."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from sandbox.sls.door import Answer
from sandbox.sls.errors import SlsError

if TYPE_CHECKING:
    from sandbox.sls.door import Beat, Delivered, LogGroup

UNREACHED = "RequestError"  # what the agent's client makes of a request without an answer


class Reach(StrEnum):
    """How far a request of this host comes; the words are those its tools read."""

    OK = "ok"
    SILENT = "silent"
    REFUSED = "refused"
    DNS = "dns"


class Way(Protocol):
    """How an agent speaks to the service: sandbox.sls.door.Door, or what stands before it."""

    def beat(self, beat: Beat) -> tuple[Delivered, ...]: ...
    def put(
        self,
        accounts: frozenset[str],
        project: str,
        logstore: str,
        group: LogGroup,
        at: float | None = None,
    ) -> Answer: ...


class Network:
    """A way to the service that one host comes to, or does not. Source: core/sender/Sender.cpp (RequestError)."""

    def __init__(self, door: Way) -> None:
        self.reach = Reach.OK
        self.withholds = False  # what is delivered stays as it was
        self._door = door
        self._last: tuple[Delivered, ...] = ()

    def beat(self, beat: Beat) -> tuple[Delivered, ...]:
        """See Door; SlsError where no request comes through."""
        if self.reach is not Reach.OK:
            raise SlsError(0, UNREACHED, "no answer")
        answer = self._door.beat(beat)
        if not self.withholds:
            self._last = answer
        return self._last

    def put(
        self,
        accounts: frozenset[str],
        project: str,
        logstore: str,
        group: LogGroup,
        at: float | None = None,
    ) -> Answer:
        """See Door; an answer that the agent tries again where no request comes through."""
        if self.reach is not Reach.OK:
            return Answer.of(503, UNREACHED)
        return self._door.put(accounts, project, logstore, group, at)
