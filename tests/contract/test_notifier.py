"""What the sender tells Slack, once and in order, whatever Slack, Redis or a crash do to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.posts import Chat as ChatPort
from bot.sender import Sender
from bot.slack import Chat, Shut, SlackNotifier, Unfit, Unheard, web_client
from bot.socket_door import SocketDoor
from bot.store import RedisStore
from bot.transport import bolt_app
from handlers import register
from handlers.blocks import Message
from sandbox.slack import SlackServer
from sandbox.slack.control import Control
from sandbox.slack.limits import Limits, Pace
from sandbox.slack.reading import render
from tests.contract.redis_servers import RunningServer, a_store, running, until
from tests.fakes import FakeClock, FakeQueue
from tests.unit.chat_kit import ALICE, BOB, WORKFLOW, event, job
from workflows import apps
from workflows.model import Claim, Event, EventKind, HostResult, Job, JobState, RecordState
from workflows.service import Service

SCOPES = ("commands", "chat:write")  # what manifest.yaml asks for
TIGHT = Limits(post=Pace(2, 20.0), update=Pace(1, 20.0))


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running("valkey", tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def store(redis: RunningServer) -> Iterator[RedisStore]:
    with closing(a_store(redis)) as opened:
        yield opened


@dataclass
class World:
    """A job in Redis, a Slack, and the sender between them, visited by hand."""

    store: RedisStore
    slack: SlackServer
    sender: Sender
    held: Claim | None = None

    @property
    def control(self) -> Control:
        return Control(self.slack.control_url)

    def start(self, **changes: Any) -> Job:
        started = replace(job(channel=self.slack.channel), **changes)
        self.store.create(started, event(EventKind.STARTED, who=ALICE))
        return started

    def moves(self, change: Callable[[Job], Job], *events: Event) -> Job:
        """A worker's commit."""
        claim = self.held or self.store.claim("7Q2")
        assert claim
        self.held = self.store.commit(claim, change(claim.job), *events)
        return self.held.job

    def runs(self, *events: Event, **changes: Any) -> Job:
        return self.moves(
            lambda job: job.moved(JobState.RUNNING).noted("first", **changes), *events
        )

    def asks(self, digest: str = "d1") -> Job:
        asked = event(EventKind.ASKED, "go?", text="all equal", lines=("detach",), shown=digest)
        return self.moves(
            lambda job: (
                job.moved(JobState.RUNNING)
                .moved(JobState.WAITING)
                .noted("go?", state=RecordState.ASKED, shown=digest)
            ),
            asked,
        )

    def decides(self, kind: EventKind, state: JobState) -> None:
        job = self.store.load("7Q2")
        self.store.amend(job.moved(state), event(kind, "go?", who=BOB))
        if self.held:
            self.store.release(self.held, None)
        self.held = None

    def tells(self) -> list[list[str]]:
        """One visit; what the channel shows then: the live message, then its thread."""
        self.sender.round()
        return self.shown()

    def shown(self) -> list[list[str]]:
        names = {user: name for name, user in self.slack.users.items()}
        return [
            render(said, names)
            for root in self.control.messages()
            for said in (root, *root["replies"])
        ]

    def calls(self, method: str) -> int:
        return int(self.control.state()["calls"].get(method, 0))


def a_sender(store: RedisStore, chat: ChatPort, **changes: Any) -> Sender:
    given = {"approvers": frozenset({ALICE, BOB}), "update_every": 0.0, "spacing": 0.0}
    return Sender(store, chat, WORKFLOW, **{**given, "look_every": 0.01, **changes})


def a_chat(slack: SlackServer) -> Chat:
    return Chat(web_client(slack.bot_token, slack.api_base_url))


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer(scopes=SCOPES) as server:
        yield server


@pytest.fixture
def world(store: RedisStore, slack: SlackServer) -> World:
    return World(store, slack, a_sender(store, a_chat(slack)))


