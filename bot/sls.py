"""
One project of Log Service through aliyun-log-python-sdk, as workflows.ports.Sls.

Logstores, indexes, configs and machine groups travel as the service's raw JSON: the SDK's classes
drop fields (outputDetail.endpoint, index ttl, unknown keys) or refuse to read some configs, so
these calls use the client's signed `_send` and leave the body alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from aliyun.log import GetHistogramsRequest, LogClient, LogException

from bot.sls_errors import AGAIN, MISSING, THERE, UNREADABLE, translated
from workflows.errors import NotYet, StepFailed, Unavailable
from workflows.model import Facts, quoted
from workflows.ports import Machine, Project

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
ENDS = ("begin", "end")
TIMEOUT = 20.0  # seconds for one answer; the SDK repeats 5xx and refused connections ten times

Answer = TypeVar("Answer")
Parts = tuple[str, ...]


def sls_client(endpoint: str, key_id: str, secret: str, token: str = "", proxy: str = "") -> Any:
    """A client that goes through `proxy` and no other; https unless the endpoint says http://."""
    scheme = "" if "://" in endpoint else "https://"
    client = LogClient(scheme + endpoint, key_id, secret, token or None, source="logmigrate")
    client.timeout = TIMEOUT
    client._session.trust_env = False  # noqa: SLF001 - the SDK has no setting for proxies
    client._session.proxies = {"http": proxy, "https": proxy} if proxy else {}  # noqa: SLF001
    return client


@dataclass(frozen=True)
class SlsProject:
    """`side` is "source" or "target", for error texts only."""

    client: Any
    name: str
    side: str

    def project(self) -> Project:
        with self._doing("reading"):
            found = self.client.get_project(self.name)
            return Project(owner=str(found.get_owner()), region=found.get_region())

    def logstore(self, name: str) -> Facts | None:
        return self._read("logstore", name, ("logstores", name))

    def create_logstore(self, body: Facts) -> None:
        self._create("logstore", body["logstoreName"], ("logstores",), body)

    def delete_logstore(self, name: str) -> None:
        self._delete("logstore", name, ("logstores", name))

    def index(self, logstore: str) -> Facts | None:
        return self._read("the index of", logstore, ("logstores", logstore, "index"))

    def create_index(self, logstore: str, body: Facts) -> None:
        self._create("the index of", logstore, ("logstores", logstore, "index"), body)

    def delete_index(self, logstore: str) -> None:
        self._delete("the index of", logstore, ("logstores", logstore, "index"))

    def config(self, name: str) -> Facts | None:
        return self._read("config", name, ("configs", name))

    def create_config(self, body: Facts) -> None:
        self._create("config", body["configName"], ("configs",), body)

    def delete_config(self, name: str) -> None:
        self._delete("config", name, ("configs", name))

    def machine_group(self, name: str) -> Facts | None:
        return self._read("machine group", name, ("machinegroups", name))

    def create_machine_group(self, body: Facts) -> None:
        self._create("machine group", body["groupName"], ("machinegroups",), body)

    def delete_machine_group(self, name: str) -> None:
        self._delete("machine group", name, ("machinegroups", name))

    def machines(self, group: str) -> tuple[Machine, ...]:
        with self._doing("listing the machines of", group):
            found = self.client.list_machines(self.name, _safe(group), 0, -1).get_machines()
        return tuple(
            Machine(m.ip, m.machine_unique_id or "", float(m.heartbeat_time)) for m in found
        )

    def apply(self, config: str, group: str) -> None:
        with self._doing(f"applying config {config} to", group):
            self.client.apply_config_to_machine_group(self.name, _safe(config), _safe(group))

    def remove(self, config: str, group: str) -> None:
        def call() -> None:
            self.client.remove_config_to_machine_group(self.name, _safe(config), _safe(group))

        with self._doing(f"removing config {config} from", group):
            _unless(MISSING, call)

    def groups_of(self, config: str) -> tuple[str, ...]:
        def call() -> Any:
            return self.client.get_config_applied_machine_groups(self.name, _safe(config))

        with self._doing("listing the machine groups of config", config):
            found = _unless(MISSING, call)
        return tuple(found.get_machine_groups()) if found else ()

    def configs_of(self, group: str) -> tuple[str, ...]:
        def call() -> Any:
            return self.client.get_machine_group_applied_configs(self.name, _safe(group))

        with self._doing("listing the configs of machine group", group):
            found = _unless(MISSING, call)
        return tuple(found.get_configs()) if found else ()

    def holds_lines(self, logstore: str) -> bool:
        """By shard cursors, which need no index: begin and end are one where nothing lies between."""
        where = (self.name, _safe(logstore))
        with self._doing("looking for lines in logstore", logstore):
            shards = self.client.list_shards(*where).get_shards_info()
            return any(self._begins(where, s["shardID"]) for s in shards)

    def _begins(self, where: tuple[str, str], shard: int) -> bool:
        begin, end = (self.client.get_cursor(*where, shard, at).get_cursor() for at in ENDS)
        return bool(begin != end)

    def count(self, logstore: str, start: int, end: int) -> int:
        request = GetHistogramsRequest(self.name, _safe(logstore), start, end, "", "")
        with self._doing("counting lines of logstore", logstore):
            found = self.client.get_histograms(request)
        if not found.is_completed():
            raise NotYet(f"the count of logstore {logstore} is not complete yet")
        return int(found.get_total_count())

    def _read(self, what: str, name: str, path: Parts) -> Facts | None:
        with self._doing(f"reading {what}", name):
            return _unless(MISSING, lambda: _facts(self._send("GET", path)))

    def _create(self, what: str, name: str, path: Parts, body: Facts) -> None:
        with self._doing(f"creating {what}", name):
            _unless(THERE, lambda: self._send("POST", path, body))

    def _delete(self, what: str, name: str, path: Parts) -> None:
        with self._doing(f"deleting {what}", name):
            _unless(MISSING, lambda: self._send("DELETE", path))

    def _send(self, method: str, path: Parts, body: Facts | None = None) -> Any:
        resource = "/" + "/".join(_safe(part) for part in path)
        raw = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if raw else {}
        if raw:
            headers["x-log-bodyrawsize"] = str(len(raw))
        answer, _ = self.client._send(method, self.name, raw, resource, {}, headers)  # noqa: SLF001
        return answer

    @contextmanager
    def _doing(self, doing: str, name: str = "") -> Iterator[None]:
        what = f"{doing} {name} in".replace("reading  in", "reading")
        try:
            yield
        except LogException as error:
            raise translated(error, f"{self.side}: {what} project {self.name}") from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # JSON that is not what was asked for: the SDK reads it without looking first.
            text = f"{self.side}: {what} project {self.name}: {UNREADABLE}"
            raise Unavailable(text, AGAIN) from error


def _facts(answer: Any) -> Facts:
    """The answer if it is an object; an empty one must not read as "does not exist"."""
    if not isinstance(answer, dict):
        raise TypeError(f"{type(answer).__name__} instead of an object")
    return answer


def _unless(codes: frozenset[str], call: Callable[[], Answer]) -> Answer | None:
    """The call's answer, or None where the service says one of `codes`."""
    try:
        return call()
    except LogException as error:
        if error.get_error_code() in codes:
            return None
        raise


def _safe(name: str) -> str:
    """Names become a part of the path, so nothing but the characters of names is let through."""
    if not NAME.fullmatch(name):
        raise StepFailed(f"{quoted(name[:80])!r} is not a name that Log Service allows")
    return name
