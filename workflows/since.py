"""How far back somebody asks for lines, and which move they are of the time before. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from workflows.collection.facts_of import own_time
from workflows.collection.found import Found
from workflows.errors import Refused
from workflows.model import DUAL, SETTLED, Facts, Job, JobKind, JobState

HOW = "Say how far back: --from 30d, --from 12h, or a day in UTC such as --from 2026-10-01."
NO_SEAM = (
    "Copy them outside of logmigrate, up to the source's last line (the job's thread tells it)."
)
UNITS = {"d": 86_400, "h": 3600}
_AGO = re.compile(r"(\d{1,5})\s*([dh])", re.IGNORECASE)
NAMED = 1000
OLDEST = 3650 * 86_400  # seconds; no logstore keeps lines for longer


def asked_for(app: str, text: str, jobs: Sequence[Job], now: float) -> Facts:
    """What the job keeps of the request; `jobs` are the newest first, times in seconds.

    Before `began` the move had brought nothing into the target, and before `held` nobody had that
    could matter; from `live` on the target collected, and up to `proven` both sides hold the same.
    Raises Refused.
    """
    start = begin(text, now)
    move = moved(app, jobs)
    if move is None:
        text = f"{app} is not moved, so there is no target that its past could be copied into."
        raise Refused(text, f"/logmigrate start {app} comes first.")
    if move.route != DUAL:
        text = f"{app} was moved by stopping its source first, so no minute is in both accounts"
        raise Refused(f"{text} up to which lines could be copied.", NO_SEAM)
    _timed(move)
    rows = {"began": "destination", "live": "both", "proven": "proof"}
    times = {key: int(move.record(row).since) for key, row in rows.items()}
    times["held"] = times["began"] if _made_it(move) else min(start, times["began"])
    if start >= times["live"]:
        text = f"What {app} wrote since then the move itself has brought into the target."
        raise Refused(text, f"Both sides collect since {_utc(times['live'])}; say an earlier time.")
    return {"from": start, "at": int(now), "move": move.id, "hosts": _names(move), **times}


def moved(app: str, jobs: Sequence[Job]) -> Job | None:
    """The newest move that has brought the app's lines into a target."""
    return next((job for job in jobs if job.app == app and _has_target(job)), None)


def _made_it(move: Job) -> bool:
    """Whether the move made the logstore; one that was there may hold lines of an earlier move."""
    return move.record("destination").before.get("logstore", {}) is None


def _timed(move: Job) -> None:
    """Lines are told apart by their own time, too; else what both have would be copied again."""
    found = move.record("source").before.get("found")
    if found and not all(own_time(config.body) for config in Found.of(found).configs):
        raise Refused(
            f"Lines of {move.app} have no time of their own, so those of before that the target's "
            "agents brought cannot be told from the source's: a copy would double them.",
            "Its past stays in the source's logstore and can be searched there as long as it is "
            "kept. Take out the logstore's time to live if it is needed for longer.",
        )


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
