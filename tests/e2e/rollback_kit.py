"""A move in one process that is taken back at any point, and what an outsider finds afterwards.

The engine, the SDK adapter and the emulator are the real ones; hosts are files, and the test's own
clock can pass seven days. Agents forget their place in a file with the config that they lose, and
start again `tail` lines before its end, as the real ones do with bytes.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from aliyun.log import LogClient

from sandbox.sls.door import Beat, Delivered, LogGroup
from sandbox.sls.faults import Fault, Kind
from tests.contract.rights_world import (
    AGENT,
    BOB,
    CONF,
    ENDPOINT,
    OWNERS,
    REGION,
    A,
    B,
    RightsWorld,
    Within,
)
from workflows.model import ENDED, EventKind, JobState

TAIL = 3  # lines
DAY = 86_400
PAUSE = 7200  # seconds between two lines while days pass
OFF = 300  # seconds that the service's clock may be away from the SDK's before a test says so
SIDES = {"source": ("shop-b", "old-logs"), "target": ("shop-a", "app-b")}
STAMPS = ("createTime", "lastModifyTime")

Key = tuple[str, str, int, str]  # host, file, second, text


class Rollback(RightsWorld):
    """`tail` as large as a file is how real agents read small ones. `written` is every line of every file; `sees` is an SDK client that is none of the product's."""

    def __init__(self, tail: int = TAIL) -> None:
        self.tail = tail
        self.files = defaultdict[tuple[str, str], list[tuple[int, str]]](list)
        self.places: dict[tuple[str, str], int] = {}
        self.off = 0.0
        super().__init__()
        self.before = self.things()

    def second(self) -> None:
        self._tell_the_time()
        super().second()

    def _tell_the_time(self) -> None:
        """The SDK signs in real time; the service's clock is this world's."""
        off = time.time() - self.clock.now()
        if abs(off - self.off) > OFF or not self.server.faults.counts:
            self.off = off
            self.server.faults.clear()
            self.server.faults.add(Fault(Kind.SKEW, times=None, seconds=off))

    def _agent(self, name: str, number: int) -> None:
        ip, files = f"10.0.0.{number}", self.hosts.hosts[name].files
        for path in ("config", "pipeline"):
            now = int(self.clock.now())
            self.files[name, path] += [(now, f"{path} of {now}"), (now, "the same each time")]
        ids = tuple(files[f"{CONF}/user_defined_id"].decode().split())
        accounts = frozenset({B} | ({A} if f"{CONF}/users/{A}" in files else set()))
        held = self.server.door.beat(
            Beat(ip, f"UUID-{number}", ids, accounts, "1.8.8", "Linux", REGION)
        )
        keys = sorted(one.key for one in held)
        files[f"{AGENT}/user_log_config.json"] = json.dumps(keys).encode()
        for host, key in list(self.places):
            if host == name and key not in keys:
                del self.places[host, key]
        for one in held:
            self._ship(name, ip, one, accounts)

    def _ship(self, name: str, ip: str, one: Delivered, accounts: frozenset[str]) -> None:
        path = one.name.removeprefix("old-")
        lines = self.files[name, path]
        start = self.places.setdefault((name, one.key), max(0, len(lines) - self.tail))
        tags = {"__hostname__": name, "__path__": f"/var/log/app-b/{path}", "__pack_id__": one.key}
        logs = [(at, {"message": text}) for at, text in lines[start:]]
        if not logs:
            return
        group = LogGroup("", ip, tags, logs)
        if self.server.door.put(accounts, one.project, _logstore(one.body), group) == 200:
            self.places[name, one.key] = len(lines)

    def until(self, reached: Callable[[Rollback], bool]) -> None:
        """Go on, with everybody agreeing, until that is so."""
        self.live(lambda _: reached(self))
        assert reached(self), self.said()

    def days(self, days: float) -> None:
        """Nobody does anything but the applications and their agents."""
        end = self.clock.now() + days * DAY
        while self.clock.now() < end:
            self.clock.tick(PAUSE - 1)
            self.second()
        for _ in range(20):
            self.second()

    def rolled_back(self) -> str:
        """Taken back to the end; what was said of the step `stop`, "" if it had not begun."""
        self.service.roll_back("J1", BOB)
        self.live(lambda _: self.job.state in ENDED)
        assert self.job.state is JobState.UNDONE, self.said()
        told = self.store.told["J1"]
        return next(
            (e.text for e in told if e.kind is EventKind.TAKEN_BACK and e.step == "stop"), ""
        )

    @property
    def written(self) -> Counter[Key]:
        return Counter(
            (name, path, at, text)
            for (name, path), lines in self.files.items()
            for at, text in lines
        )

    def sees(self, side: str) -> LogClient:
        key = OWNERS[side]
        client = LogClient(ENDPOINT, key.id, key.secret)
        client._session.mount("http://", Within(self.server))
        return client

    def things(self) -> dict[str, Any]:
        """Everything of both projects and of the hosts, but for lines and what agents write."""
        found: dict[str, Any] = {
            name: {path: content for path, content in host.files.items() if AGENT not in path}
            for name, host in self.hosts.hosts.items()
        }
        for side, (project, _) in SIDES.items():
            for kind in ("logstores", "configs", "pipelineconfigs", "machinegroups"):
                found[f"{side} {kind}"] = self._all(side, project, kind)
        return found

    def _all(self, side: str, project: str, kind: str) -> dict[str, Any]:
        listed = self._get(side, project, f"/{kind}")
        names = listed.get(kind, listed.get("configs", []))
        found = {}
        for name in names:
            body = self._get(side, project, f"/{kind}/{name}")
            bare = {key: value for key, value in body.items() if key not in STAMPS}
            if kind in {"configs", "pipelineconfigs"}:
                groups = self._get(side, project, f"/configs/{name}/machinegroups")
                bare["applied to"] = sorted(groups["machinegroups"])
            found[name] = bare
        return found

    def _get(self, side: str, project: str, path: str) -> dict[str, Any]:
        body, _ = self.sees(side)._send("GET", project, None, path, {}, {})
        return dict(body)

    def lines(self, side: str) -> Counter[Key]:
        """Every line of that side's logstore by shard cursors; none where there is no logstore."""
        project, logstore = SIDES[side]
        client, found = self.sees(side), Counter[Key]()
        if logstore not in (client.list_logstore(project).get_logstores() or []):
            return found
        for shard in client.list_shards(project, logstore).get_shards_info():
            begin, end = (
                client.get_cursor(project, logstore, shard["shardID"], at).get_cursor()
                for at in ("begin", "end")
            )
            while begin != end:
                page = client.pull_logs(project, logstore, shard["shardID"], begin, 1000, end)
                begin = page.get_next_cursor()
                for group in page.get_loggroup_list().LogGroups:
                    tags = {tag.Key: tag.Value for tag in group.LogTags}
                    path = tags["__path__"].rpartition("/")[2]
                    found.update(
                        (tags["__hostname__"], path, log.Time, log.Contents[0].Value)
                        for log in group.Logs
                    )
        return found


def _logstore(body: dict[str, Any]) -> str:
    if "flushers" in body:
        return str(body["flushers"][0]["Logstore"])
    return str(body["outputDetail"]["logstoreName"])
