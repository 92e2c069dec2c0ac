"""What each host answered, row by row. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.model import Facts


def hosts(story: Sequence[Facts]) -> dict[str, list[Facts]]:
    """By the host's name; `seconds` are those of its own answer, where it was asked over SSH."""
    found: dict[str, list[Facts]] = {}
    for number, event in enumerate(story, 1):
        for host in event.get("hosts", ()):
            answer = {key: value for key, value in host.items() if key != "host"}
            place = {"event": number, "step": event.get("step", "")}
            found.setdefault(host.get("host", ""), []).append({"ok": False, **place, **answer})
    return found
