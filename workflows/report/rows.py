"""How long each row took, and how much of it people were waited for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from workflows.model import EventKind, Facts

# Here somebody has to press a button before it goes on.
WAITING = {EventKind.ASKED, EventKind.STOPPED, EventKind.DECLINED, EventKind.EXPIRED}
GOING_ON = {
    EventKind.STARTED,
    EventKind.ALREADY,
    EventKind.DONE,
    EventKind.APPROVED,
    EventKind.VOID,
    EventKind.RETRIED,
    EventKind.CANCELLED,
    EventKind.TURNED,
    EventKind.TAKEN_BACK,
    EventKind.RED,
    EventKind.PLANNED,
}
ENDING = {EventKind.ALREADY, EventKind.DONE, EventKind.APPROVED, EventKind.TAKEN_BACK}


@dataclass
class _Watch:
    """Where the story is; `row` is the one whose trouble or question people look at."""

    at: float
    row: str = ""
    waits: bool = False
    found: dict[str, Facts] = field(default_factory=dict)

    def heard(self, number: int, event: Facts) -> None:
        kind, step, at = event["kind"], event.get("step", ""), event.get("at", 0.0)
        if kind not in WAITING | GOING_ON:
            return
        spent = round(max(at - self.at, 0.0), 3)
        name = self.row if self.waits else step
        if name:
            row = self._row(name)
            row["waited" if self.waits else "worked"] += spent
        if step:
            self._row(step).update(outcome=kind, event=number)
            if kind in ENDING:
                self._row(step)["ended"] = at
        self.at, self.waits = at, kind in WAITING
        self.row = step or self.row

    def _row(self, name: str) -> Facts:
        new = {"name": name, "began": self.at, "worked": 0.0, "waited": 0.0}
        return self.found.setdefault(name, new)


def rows(story: Sequence[Facts]) -> list[Facts]:
    """In the order in which they were begun; seconds. `worked` has the service's delays in it."""
    if not story:
        return []
    watch = _Watch(story[0].get("at", 0.0))
    for number, event in enumerate(story, 1):
        watch.heard(number, event)
    rounded = {"worked", "waited"}
    return [
        {key: round(value, 3) if key in rounded else value for key, value in row.items()}
        for row in watch.found.values()
    ]
