"""Many hosts side by side: many are dialled at a time, few are talked to, none is queued up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from queue import Empty, SimpleQueue
from typing import TypeVar

DIALS = 256  # connections being opened at a time
YOUNG = 0.5  # seconds after which a dial is slow and keeps no place among those soon to talk to
LOOK = 0.1  # seconds between two looks at whether there is room for more

T = TypeVar("T")
R = TypeVar("R")
Talking = Callable[[], AbstractContextManager[None]]


class Ended(Exception):
    """The run is over; nobody waits for this host any more."""


class Crew:
    """Threads for one run; a dead or slow host keeps none of the others waiting."""

    def __init__(self, talks: int, dials: int = DIALS) -> None:
        self._most_dials, self._most_ahead = dials, talks
        self._most_threads = dials + 2 * talks
        self._talks = threading.Semaphore(talks)
        self._lock = threading.Lock()
        self._dials: dict[object, float] = {}  # since when
        self._waiting = 0  # dialled, and not yet talked to
        self._ended = False

    def results(self, items: Iterable[T], work: Callable[[T, Talking], R]) -> Generator[R]:
        """What `work` makes of each item, as it comes; it dials, and then talks in a block.

        What `work` raises is raised here and ends the run, as closing the iterator does: items
        that are still dialled or waiting come to Ended.
        """
        news: SimpleQueue[R | Exception] = SimpleQueue()

        def one(turn: object, item: T) -> None:
            try:
                news.put(work(item, lambda: self._talking(turn)))
            except Exception as error:  # noqa: BLE001 - raised again by whoever waits
                news.put(error)
            finally:
                with self._lock:
                    self._dials.pop(turn, None)

        with ThreadPoolExecutor(self._most_threads, "ssh") as threads:
            try:
                yield from self._heard(items, lambda *turn: threads.submit(one, *turn), news)
            finally:
                self._ended = True

    def _heard(
        self,
        items: Iterable[T],
        begin: Callable[[object, T], object],
        news: SimpleQueue[R | Exception],
    ) -> Iterator[R]:
        left, rest = 0, list(items)[::-1]
        while left or rest:
            while rest and (turn := self._turn()):
                begin(turn, rest.pop())
                left += 1
            try:
                one = news.get(timeout=LOOK if rest else None)
            except Empty:
                continue
            left -= 1
            if isinstance(one, Exception):
                raise one
            yield one

    def _turn(self) -> object | None:
        """Leave to dial one more, None while there is no room."""
        now = time.monotonic()
        with self._lock:
            if len(self._dials) >= self._most_dials:
                return None
            young = sum(now - since < YOUNG for since in self._dials.values())
            if young + self._waiting >= self._most_ahead:
                return None
            turn = object()
            self._dials[turn] = now
            return turn

    @contextmanager
    def _talking(self, turn: object) -> Iterator[None]:
        with self._lock:
            del self._dials[turn]
            self._waiting += 1
        with self._talks:
            with self._lock:
                self._waiting -= 1
            if self._ended:
                raise Ended
            yield
