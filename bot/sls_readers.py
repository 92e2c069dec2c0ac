"""What reads a logstore: dashboards, alerts and saved searches of its project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.sls_calls import FREE_NAME, SlsCalls, safe
from workflows.collection.found import KINDS, Reader
from workflows.model import Facts

STORES = ("store", "logstore", "logStore")  # of alerts, of charts, of alerts of the first kind


class SlsReaders(SlsCalls):
    """Each kind has permissions of its own; a refused one raises Denied with its action."""

    def readers(self, logstore: str, kind: str = "") -> tuple[Reader, ...]:
        looks = dict(zip(KINDS, (self._dashboards, self._alerts, self._searches), strict=True))
        asked = (kind,) if kind else KINDS
        return tuple(reader for one in asked for reader in looks[one](logstore))

    def _dashboards(self, logstore: str) -> Iterator[Reader]:
        for name, body in self._each("dashboard", "dashboards"):
            if any(self._reads(chart.get("search"), logstore) for chart in body.get("charts", [])):
                yield Reader("dashboard", name, body.get("displayName", ""))

    def _alerts(self, logstore: str) -> Iterator[Reader]:
        for job in self._listed("alerts", "jobs", "results", jobType="Alert"):
            if self._reads(job.get("configuration", {}).get("queryList"), logstore):
                yield Reader("alert", job["name"], job.get("displayName", ""))

    def _searches(self, logstore: str) -> Iterator[Reader]:
        for name, body in self._each("saved search", "savedsearches"):
            if body.get("logstore") == logstore:
                yield Reader("saved search", name, body.get("displayName", ""))

    def _each(self, what: str, path: str) -> Iterator[tuple[str, Facts]]:
        """Name and body of all of a kind; one that was deleted meanwhile is left out."""
        kinds = "saved searches" if path == "savedsearches" else path
        for name in self._names(kinds, path, path):
            body = self._read(what, safe(name, FREE_NAME), (path, name))
            if body is not None:
                yield name, body

    def _reads(self, value: Any, logstore: str) -> bool:
        """Whether a query anywhere in it names the logstore, of this project or of none."""
        if isinstance(value, list):
            return any(self._reads(one, logstore) for one in value)
        if not isinstance(value, dict):
            return False
        ours = value.get("project") in {None, "", self.name}
        named = any(value.get(key) == logstore for key in STORES)
        return (ours and named) or any(self._reads(one, logstore) for one in value.values())
