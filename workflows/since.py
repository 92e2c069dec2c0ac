"""How far back somebody asks for lines, and which move they are of the time before. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from workflows.errors import Refused
from workflows.model import SETTLED, Facts, Job, JobKind, JobState

HOW = "Say how far back: --from 30d, --from 12h, or a day in UTC such as --from 2026-10-01."
UNITS = {"d": 86_400, "h": 3600}
_AGO = re.compile(r"(\d{1,5})\s*([dh])", re.IGNORECASE)
NAMED = 1000
OLDEST = 3650 * 86_400  # seconds; no logstore keeps lines for longer


def asked_for(app: str, text: str, jobs: Sequence[Job], now: float) -> Facts:
    """What the job keeps of the request; `jobs` are the newest first, times in seconds.

    Before `began` the target held nothing of the app's; from `live` on both sides collected, and up
    to `proven` at least. Raises Refused.
    """
    start = begin(text, now)
    move = next((job for job in jobs if job.app == app and _has_target(job)), None)
    if move is None:
        text = f"{app} is not moved, so there is no target that its past could be copied into."
        raise Refused(text, f"/logmigrate start {app} comes first.")
    rows = {"began": "destination", "live": "both", "proven": "proof"}
    times = {key: int(move.record(row).since) for key, row in rows.items()}
    if start >= times["live"]:
        text = f"What {app} wrote since then the move itself has brought into the target."
        raise Refused(text, f"Both sides collect since {_utc(times['live'])}; say an earlier time.")
    return {"from": start, "at": int(now), "move": move.id, "hosts": _names(move), **times}


def _utc(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def _names(move: Job) -> dict[str, str]:
    """The hosts' names by their addresses; of very many the address has to do."""
    rows = (row.before for row in move.records if row.name == "hosts")
    expected = next(rows, {}).get("expected", {})
    return {str(one["ip"]): name for name, one in list(expected.items())[:NAMED]}


def _has_target(job: Job) -> bool:
    """Whether the target collects the app's lines since, by this move."""
    if job.kind is not JobKind.MOVE or job.turned_back or job.state is JobState.UNDONE:
        return False
    return any(row.name == "both" and row.state in SETTLED for row in job.records)


def begin(text: str, now: float) -> int:
    """Seconds since the epoch. Raises Refused for what cannot be read, or lies in the future."""
    at = _read(text.strip(), now)
    if at is None:
        raise Refused(f"“{text}” is no time in the past." if text else "From when on?", HOW)
    if at >= now:
        raise Refused(f"“{text}” is not over yet.", HOW)
    return max(int(at), int(now) - OLDEST)


def _read(text: str, now: float) -> float | None:
    if found := _AGO.fullmatch(text):
        ago = int(found[1]) * UNITS[found[2].lower()]
        return now - ago if ago else None
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp()