def test_a_job_has_one_live_message_and_a_thread_below_it(world: World) -> None:
    world.start()
    world.tells()
    done = event(EventKind.DONE, "first", text="1 host has a heartbeat")
    world.runs(done, state=RecordState.DONE)
    root, line = world.tells()

    assert root[:3] == [
        "app-b: moving log collection to the target account",
        "▶ Running, step 2 of 3",
        "✔ Create the group",
    ]
    assert line == ["✔ Create the group: 1 host has a heartbeat"]


def test_the_message_says_whose_it_is_and_its_address_is_kept(world: World) -> None:
    world.start()
    world.tells()
    (root,) = world.control.messages()

    assert root["metadata"] == {
        "event_type": "logmigrate_job",
        "event_payload": {"job": "7Q2", "event": "root"},
    }
    assert world.store.link("7Q2").endswith(root["ts"].replace(".", ""))


def test_what_has_not_changed_is_not_sent_again(world: World) -> None:
    world.start()
    world.tells()
    world.store.mark_unposted("7Q2")
    world.tells()

    assert (world.calls("chat.postMessage"), world.calls("chat.update")) == (1, 0)
    assert world.store.unposted() == ()


def test_the_hosts_of_the_step_are_shown_one_by_one(world: World) -> None:
    hosts = (HostResult("h1", ok=True, said="4 s ago"), HostResult("h2", ok=False, said="none yet"))
    world.start()
    world.runs(state=RecordState.PROVING, note="1 of 2 hosts", hosts=hosts)
    (root,) = world.tells()

    assert root[5:8] == ["Waiting: 1 of 2 hosts", "h2 FAIL none yet", "h1 OK 4 s ago"]


def test_a_move_under_way_shows_and_goes_when_its_worker_lets_go(world: World) -> None:
    world.start()
    world.runs(state=RecordState.DOING)
    assert world.held
    world.store.note_working(world.held, "asking h2")
    (during,) = world.tells()
    world.store.release(world.held, 60.0)
    (after,) = world.tells()

    assert any(line.startswith("still working") and "asking h2" in line for line in during)
    assert not any("still working" in line for line in after)


def test_an_approval_is_a_card_that_changes_when_it_is_decided(world: World) -> None:
    world.start()
    world.asks()
    _, card = world.tells()
    world.decides(EventKind.APPROVED, JobState.RUNNING)
    _, decided = world.tells()

    assert card[-2:] == [
        "Job 7Q2: someone other than @alice decides: @bob.",
        "[Approve] [Decline]",
    ]
    assert decided[:-1] == card[:-2]
    assert decided[-1].startswith("✔ Approved by @bob")


def test_a_second_question_leaves_no_buttons_on_the_first(world: World) -> None:
    world.start()
    world.asks()
    world.tells()
    world.decides(EventKind.DECLINED, JobState.STOPPED)
    world.store.amend(
        world.store.load("7Q2").moved(JobState.RUNNING), event(EventKind.RETRIED, who=ALICE)
    )
    world.asks("d2")
    _, old, declined, retried, new = world.tells()

    assert old[-1].startswith("🛑 Declined by @bob")
    assert declined == ["🛑 @bob declined “Stop the source?” (@alice)"]
    assert retried == ["▶ @alice retries."]
    assert new[-1] == "[Approve] [Decline]"


def test_two_senders_say_everything_once(world: World) -> None:
    world.start()
    steps = [event(EventKind.DONE, "first", text=f"part {n}") for n in range(12)]
    world.runs(*steps, state=RecordState.DOING)
    senders = [a_sender(world.store, a_chat(world.slack)) for _ in range(2)]
    for sender in senders:
        sender.start()
    try:
        until(lambda: len(world.shown()) >= 13 and not world.store.unposted(lease_seconds=0))
    finally:
        for sender in senders:
            sender.close()

    assert [line[0].split(": ")[-1] for line in world.shown()[1:]] == [
        f"part {n}" for n in range(12)
    ]


