"""Whether a process is alive: it keeps touching a file while it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import structlog

from bot.settings import load
from workflows.errors import JobError

STALE = 30.0  # seconds without a touch
EVERY = 5.0  # seconds between two touches

log = structlog.get_logger()


@contextmanager
def touched(path: Path, every: float = EVERY) -> Iterator[None]:
    """Keep `path` fresh, making its folder; for a process that has no pulse of its own."""
    touch_first(path)
    ended = threading.Event()
    thread = threading.Thread(target=_touch, args=(path, every, ended), name="alive", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def touch_first(path: Path) -> None:
    """Make the file and its folder. Raises JobError, with the setting that helps."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        reason = (error.strerror or "").lower()
        hint = "Set data_dir, or LOGMIGRATE_ALIVE, to where this process may write."
        raise JobError(f"touching {path} for the health check: {reason}.", hint) from error


def _touch(path: Path, every: float, ended: threading.Event) -> None:
    while not ended.wait(every):
        try:
            path.touch()
        except OSError:
            log.exception("touching the file for the health check", path=str(path))


def check(config: Path, environ: Mapping[str, str]) -> None:
    """Raises JobError with the reason where the process counts as dead."""
    named = environ.get("LOGMIGRATE_ALIVE")  # needs no settings, so none of their secrets
    path = Path(named) if named else load(config, environ).alive
    try:
        age = time.time() - path.stat().st_mtime
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise JobError(f"looking at {path}: {reason}; is the process running?") from error
    if age > STALE:
        raise JobError(f"{path} was last touched {age:.0f} s ago; is the process stuck?")
