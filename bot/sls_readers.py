"""What reads a logstore: dashboards, alerts and saved searches of its project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bot.sls_calls import FREE_NAME, SlsCalls
from workflows.collection.found import KINDS, PLURAL, Reader
from workflows.model import Facts

STORES = ("store", "logstore", "logStore")  # of alerts, of charts, of alerts of the first kind


class SlsReaders(SlsCalls):
    """Each kind has permissions of its own; a refused one raises Denied with its action."""

    def readers(self, logstore: str, kind: str = "") -> tuple[Reader, ...]:
        looks = dict(zip(KINDS, (self._dashboards, self._alerts, self._searches), strict=True))
        asked = (kind,) if kind else KINDS
        return tuple(reader for one in asked for reader in looks[one](logstore))

    def _dashboards(self, logstore: str) -> Iterator[Reader]:
        def reads(body: Facts) -> bool:
            charts = body.get("charts") or []  # null in one that nobody filled yet
            return self._reads([_of(chart, "search") for chart in charts], logstore)

        return self._looked("dashboard", "dashboards", reads)

    def _alerts(self, logstore: str) -> Iterator[Reader]:
        for job in self._listed("alerts", "jobs", "results", jobType="Alert"):
            if self._reads(_of(_of(job, "configuration"), "queryList"), logstore):
                yield Reader("alert", str(job.get("name", "")), _title(job))

    def _searches(self, logstore: str) -> Iterator[Reader]:
        return self._looked(
            "saved search", "savedsearches", lambda body: body.get("logstore") == logstore
        )

    def _looked(self, kind: str, path: str, reads: Callable[[Facts], bool]) -> Iterator[Reader]:
        """Those of a kind that read it, and those whose names are no part of a path: they may."""
        for name in self._names(PLURAL[kind], path, path):
            if not FREE_NAME.fullmatch(name):
                yield Reader(kind, name, f"{name} (not looked at, for its name)")
            elif (body := self._read(kind, name, (path, name))) is not None and reads(body):
                yield Reader(kind, name, _title(body))

    def _reads(self, value: Any, logstore: str) -> bool:
        """Whether a query anywhere in it names the logstore, of this project or of none."""
        if isinstance(value, list):
            return any(self._reads(one, logstore) for one in value)
        if not isinstance(value, dict):
            return False
        ours = value.get("project") in {None, "", self.name}
        named = any(value.get(key) == logstore for key in STORES)
        return (ours and named) or any(self._reads(one, logstore) for one in value.values())


def _of(value: Any, key: str) -> Any:
    """People may write what they like into these: a part may be null, or no object."""
    return value.get(key) if isinstance(value, dict) else None


def _title(body: Facts) -> str:
    return str(body.get("displayName") or "")