def test_too_many_calls_are_put_off_and_lose_nothing(store: RedisStore) -> None:
    with SlackServer(scopes=SCOPES, limits=TIGHT) as slack:
        world = World(store, slack, a_sender(store, a_chat(slack)))
        world.start()
        steps = [event(EventKind.DONE, "first", text=f"part {n}") for n in range(4)]
        world.runs(*steps, state=RecordState.DONE)
        until(lambda: len(world.tells()) == 5)

        assert [line[0].split(": ")[-1] for line in world.shown()[1:]] == [
            f"part {n}" for n in range(4)
        ]


def test_live_updates_keep_their_distance_and_an_end_does_not_wait(
    store: RedisStore, slack: SlackServer
) -> None:
    world = World(store, slack, a_sender(store, a_chat(slack), update_every=60.0))
    world.start()
    world.tells()
    world.runs(state=RecordState.DOING)
    (early,) = world.tells()
    world.moves(lambda job: job.moved(JobState.STOPPED, "h1 is silent", "Start its agent."))
    (late,) = world.tells()

    assert early[1] == "⏳ Queued"
    assert late[1] == "🛑 Stopped"
    assert "[Retry] [Roll back]" in late


class CrashingChat(Chat):
    """Dies after Slack has taken a post and before anybody could note it."""

    dying = False

    def post(self, channel: str, message: Message, thread: str, payload: Mapping[str, str]) -> str:
        ts = super().post(channel, message, thread, payload)
        if self.dying:
            raise KeyboardInterrupt
        return ts


@pytest.mark.parametrize(
    ("scopes", "copies"), [((*SCOPES, "channels:history"), 1), (SCOPES, 2)], ids=["read", "blind"]
)
def test_a_post_that_a_crash_left_unnoted_is_looked_for(
    store: RedisStore, scopes: tuple[str, ...], copies: int
) -> None:
    """Without the right to read back, a double is accepted and said in the log."""
    with SlackServer(scopes=scopes) as slack, capture_logs() as logs:
        chat = CrashingChat(web_client(slack.bot_token, slack.api_base_url))
        world = World(store, slack, a_sender(store, chat))
        world.start()
        chat.dying = True
        with pytest.raises(KeyboardInterrupt):
            world.sender.round()
        world.sender = a_sender(store, a_chat(slack))
        world.store.mark_unposted("7Q2")
        world.tells()

        assert len(world.shown()) == copies
        assert ("may be posted twice" in str(logs)) == (copies == 2)


def test_a_channel_that_is_shut_is_no_other_jobs_trouble(world: World) -> None:
    world.start(id="7Q1", app="app-a", channel="C0NOWHERE1")
    world.start()
    with capture_logs() as logs:
        shown = world.tells()

    assert [root[0] for root in shown] == ["app-b: moving log collection to the target account"]
    assert [(log["log_level"], log["job"]) for log in logs] == [("error", "7Q1")]
    assert "channel_not_found" in logs[0]["why"]


def test_a_silent_slack_is_asked_again_and_the_thread_goes_on(
    store: RedisStore, slack: SlackServer
) -> None:
    world = World(
        store, slack, a_sender(store, Chat(web_client("xoxb", "http://127.0.0.1:1/api/")))
    )
    world.start()
    with capture_logs() as logs:
        world.tells()
    world.sender = a_sender(store, a_chat(slack))
    until(world.tells)

    assert "no answer" in logs[0]["why"]
    assert len(world.shown()) == 1


def test_a_deleted_live_message_is_posted_anew(world: World) -> None:
    world.start()
    world.tells()
    world.slack.reset()
    world.runs(state=RecordState.DOING)
    world.tells()
    (root,) = world.tells()

    assert root[1] == "▶ Running, step 1 of 3"


def test_a_deleted_thread_is_begun_anew_with_what_is_new(world: World) -> None:
    world.start()
    world.tells()
    world.slack.reset()
    world.runs(event(EventKind.DONE, "first", text="all there"), state=RecordState.DONE)
    until(lambda: len(world.tells()) == 2)
    root, line = world.shown()

    assert root[1] == "▶ Running, step 2 of 3"
    assert line == ["✔ Create the group: all there"]


