"""The sandbox's log service without HTTP: its own calls, its own state, under a virtual clock."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.sls import routes
from sandbox.sls.accounts import Account, Key
from sandbox.sls.call import Call
from sandbox.sls.door import Answer, Door
from sandbox.sls.requests import Request
from sandbox.sls.settings import Delays, Limits
from sandbox.sls.state import State

if TYPE_CHECKING:
    from sandbox.simulate.clock import VirtualClock
    from sandbox.sls.door import Beat, Delivered, LogGroup
    from sandbox.sls.tape import Group

REGION = "cn-hangzhou"
BINDABLE = 40.0  # seconds until a new config or machine group can be applied, within what is known


@dataclass(frozen=True)
class Side:
    """One account and what app-b is called there; `custom_id` is the group's."""

    account: Account
    project: str
    logstore: str
    config: str
    group: str
    custom_id: str

    @property
    def key(self) -> str:
        """The name under which agents know the config."""
        return f"##1.0##{self.project}${self.config}"


SOURCE = Side(
    Account("1765432109876397", REGION, (Key("LTAI5tSimulatedSource", "secret-of-b"),)),
    "shop-b-logs", "app-b-logs", "app-b-access", "app-b-hosts", "app-b-hosts",
)  # fmt: skip
TARGET = Side(
    Account("1234567890123456", REGION, (Key("LTAI5tSimulatedTarget", "secret-of-a"),)),
    "shop-a-logs", "app-b", "app-b", "app-b", "application_b",
)  # fmt: skip
SIDES = {"source": SOURCE, "target": TARGET}

INDEX = {"line": {"token": [",", " ", "=", '"'], "caseSensitive": False, "chn": True}}
FILES = {"logPath": "/var/log/app-b", "filePattern": "*.log*", "topicFormat": "none"}
WHOLE = {
    "logType": "common_reg_log",
    "discardUnmatch": False,
    "logBeginRegex": ".*",
    "regex": "(.*)",
    "key": ["content"],
}
FIELDS = WHOLE | {
    "regex": r"(\d+-\d+-\d+ \d+:\d+:\d+) (\S+) (.*)",
    "key": ["time", "who", "said"],
    "timeKey": "time",
    "timeFormat": "%Y-%m-%d %H:%M:%S",
    "adjustTimezone": True,
    "logTimezone": "GMT+00:00",
}


class Service:
    """Both accounts. Calls go through the route table that the HTTP side uses."""

    def __init__(self, clock: VirtualClock) -> None:
        self.state = State(
            (SOURCE.account, TARGET.account), clock, Delays(bindable=BINDABLE), Limits()
        )
        for side in (SOURCE, TARGET):
            body = {"projectName": side.project, "description": ""}
            self.call(side, "POST", "/", body)

    def call(self, side: Side, method: str, path: str, body: Any = None) -> Any:
        """Make one call as the owner of the project; returns the answer's JSON, None if empty.

        Raises SlsError as the service refuses.
        """
        headers = {"host": f"{side.project}.{REGION}.log.aliyuncs.com"}
        raw = b"" if body is None else json.dumps(body).encode()
        request = Request(method, path, headers, raw)
        route, names = routes.find(request)
        reply = route.answer(Call(request, self.state, side.account, names, side.account.keys[0]))
        return json.loads(reply.body) if reply.body else None

    def make_logstore(self, side: Side) -> None:
        """Create the logstore; its index has to wait until it is ready."""
        body = {"logstoreName": side.logstore, "ttl": 30, "shardCount": 2, "appendMeta": True}
        self.call(side, "POST", "/logstores", body)

    def make_index(self, side: Side) -> None:
        """Create the index of a logstore that is ready."""
        self.call(side, "POST", f"/logstores/{side.logstore}/index", INDEX)

    def make_group(self, side: Side) -> None:
        """Create the machine group by custom id."""
        body = {"groupName": side.group, "groupType": "", "machineIdentifyType": "userdefined",
                "machineList": [side.custom_id], "groupAttribute": {}}  # fmt: skip
        self.call(side, "POST", "/machinegroups", body)

    def make_config(self, side: Side, *, fields: bool, forced: bool) -> None:
        """Create the config that collects app-b's logs."""
        advanced = {"advanced": {"force_multiconfig": True}} if forced else {}
        output = {"projectName": side.project, "logstoreName": side.logstore}
        body = {
            "configName": side.config,
            "inputType": "file",
            "inputDetail": FILES | (FIELDS if fields else WHOLE) | advanced,
            "outputType": "LogService",
            "outputDetail": output,
        }
        self.call(side, "POST", "/configs", body)

    def bind(self, side: Side, *, on: bool) -> None:
        """Apply the config to the group, or remove it from there."""
        method = "PUT" if on else "DELETE"
        self.call(side, method, f"/machinegroups/{side.group}/configs/{side.config}")

    def machines(self, side: Side) -> int:
        """Return how many machines of the group are heard of."""
        found = self.call(side, "GET", f"/machinegroups/{side.group}/machines")
        return int(found["total"])

    def shards(self, side: Side) -> list[list[Group]]:
        """Return the log groups that the side's logstore holds, by shard; none without logstore."""
        logstores = self.state.projects[side.project].logstores
        found = logstores.get(side.logstore)
        return [tape.groups() for tape in found.tapes] if found else []


@dataclass(frozen=True)
class Refusing:
    """From `begin` to `end` the lines for one project ("" for all) are answered `status`."""

    project: str
    status: int
    begin: float
    end: float


class RoughDoor(Door):
    """The door as agents meet it on a bad day: refused lines, and news that comes late."""

    def __init__(self, state: State, clock: VirtualClock) -> None:
        super().__init__(state)
        self.refusing: list[Refusing] = []
        self.late_until: dict[str, float] = {}  # by the machine's unique id
        self._clock = clock
        self._told: dict[str, tuple[Delivered, ...]] = {}

    def beat(self, beat: Beat) -> tuple[Delivered, ...]:
        """See Door; for a machine that is told late, what it was told last."""
        news = super().beat(beat)
        if self._clock.now() >= self.late_until.get(beat.unique_id, 0.0):
            self._told[beat.unique_id] = news
        return self._told.get(beat.unique_id, ())

    def put(
        self,
        accounts: frozenset[str],
        project: str,
        logstore: str,
        group: LogGroup,
        at: float | None = None,
    ) -> Answer:
        """See Door; while lines are refused none of them is stored."""
        now = self._clock.now()
        for one in self.refusing:
            if one.begin <= now < one.end and one.project in ("", project):
                return Answer(one.status)
        return super().put(accounts, project, logstore, group, at)
