"""The sender dies at any write and any call to Slack: nothing is told twice, nothing is left out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import pytest
from structlog.testing import capture_logs

from bot.sender import LEASE, Sender
from bot.slack import Gone, Shut
from handlers.blocks import Message
from tests.crash.conftest import Count
from tests.crash.on_redis import Calm, OnRedis, Redis, Ticking
from tests.crash.test_crashes import declining_once
from tests.crash.world import World
from tests.fakes import FakeStore
from workflows.logmigrate import LOGMIGRATE
from workflows.model import Event, Job

pytestmark = pytest.mark.usefixtures("_quiet")

MORE = 2  # steps that are told after the one in which the sender died
Step = tuple[Job, tuple[Event, ...]]


@dataclass
class Channel:
    """What Slack keeps of each message: its event, and how it looks now."""

    may_be_read: bool
    shown: dict[str, tuple[dict[str, str], Message]] = field(default_factory=dict)

    @property
    def newest(self) -> list[Message]:
        """One message of each event, in order."""
        return list({had["event"]: message for had, message in self.shown.values()}.values())

    @property
    def doubled(self) -> int:
        return len(self.shown) - len(self.newest)


@dataclass
class FakeChat:
    """bot.posts.Chat on a Channel; the process ticks around each call."""

    channel: Channel
    fate: Ticking

    def post(self, channel: str, message: Message, thread: str, payload: Mapping[str, str]) -> str:
        self.fate.tick()
        ts = f"{len(self.channel.shown) + 1}.0"
        self.channel.shown[ts] = (dict(payload), message)
        self.fate.tick()
        return ts

    def update(self, channel: str, ts: str, message: Message) -> None:
        self.fate.tick()
        payload, _ = self.channel.shown[ts]
        self.channel.shown[ts] = (payload, message)
        self.fate.tick()

    def permalink(self, channel: str, ts: str) -> str:
        return f"https://chat.example/{ts}"

    def find(self, channel: str, thread: str, since: float, payload: Mapping[str, str]) -> str:
        if not self.channel.may_be_read:
            raise Shut("conversations.history: missing_scope (channels:history)")
        there = self.channel.shown.items()
        return next((ts for ts, (had, _) in there if had == dict(payload)), "")

    def upload(self, name: str, content: str | bytes, alt: str, hold: Callable[[], None]) -> str:
        """An upload that is never shared is dropped by Slack; so it leaves no trace here."""
        self.fate.tick()
        hold()
        return name

    def share(self, channel: str, thread: str, file_id: str, title: str) -> None:
        self.fate.tick()
        if any(had["event"] == file_id for had, _ in self.channel.shown.values()):
            raise Gone(f"{file_id}: it is shared already")
        self.channel.shown[f"{len(self.channel.shown) + 1}.0"] = (
            {"event": file_id},
            Message(title, ()),
        )
        self.fate.tick()


class Noting(FakeStore):
    """Keeps what is saved, in order."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.steps: list[Step] = []

    def create(self, job: Job, event: Event) -> None:
        super().create(job, event)
        self.steps.append((job, (event,)))

    def _write(self, job: Job, *events: Event) -> Job:
        saved = super()._write(job, *events)
        self.steps.append((job, events))
        return saved


@cache
def a_story() -> tuple[Step, ...]:
    """All that was saved with something to tell, of a job that was declined, retried and moved."""
    world = World()
    store = world.store = Noting(world.clock)
    ids = iter(("J1",))
    world.service = replace(world.service, store=store, new_id=lambda: next(ids))
    world.start().live(declining_once)
    return tuple(step for step in store.steps if step[1])


@dataclass
class Telling:
    """A job whose story is saved bit by bit while a sender tells it."""

    served: Redis
    channel: Channel
    saved: int = 0  # steps of the story so far

    def __post_init__(self) -> None:
        self.world = OnRedis(self.served)
        self.store = self.world.store
        self.told: dict[int, list[Message]] = {}  # what the channel shows after so many steps

    def branch(self) -> Telling:
        other = Telling(self.served, copy.deepcopy(self.channel), self.saved)
        other.world = self.world.branch()
        other.store = other.world.store
        return other

    def tell(self, fate: Ticking, steps: int) -> list[Message]:
        """By a new sender, when what a dead one held is free again, so far."""
        store = self.served.store(self.world.prefix, fate)
        chat = FakeChat(self.channel, fate)
        sender = Sender(store, chat, LOGMIGRATE, update_every=0.0, spacing=0.0)
        self.world.let_pass(LEASE + 1)
        while sender.round():
            pass
        while self.saved < steps:
            self._save(*a_story()[self.saved])
            while sender.round():
                pass
            self.told[self.saved] = self.channel.newest
        return self.channel.newest

    def _save(self, job: Job, events: tuple[Event, ...]) -> None:
        self.saved += 1
        if self.saved == 1:
            self.store.create(job, *events)
        else:
            self.store.amend(replace(job, version=self.saved - 2), *events)


@dataclass
class Deaths:
    """At each tick the sender dies and another goes on; what is told is compared."""

    telling: Telling
    expected: dict[int, list[Message]]
    points: int = 0
    doubled: int = 0
    different: list[int] = field(default_factory=list)

    def tick(self) -> None:
        self.points += 1
        other = self.telling.branch()
        steps = min(other.saved + MORE, len(a_story()))
        with capture_logs() as logs:
            told = other.tell(Calm(), steps)
        other.world.gone()
        warned = sum(entry["event"] == "may be posted twice" for entry in logs)
        self.doubled += other.channel.doubled
        if told != self.expected[steps] or other.channel.doubled > warned or warned > 1:
            self.different.append(self.points)


@pytest.mark.parametrize("may_be_read", [True, False], ids=["readable", "closed"])
def test_a_sender_that_dies_anywhere_leaves_out_nothing(
    served: Redis, may_be_read: bool, count: Count
) -> None:
    """Nothing is doubled where the channel may be read; elsewhere one at the most, and it is said."""
    undisturbed, all_of_it = Telling(served, Channel(may_be_read)), len(a_story())
    undisturbed.tell(Calm(), all_of_it)
    telling = Telling(served, Channel(may_be_read))
    deaths = Deaths(telling, undisturbed.told)
    telling.tell(deaths, all_of_it)
    count(deaths.points, len(deaths.different))

    assert deaths.different == []
    assert deaths.points > 100
    assert len(undisturbed.channel.newest) > 10
    assert (deaths.doubled == 0) is may_be_read
