"""One clock for all: that of Redis, counted on by the steady clock in between."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from bot.clock import ASK_EVERY, SharedClock
from workflows.errors import StoreAway


@dataclass
class World:
    """Redis, whose clock may be set, and a machine that has been up for a while."""

    server: float = 1_700_000_000.0
    up: float = 500.0
    away: bool = False
    asked: int = 0

    def redis(self) -> float:
        self.asked += 1
        if self.away:
            raise StoreAway("asking Redis: away")
        return self.server

    def tick(self, seconds: float) -> None:
        self.server += seconds
        self.up += seconds

    def clock(self) -> SharedClock:
        return SharedClock(self.redis, lambda: self.up)


def test_the_time_is_that_of_redis_and_is_not_asked_for_each_time() -> None:
    world = World()
    clock = world.clock()
    first = clock.now()
    world.tick(ASK_EVERY - 1)

    assert first == pytest.approx(1_700_000_000.0)
    assert clock.now() == pytest.approx(world.server)
    assert world.asked == 1


def test_while_redis_is_away_time_goes_on() -> None:
    world = World()
    clock = world.clock()
    clock.now()
    world.away = True
    world.tick(500)

    assert clock.now() == pytest.approx(world.server)


def test_without_any_answer_yet_there_is_no_time() -> None:
    clock = World(away=True).clock()

    with pytest.raises(StoreAway):
        clock.now()


def test_a_clock_of_redis_that_was_set_is_followed_and_said() -> None:
    world = World()
    clock = world.clock()
    clock.now()
    world.tick(ASK_EVERY)
    world.server += 3600

    with capture_logs() as logs:
        found = clock.now()

    assert found == pytest.approx(world.server)
    assert logs[0]["by_seconds"] == pytest.approx(3600, abs=1)
