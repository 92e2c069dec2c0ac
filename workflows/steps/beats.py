"""Which agents a machine group has heard of, and when: thousands of them are found at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflows.model import Facts
from workflows.ports import Machine


class Beats:
    """The newest heartbeat of each agent, known by its ip or by its unique id."""

    def __init__(self, machines: Iterable[Machine]) -> None:
        self._by_ip: dict[str, float] = {}
        self._by_id: dict[str, float] = {}
        for machine in machines:
            for known, key in ((self._by_ip, machine.ip), (self._by_id, machine.unique_id)):
                if key:
                    known[key] = max(known.get(key, 0.0), machine.heartbeat)

    def of(self, known: Facts) -> float | None:
        """Seconds since the epoch; None where the group does not list it."""
        found = (self._by_ip.get(known["ip"]), self._by_id.get(known["unique_id"]))
        return max((beat for beat in found if beat is not None), default=None)


def strangers(machines: Iterable[Machine], expected: Mapping[str, Facts]) -> list[Machine]:
    """Who is listed and not expected."""
    ips = {known["ip"] for known in expected.values()} - {""}
    ids = {known["unique_id"] for known in expected.values()} - {""}
    return [
        machine for machine in machines if machine.ip not in ips and machine.unique_id not in ids
    ]
