"""The file below a plan: there once, or its absence told; the plan itself never waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from bot.attaching import MOST_TRIES
from bot.slack import Chat, Unheard
from bot.store import RedisStore
from sandbox.slack import SlackServer
from sandbox.slack.limits import Limits
from tests.contract.redis_servers import RunningServer, a_store, running
from tests.contract.test_notifier import World, a_chat, a_sender
from tests.unit.chat_kit import event
from tests.unit.evidence_kit import compared
from workflows.model import EventKind, Job, JobKind, JobState, RecordState

SCOPES = ("commands", "chat:write", "files:write")  # what manifest.yaml asks for
EVIDENCE = {"comparison": compared(5).facts, "hosts": ["h1"], "idle": [], "expected": ["h1", "h9"]}
SEEN = {"wanted": {"configs": {"old": {"configName": "new"}}}}


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running("valkey", tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def store(redis: RunningServer) -> Iterator[RedisStore]:
    with closing(a_store(redis)) as opened:
        yield opened


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer(scopes=SCOPES) as server:
        yield server


def world_of(store: RedisStore, slack: SlackServer, chat: Any = None) -> World:
    return World(store, slack, a_sender(store, chat or a_chat(slack)))


def planned(world: World) -> None:
    """A plan is drawn; nothing is told yet."""
    world.start(kind=JobKind.PLAN)
    drawn = event(EventKind.PLANNED, lines=("Create: create g",), shown="1a2b3c4d5e6f")
    world.moves(lambda job: ended(job.noted("first", before=SEEN)), drawn)


EVENT = "9f8e7d6c5b4a"


def asked(world: World, shown: str = EVENT) -> None:
    """A card is out, with the evidence of both sides; nothing is told yet."""
    card = event(EventKind.ASKED, "go?", text="all equal", lines=("detach",), shown=shown)
    state = {"state": RecordState.ASKED, "shown": shown}
    world.moves(lambda job: waiting(job.noted("go?", **state)), replace(card, facts=EVIDENCE))


def waiting(job: Job) -> Job:
    return job.moved(JobState.RUNNING).moved(JobState.WAITING)


def ended(job: Job) -> Job:
    return job.moved(JobState.RUNNING).moved(JobState.SUCCEEDED)


def files(world: World) -> list[dict[str, Any]]:
    said = [reply for root in world.control.messages() for reply in root["replies"]]
    return [file for reply in said for file in reply["files"]]


def test_a_plan_has_its_file_below_it_once(store: RedisStore, slack: SlackServer) -> None:
    world = world_of(store, slack)
    planned(world)
    world.tells()
    store.mark_unposted("7Q2")
    _, line, file = world.tells()
    (only,) = files(world)
    text = world.control.file(only["id"])

    assert line[0] == "What each step would do; nothing was changed. Plan 1a2b3c4d5e6f"
    assert file == ["[file: Plan 1a2b3c4d5e6f for app-b: the operations]"]
    assert only["name"] == "plan-app-b-1a2b3c4d5e6f.md"
    assert "1. Create: create g" in text
    assert "operations: " in text


def test_a_plan_comes_without_its_file_where_the_scope_is_not_granted(store: RedisStore) -> None:
    with SlackServer(scopes=SCOPES[:2]) as slack:
        world = world_of(store, slack)
        planned(world)
        world.tells()
        store.mark_unposted("7Q2")
        _, line, instead = world.tells()

        assert line[0].startswith("What each step would do")
        assert "could not be attached: files.getUploadURLExternal: missing_scope" in instead[0]
        assert "files:write" in instead[1]
        assert "/logmigrate plan app-b" in instead[1]
        assert files(world) == []
        assert store.unposted() == ()


def test_a_workspace_without_files_is_told_so(store: RedisStore) -> None:
    with SlackServer(scopes=SCOPES, limits=Limits(file_uploads=False)) as slack:
        world = world_of(store, slack)
        planned(world)
        _, _, instead = world.tells()

        assert "file_uploads_disabled" in instead[0]


class Dead(BaseException):
    """Like SIGKILL: no `except Exception` sees it."""


class Mortal(Chat):
    """A process that dies around one of its calls for files, the one after the `spared` ones."""

    def __init__(self, chat: Chat, method: str, *, after: bool, spared: int = 0) -> None:
        self._chat, self._method, self._after, self._left = chat, method, after, spared

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            return object.__getattribute__(self, name)
        found = getattr(self._chat, name)
        return self._dying(found) if name == self._method else found

    def _dying(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def once(*args: Any) -> Any:
            dies, self._left = self._left == 0, self._left - 1
            if dies and not self._after:
                raise Dead
            answer = call(*args)
            if dies:
                raise Dead
            return answer

        return once


@pytest.mark.parametrize("method", ["upload", "share"])
@pytest.mark.parametrize("after", [False, True])
def test_a_sender_that_dies_on_the_way_leaves_one_file(
    store: RedisStore, slack: SlackServer, method: str, *, after: bool
) -> None:
    mortal = world_of(store, slack, Mortal(a_chat(slack), method, after=after))
    planned(mortal)
    with pytest.raises(Dead):
        mortal.tells()
    store.mark_unposted("7Q2")
    _, *thread = world_of(store, slack).tells()

    assert len(files(mortal)) == 1
    assert len(thread) == 2


def test_a_file_that_slack_dropped_before_it_was_shared_is_brought_again(
    store: RedisStore, slack: SlackServer
) -> None:
    mortal = world_of(store, slack, Mortal(a_chat(slack), "share", after=False))
    planned(mortal)
    with pytest.raises(Dead):
        mortal.tells()
    store.note_post("7Q2", **{name: "" for name in store.posts("7Q2") if "sharing" in name})
    slack.workspace.uploads.clear()
    for _ in range(2):
        store.mark_unposted("7Q2")
        shown = world_of(store, slack).tells()

    assert len(files(mortal)) == 1
    assert len(shown) == 3


def test_halves_of_characters_do_not_keep_the_file_away(slack: SlackServer) -> None:
    chat = a_chat(slack)
    file_id = chat.upload("plan.md", '{"remark": "\ud83d"}', "", lambda: None)
    chat.share("C0LOGMIG01", "", file_id, "Plan")

    assert slack.workspace.uploads.content(file_id) == b'{"remark": "?"}'


class Deaf(Mortal):
    """Slack's place for files cannot be reached: a proxy lets only its API through."""

    def __init__(self, chat: Chat) -> None:
        super().__init__(chat, "upload", after=False)
        self._asked = 0

    def _dying(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def unheard(*_: Any) -> Any:
            self._asked += 1
            raise Unheard("sending plan.md to Slack's place for files: no route")

        return unheard


def test_a_place_for_files_that_is_never_reached_is_given_up_and_told(
    store: RedisStore, slack: SlackServer
) -> None:
    deaf = Deaf(a_chat(slack))
    planned(world_of(store, slack, deaf))
    for _ in range(MOST_TRIES + 2):
        shown = world_of(store, slack, deaf).tells()  # a sender of its own: no pause between
        store.mark_unposted("7Q2")

    assert deaf._asked == MOST_TRIES
    assert shown[1][0].startswith("What each step would do")
    assert "no route" in shown[2][0]
    assert len(shown) == 3


def test_an_older_versions_plan_has_no_file(store: RedisStore, slack: SlackServer) -> None:
    world = world_of(store, slack)
    world.start(kind=JobKind.PLAN)
    world.moves(ended, event(EventKind.PLANNED, lines=("Create: create g",)))
    shown = world.tells()

    assert len(shown) == 2
    assert world.calls("files.getUploadURLExternal") == 0


def test_a_card_has_its_table_and_its_picture_below_it_once(
    store: RedisStore, slack: SlackServer
) -> None:
    world = world_of(store, slack)
    world.start()
    asked(world)
    world.tells()
    store.mark_unposted("7Q2")
    shown = world.tells()
    table, picture = files(world)

    assert [said[0] for said in shown[2:]] == [
        f"[file: Evidence {EVENT} for app-b: host by host]",
        f"[file: Evidence {EVENT} for app-b: lines per minute]",
    ]
    assert [table["name"], picture["name"]] == [
        f"evidence-app-b-{EVENT}.csv",
        f"evidence-app-b-{EVENT}.png",
    ]
    assert world.control.file(table["id"]).startswith("host,source,target,equal,")
    assert "h9,0,0,no line" in world.control.file(table["id"])
    assert slack.workspace.uploads.content(picture["id"]).startswith(b"\x89PNG")
    assert picture["alt_txt"].startswith("app-b: lines per minute in source and target")
    assert "alt_txt" not in table


@pytest.mark.parametrize("method", ["upload", "share"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("spared", [0, 1])
def test_a_sender_that_dies_on_the_way_leaves_each_file_once(
    store: RedisStore, slack: SlackServer, method: str, spared: int, *, after: bool
) -> None:
    mortal = world_of(store, slack, Mortal(a_chat(slack), method, after=after, spared=spared))
    mortal.start()
    asked(mortal)
    with pytest.raises(Dead):
        mortal.tells()
    store.mark_unposted("7Q2")
    _, *thread = world_of(store, slack).tells()

    assert sorted(file["name"][-3:] for file in files(mortal)) == ["csv", "png"]
    assert len(thread) == 3


def test_what_an_older_version_brought_is_not_brought_again(
    store: RedisStore, slack: SlackServer
) -> None:
    world = world_of(store, slack)
    planned(world)
    ((_, _), (event_id, _)) = store.events("7Q2", "0-0", 10)
    store.note_post("7Q2", **{f"file:{event_id}": "told"})
    world.tells()

    assert files(world) == []
    assert world.calls("files.getUploadURLExternal") == 0


def test_what_an_older_version_had_brought_half_is_shared_once(
    store: RedisStore, slack: SlackServer
) -> None:
    chat, world = a_chat(slack), world_of(store, slack)
    planned(world)
    ((_, _), (event_id, _)) = store.events("7Q2", "0-0", 10)
    uploaded = chat.upload("plan-app-b-1a2b3c4d5e6f.md", "# Plan", "", lambda: None)
    store.note_post("7Q2", **{f"file:{event_id}": uploaded})
    world.tells()

    assert [file["id"] for file in files(world)] == [uploaded]


def test_each_card_has_its_own_files_though_it_was_asked_anew_meanwhile(
    store: RedisStore, slack: SlackServer
) -> None:
    world = world_of(store, slack)
    world.start()
    asked(world, "0a0a0a0a0a0a")
    asked(world)
    world.tells()

    assert [file["name"] for file in files(world)] == [
        *("evidence-app-b-0a0a0a0a0a0a.csv", "evidence-app-b-0a0a0a0a0a0a.png"),
        *(f"evidence-app-b-{EVENT}.csv", f"evidence-app-b-{EVENT}.png"),
    ]


def test_evidence_that_cannot_be_attached_is_told_once(store: RedisStore) -> None:
    with SlackServer(scopes=SCOPES[:2]) as slack:
        world = world_of(store, slack)
        world.start()
        asked(world)
        _, _, *instead = world.tells()

        assert len(instead) == 1
        assert "The files with the evidence could not be attached: files.get" in instead[0][0]
        assert "The card above holds without them" in instead[0][1]
        assert world.calls("files.getUploadURLExternal") == 1
