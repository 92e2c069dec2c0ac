"""The agents' door: heartbeats, config delivery and log lines without HTTP, from any thread.

The real agent speaks a protocol of its own that is not published; what it achieves is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sandbox.sls import wire
from sandbox.sls.errors import SlsError
from sandbox.sls.state import MachineGroup, Project, State

SKEW = 900.0  # seconds; real ones whatever the clock's speed, as timestamps are


@dataclass(frozen=True)
class Beat:
    """What a machine says of itself: `ids` are its custom ids, `accounts` the ids it obeys."""

    ip: str
    unique_id: str
    ids: tuple[str, ...]
    accounts: frozenset[str]
    version: str
    os: str
    region: str
    host_id: str = ""
    at: float | None = None  # the host's own time, where it is told


@dataclass(frozen=True)
class Delivered:
    """A config on its way to a machine; `create_time` is in seconds since the epoch."""

    project: str
    name: str
    account: str
    body: dict[str, Any]
    create_time: int
    group_topic: str = ""  # groupAttribute.groupTopic of the machine group it came by

    @property
    def key(self) -> str:
        """The name under which a machine knows the config."""
        return f"##1.0##{self.project}${self.name}"


@dataclass(frozen=True)
class LogGroup:
    """Lines of one file: each is (seconds since the epoch, its fields)."""

    topic: str
    source: str
    tags: Mapping[str, str] = field(default_factory=dict)
    logs: Sequence[tuple[int, Mapping[str, str]]] = ()


class Answer(int):
    """A status, with the error code that came with it; empty for 200."""

    code = ""

    @classmethod
    def of(cls, status: int, code: str) -> Answer:
        """Return the status with its code."""
        answer = cls(status)
        answer.code = code
        return answer


class Door:
    """Where agents come in; every method is safe to call from any thread."""

    def __init__(self, state: State) -> None:
        """Open onto the same state that the HTTP side shows."""
        self._state = state
        self._copies: dict[tuple[str, str, str], dict[str, Any]] = {}

    def reset(self) -> None:
        """Forget what was delivered to whom."""
        with self._state.lock:
            self._copies.clear()

    def beat(self, beat: Beat) -> tuple[Delivered, ...]:
        """Record a heartbeat in every group it matches; returns the configs applied to those.

        Raises SlsError where the host's clock is 15 minutes off.
        """
        found: dict[str, Delivered] = {}
        with self._state.lock:
            now = self._state.clock.now()
            _refuse_expired(beat.at, now)
            for project, group in self._matching(beat):
                group.hear(beat, now)
                for name in group.configs:
                    config = _delivered(project, name, group, self._own_copy(beat, project, name))
                    found[config.key] = config
        return tuple(found.values())

    def _own_copy(self, beat: Beat, project: Project, name: str) -> dict[str, Any]:
        """The machine's own copy of a body, the one it has already as long as they are equal."""
        owner, body = (beat.unique_id, project.name, name), project.configs[name]
        if self._copies.get(owner) != body:
            self._copies[owner] = deepcopy(body)
        return self._copies[owner]

    def put(
        self,
        accounts: frozenset[str],
        project: str,
        logstore: str,
        group: LogGroup,
        at: float | None = None,
    ) -> Answer:
        """Store lines; 200, or 401 foreign account, 404 nothing there, 400 lines not accepted.

        `at` is the host's own time, where it is told; 400 RequestTimeExpired if 15 minutes off.
        """
        raw = wire.encode(group.topic, group.source, group.tags, group.logs)
        try:
            with self._state.lock:
                _refuse_expired(at, self._state.clock.now())
                self._put(accounts, project, logstore, raw, group.source)
        except SlsError as refusal:
            return Answer.of(refusal.status, refusal.code)
        return Answer(200)

    def _put(
        self, accounts: frozenset[str], project: str, logstore: str, raw: bytes, ip: str
    ) -> None:
        owner = self._state.project(project)
        if owner.account.id not in accounts:
            raise SlsError(401, "Unauthorized", "The project does not belong to you.")
        self._state.store(owner, logstore, raw, ip)

    def _matching(self, beat: Beat) -> list[tuple[Project, MachineGroup]]:
        return [
            (project, group)
            for project in self._state.projects.values()
            if project.account.id in beat.accounts and project.region == beat.region
            for group in project.groups.values()
            if group.matches(beat, custom_id_hides_ip=self._state.unsettled.custom_id_hides_ip)
        ]


def _refuse_expired(at: float | None, now: float) -> None:
    if at is not None and abs(at - now) > SKEW:
        raise SlsError(400, "RequestTimeExpired", f"{int(at)} is too far from {int(now)}.")


def _delivered(project: Project, name: str, group: MachineGroup, body: dict[str, Any]) -> Delivered:
    topic = (group.body.get("groupAttribute") or {}).get("groupTopic") or ""
    return Delivered(project.name, name, project.account.id, body, body["createTime"], topic)
