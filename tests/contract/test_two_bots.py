"""Two bots on one Redis: the same gesture may reach both, and counts once."""

from __future__ import annotations

import json
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.http_door import PATH, Gate, HttpDoor
from bot.store import RedisStore
from bot.transport import bolt_app
from handlers import register
from sandbox.slack import SlackServer
from tests.contract.redis_servers import a_store, running, until
from tests.contract.test_notifier import a_service
from tests.unit.chat_kit import ALICE, BOB
from workflows.model import EventKind, JobState, RecordState

PREFIX = "{here}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RedisStore]:
    with running("valkey", tmp_path) as server, closing(a_store(server, PREFIX)) as opened:
        yield opened


@pytest.fixture
def bots(store: RedisStore) -> Iterator[tuple[str, list[HttpDoor]]]:
    """The signing secret, and two doors that Slack's requests may come in at."""
    with SlackServer() as slack, ExitStack() as ends:
        doors = []
        for _ in range(2):
            app = bolt_app(slack.bot_token, slack.signing_secret, slack.api_base_url)
            register(app, a_service(store), lambda key: not store.once(key, 60.0))
            door = HttpDoor(Gate(app, slack.signing_secret), "127.0.0.1:0")
            door.open()
            ends.callback(door.close)
            doors.append(door)
        yield slack.signing_secret, doors


def deliver_to_both(secret: str, doors: list[HttpDoor], form: Mapping[str, str]) -> list[str]:
    """The same request to each bot in the same moment; the bodies of their answers."""
    body, together = urllib.parse.urlencode(form).encode(), threading.Barrier(len(doors))

    def deliver(door: HttpDoor) -> str:
        now = str(int(time.time()))
        signature = SignatureVerifier(secret).generate_signature(timestamp=now, body=body)
        headers = {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": str(signature)}
        request = urllib.request.Request(f"http://127.0.0.1:{door.port}{PATH}", body, headers)
        together.wait(5.0)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.read().decode())

    with ThreadPoolExecutor(len(doors)) as both:
        return list(both.map(deliver, doors))


def test_a_command_that_reaches_both_bots_starts_one_job(
    store: RedisStore, bots: tuple[str, list[HttpDoor]]
) -> None:
    form = {"command": "/logmigrate", "text": "start app-b", "user_id": ALICE}
    answers = deliver_to_both(*bots, {**form, "channel_id": "C1", "trigger_id": "1.2.abc"})

    assert len(store.jobs()) == 1
    assert sorted("came twice" in answer for answer in answers) == [False, True]


def test_a_click_that_reaches_both_bots_counts_once(
    store: RedisStore, bots: tuple[str, list[HttpDoor]]
) -> None:
    job = a_service(store).start("app-b", ALICE, "C1")
    job = job.moved(JobState.RUNNING).moved(JobState.WAITING)
    job = store.amend(job.noted("go?", state=RecordState.ASKED, shown="d1"))
    press = {
        "type": "block_actions",
        "trigger_id": "1.3.abc",
        "user": {"id": BOB},
        "response_url": "http://127.0.0.1:1/",
        "actions": [{"type": "button", "action_id": "approve", "value": f"{job.id}:go?:d1"}],
    }
    deliver_to_both(*bots, {"payload": json.dumps(press)})
    until(lambda: store.load(job.id).record("go?").state is RecordState.AGREED)

    kinds = [event.kind for _, event in store.events(job.id)]
    assert kinds.count(EventKind.APPROVED) == 1
