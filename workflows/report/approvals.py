"""Who was asked what on which evidence, and who decided. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.model import EventKind, Facts

DECIDING = {EventKind.APPROVED, EventKind.DECLINED, EventKind.EXPIRED, EventKind.VOID}


def approvals(story: Sequence[Facts]) -> list[Facts]:
    """A card each, in their order; `shown` is the digest of what stood on it."""
    found: list[Facts] = []
    for number, event in enumerate(story, 1):
        if event["kind"] == EventKind.ASKED:
            found.append(_asked(number, event))
        elif event["kind"] in DECIDING and (mine := _newest(found, event.get("step", ""))):
            mine["decided"].append(_decided(number, event))
        proven = event.get("facts", {}).get("proven", {})
        if proven and (mine := _newest(found, proven.get("step", ""))):
            mine["proven"] = {"event": number, "text": proven.get("text", "")}
    return found


def _newest(found: Sequence[Facts], step: str) -> Facts | None:
    return next((one for one in reversed(found) if one["step"] == step), None)


def _asked(number: int, event: Facts) -> Facts:
    return {
        "event": number,
        "step": event.get("step", ""),
        "at": event.get("at", 0.0),
        "shown": event.get("shown", ""),
        "lines": event.get("lines", []),
        "evidence": event.get("text", ""),
        "facts": event.get("facts", {}),
        "decided": [],
    }


def _decided(number: int, event: Facts) -> Facts:
    known: Facts = {key: event[key] for key in ("at", "who", "text") if key in event}
    return {"event": number, "kind": event["kind"], **known}
