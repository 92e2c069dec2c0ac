"""Logstores with their indexes, and machine groups."""

from __future__ import annotations

from bot.sls_calls import SlsCalls, safe
from workflows.model import Facts
from workflows.ports import Machine


class SlsThings(SlsCalls):
    """What a config needs around it, as the service's raw JSON."""

    def logstore(self, name: str) -> Facts | None:
        return self._read("logstore", name, ("logstores", safe(name)))

    def logstores(self) -> tuple[str, ...]:
        return self._names("logstores", "logstores", "logstores")

    def create_logstore(self, body: Facts) -> None:
        self._create("logstore", safe(body["logstoreName"]), ("logstores",), body)

    def delete_logstore(self, name: str) -> None:
        self._delete("logstore", name, ("logstores", safe(name)))

    def index(self, logstore: str) -> Facts | None:
        return self._read("the index of", logstore, ("logstores", safe(logstore), "index"))

    def create_index(self, logstore: str, body: Facts) -> None:
        path = ("logstores", safe(logstore), "index")
        self._create("the index of", logstore, path, body)

    def delete_index(self, logstore: str) -> None:
        self._delete("the index of", logstore, ("logstores", safe(logstore), "index"))

    def machine_group(self, name: str) -> Facts | None:
        return self._read("machine group", name, ("machinegroups", safe(name)))

    def machine_groups(self) -> tuple[str, ...]:
        return self._names("machine groups", "machinegroups", "machinegroups")

    def create_machine_group(self, body: Facts) -> None:
        self._create("machine group", safe(body["groupName"]), ("machinegroups",), body)

    def delete_machine_group(self, name: str) -> None:
        self._delete("machine group", name, ("machinegroups", safe(name)))

    def machines(self, group: str) -> tuple[Machine, ...]:
        with self._doing("listing the machines of", group):
            found = self.client.list_machines(self.name, safe(group), 0, -1).get_machines()
            return tuple(
                Machine(m.ip, m.machine_unique_id or "", float(m.heartbeat_time)) for m in found
            )
