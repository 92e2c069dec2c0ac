"""Garbage collection while many short connections come and go: it looks at young objects alone."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 20_000  # new objects between two looks; a connection makes some thousands of them

SWEEP = 250  # connections after which all that came since the start is looked through

_lock = threading.Lock()
_runs = 0
_before = gc.get_threshold()


@contextmanager
def calm() -> Iterator[None]:
    """What is there at the start is not looked through again; the last block to end undoes it."""
    _begin()
    try:
        yield
    finally:
        _end()


def sweep(done: int) -> None:
    """To be told of each connection that is done, so that memory stays flat however many come."""
    if done % SWEEP == 0:
        gc.collect()


def _begin() -> None:
    global _runs, _before  # noqa: PLW0603 - the collector is the process's own, too
    with _lock:
        _runs += 1
        if _runs == 1:
            _before = gc.get_threshold()
            gc.freeze()
            gc.set_threshold(YOUNG, *_before[1:])


def _end() -> None:
    global _runs  # noqa: PLW0603
    with _lock:
        _runs -= 1
        if _runs == 0:
            gc.set_threshold(*_before)
            gc.unfreeze()
