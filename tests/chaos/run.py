"""One town, one crew, one storm: every app's story side by side, and what came of them."""

from __future__ import annotations

import contextlib
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.redis_server import connect
from bot.store import RedisStore
from bot.wire import Cipher
from tests.chaos import verdict
from tests.chaos.crew import Crew, crew
from tests.chaos.people import Channel, Story, stories
from tests.chaos.storm import Storm
from tests.chaos.town import Town, town, write_config
from tests.contract.redis_servers import KEY, RunningServer, program, running, until

STORM = 45.0  # seconds
DEADLINE = 100.0  # seconds after the storm, until a story that has not ended is stuck
# What was answered is in the file: a Redis that is killed loses nothing that it said it has.
OPTIONS = ("--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction")


@dataclass
class Outcome:
    """How many stories were told, and what was wrong, story by story."""

    stories: int = 0
    stuck: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    report: list[str] = field(default_factory=list)
    blows: int = 0

    @property
    def well(self) -> bool:
        return not (self.stuck or self.lost or self.doubled)

    def add(self, other: Outcome) -> None:
        self.stories, self.blows = self.stories + other.stories, self.blows + other.blows
        for name in ("stuck", "lost", "doubled", "report"):
            getattr(self, name).extend(getattr(other, name))

    def __str__(self) -> str:
        bad = f"{len(self.stuck)} stuck, {len(self.lost)} lost, {len(self.doubled)} doubled"
        return f"chaos: {self.stories} stories, {bad}"


def run(folder: Path, number: int, seed: int, kind: str) -> Outcome:
    """Tell `number` stories at once with a Redis of that kind; bounded, and ends what it began."""
    (folder / "redis").mkdir(parents=True)
    with contextlib.ExitStack() as ending:
        redis = ending.enter_context(running(kind, folder / "redis", *OPTIONS))
        made = ending.enter_context(town(folder, number))
        config = write_config(made, redis.url)
        hands = ending.enter_context(crew(config, redis))
        told = stories(made.sites, Channel(made.control), seed)
        until(lambda: made.control.state()["connections"] > 0, 30.0)
        storm = Storm(made, hands, seed, STORM)
        _live(told, storm)
        outcome = _judged(made, hands, redis, told)
        if not outcome.well:
            outcome.report = _report(seed, kind, storm, told, outcome, hands)
        outcome.blows = len(storm.said)
        return outcome


def _live(told: list[Story], storm: Storm) -> None:
    threads = [threading.Thread(target=story.live, daemon=True) for story in told]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + STORM + DEADLINE
    while any(not story.end for story in told) and time.monotonic() < deadline:
        storm.blow()
        told[0].channel.look()
        if time.monotonic() - storm.began > STORM:
            storm.calm()
        threading.Event().wait(0.1)
    storm.calm()
    until(storm.blow, 20.0)
    for story in told:
        story.stopped.set()
    for thread in threads:
        thread.join(20)


def _judged(made: Town, hands: Crew, redis: RunningServer, told: list[Story]) -> Outcome:
    outcome = Outcome(stories=len(told))
    outcome.stuck = [f"{s.site.name} ({s.plot}, job {s.job})" for s in told if not s.end]
    client = connect(redis.url)
    with closing(RedisStore(client, Cipher((KEY,)))) as store:
        with contextlib.suppress(AssertionError):  # what is missing then is said below
            until(lambda: not client.zcard("{logmigrate}:unposted"), 40.0)
        hands.stop()
        made.quiet()
        shown = made.control.messages()
        for story in (s for s in told if s.end):
            _judge(story, made, store, shown, outcome)
    return outcome


def _judge(story: Story, made: Town, store: RedisStore, shown: list, outcome: Outcome) -> None:
    where = f"{story.site.name} ({story.plot}, job {story.job}): "
    lost, doubled = verdict.messages(story, store, shown)
    gone, twice = verdict.lines(story, made)
    outcome.lost += [where + what for what in lost + gone]
    outcome.doubled += [where + what for what in doubled + twice + verdict.effects(story, made)]


def _report(
    seed: int, kind: str, storm: Storm, told: list[Story], outcome: Outcome, hands: Crew
) -> list[str]:
    wrong = [*outcome.stuck, *outcome.lost, *outcome.doubled]
    report = [f"seed {seed}, {kind}:", *wrong, "-- what went wrong, and when", *storm.said]
    for story in told:
        if any(text.startswith(f"{story.site.name} ") for text in wrong):
            report += [f"-- {story.site.name}, {story.plot}", *story.said, *_thread(story)]
    return [*report, hands.last_words()]


def _thread(story: Story) -> list[str]:
    root = story.channel.root_of(story.job)
    return [m["text"] for m in (root, *root["replies"])] if root else ["no message"]


def kinds() -> tuple[str, str]:
    """Both servers, alternately; Debian's must be there."""
    program("redis")
    return "valkey", "redis"