class FussyChat(Chat):
    """A Slack that takes no blocks, as one does that does not know some kind of them yet."""

    def post(self, channel: str, message: Message, thread: str, payload: Mapping[str, str]) -> str:
        if message.blocks:
            raise Unfit("chat.postMessage: invalid_blocks")
        return super().post(channel, message, thread, payload)


def test_refused_blocks_do_not_silence_the_thread(store: RedisStore, slack: SlackServer) -> None:
    chat = FussyChat(web_client(slack.bot_token, slack.api_base_url))
    world = World(store, slack, a_sender(store, chat))
    world.start()
    (root,) = world.tells()

    assert root == ["app-b: moving log collection to the target account: queued"]


def test_redis_away_ends_no_sender(world: World, redis: RunningServer) -> None:
    away = a_store(RunningServer(redis.program, Path(), port=1))
    sender = a_sender(away, a_chat(world.slack))
    with capture_logs() as logs:
        sender.start()
        until(lambda: logs)
        sender.close()
        away.close()

    assert logs[0]["event"] == "telling Slack what is new"


def test_a_wake_that_fails_troubles_nobody() -> None:
    def broken() -> None:
        raise RuntimeError("the sender is gone")

    with capture_logs() as logs:
        SlackNotifier(broken).show("7Q2")

    assert logs[0]["log_level"] == "error"


def test_showing_a_job_makes_the_sender_look_at_once(world: World) -> None:
    sender = a_sender(world.store, a_chat(world.slack), look_every=3600.0)
    world.start()
    sender.start()
    SlackNotifier(sender.wake).show("7Q2")
    try:
        until(world.shown)
    finally:
        sender.close()

    assert len(world.shown()) == 1


def test_a_wrong_token_is_somebodys_to_mend(slack: SlackServer) -> None:
    chat = Chat(web_client("xoxb-wrong", slack.api_base_url))

    with pytest.raises(Shut, match=r"chat\.postMessage: invalid_auth"):
        chat.post("C1", Message("x", ()), "", {})


def test_no_answer_may_mean_that_it_was_done() -> None:
    with pytest.raises(Unheard, match=r"chat\.update: no answer"):
        Chat(web_client("xoxb", "http://127.0.0.1:1/api/")).update("C1", "1.0", Message("x", ()))


def a_service(store: RedisStore) -> Service:
    side = apps.Side("p", "l", "c", "g")
    return Service(
        workflow=WORKFLOW,
        apps={"app-b": apps.App("app-b", "app-b", side, side, ())},
        people=apps.People(approvers=frozenset({BOB})),
        store=store,
        queue=FakeQueue(),
        clock=FakeClock(time=time.time()),
        new_id=iter(["7Q2", "7Q3"]).__next__,
    )


@pytest.fixture
def open_door(world: World) -> Iterator[SocketDoor]:
    """The handlers, listening to the Slack of `world`."""
    app = bolt_app(world.slack.bot_token, "", world.slack.api_base_url)
    register(app, a_service(world.store), lambda key: not world.store.once(key, 60.0))
    door = SocketDoor(app, world.slack.app_token, lost=lambda: None)
    door.open()
    yield door
    door.close()


def test_typed_asked_pressed_and_decided_as_people_see_it(
    world: World, open_door: SocketDoor
) -> None:
    control = world.control
    queued = control.command("alice", "/logmigrate start app-b")["ack"]["text"]
    again = control.command("bob", "/logmigrate start app-b")["ack"]["text"]
    world.asks()
    world.tells()
    card = control.messages()[0]["replies"][-1]["ts"]
    control.press("alice", card, "approve")
    (refusal,) = control.wait_until(lambda: [e["text"] for e in control.ephemerals("alice")][1:])
    control.press("bob", card, "approve")
    until(lambda: world.store.load("7Q2").record("go?").state is RecordState.AGREED)
    root, decided = world.tells()

    assert queued.startswith("Queued as 7Q2")
    assert "app-b is held by job 7Q2" in again
    assert refusal.startswith("You started this job, so somebody else has to approve it.")
    assert root[1] == "▶ Running, step 1 of 3"
    assert decided[-1].startswith("✔ Approved by @bob")
    assert control.ephemerals("bob")[1:] == []
