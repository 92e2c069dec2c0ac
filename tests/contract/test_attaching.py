"""The file below a plan: there once, or its absence told; the plan itself never waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
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
from workflows.model import EventKind, Job, JobKind, JobState

SCOPES = ("commands", "chat:write", "files:write")  # what manifest.yaml asks for
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
    """A process that dies around one of its calls for files, as often as `deaths` says."""

    def __init__(self, chat: Chat, method: str, *, after: bool, deaths: int = 1) -> None:
        self._chat, self._method, self._after, self._deaths = chat, method, after, deaths

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            return object.__getattribute__(self, name)
        found = getattr(self._chat, name)
        return self._dying(found) if name == self._method else found

    def _dying(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def once(*args: Any) -> Any:
            dies, self._deaths = self._deaths > 0, self._deaths - 1
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
    file_id = chat.upload("plan.md", '{"remark": "\ud83d"}', lambda: None)
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
