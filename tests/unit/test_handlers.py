"""Commands and clicks as Slack signs and sends them, through Bolt, to the real service."""

from __future__ import annotations

import itertools
import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from handlers import register
from handlers.buttons import outcome
from tests.fakes import FakeClock, FakeQueue, FakeStore
from tests.unit.chat_kit import ALICE, BOB, MALLORY, WORKFLOW
from workflows import apps
from workflows.errors import StoreAway
from workflows.model import Event, Job, JobKind, JobState, RecordState
from workflows.service import Service

SIDE = apps.Side("p", "l", "c", "g")
HOSTS = tuple(map(apps.Host, ("h1", "h7", "h9")))
CHANNEL = "C0LOGMIG01"
SECRET = "signing-secret"


class ShakyStore(FakeStore):
    """A store that can be away, or broken in a way that nobody has foreseen."""

    trouble: Exception | None = None

    def load(self, job_id: str) -> Job:
        self._meet()
        return super().load(job_id)

    def create(self, job: Job, event: Event) -> None:
        self._meet()
        super().create(job, event)

    def _meet(self) -> None:
        if self.trouble:
            raise self.trouble


@dataclass
class ResponseUrl:
    """Where Slack takes what only the presser reads."""

    url: str
    told: list[dict[str, Any]] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> dict[str, Any]:
        assert self.came.wait(5), "nothing was told to whoever pressed"
        return self.told[-1]


@pytest.fixture
def response_url() -> Iterator[ResponseUrl]:
    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            there.told.append(json.loads(body))
            self.send_response(200)
            self.end_headers()
            there.came.set()

        def log_message(self, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Answer)
    there = ResponseUrl(f"http://127.0.0.1:{server.server_port}/answer")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield there
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Desk:
    """Bolt with our listeners, in front of a service on a store in memory."""

    store: ShakyStore
    service: Service
    bolt: App
    gestures: set[str] = field(default_factory=set)
    triggers: Iterator[int] = field(default_factory=itertools.count)

    def seen(self, trigger_id: str) -> bool:
        known = trigger_id in self.gestures
        self.gestures.add(trigger_id)
        return known

    def types(self, user: str, text: str, **more: str) -> str:
        """What the ack tells the person alone."""
        given = {"command": "/logmigrate", "text": text, "user_id": user, "channel_id": CHANNEL}
        form = {**given, "team_id": "T0", "trigger_id": self._trigger(), **more}
        answer = self._send(form)
        body = json.loads(answer.body)

        assert (answer.status, body["response_type"]) == (200, "ephemeral")
        return str(body["text"])

    def presses(self, user: str, action_id: str, value: str, url: str) -> None:
        payload = {
            "type": "block_actions",
            "user": {"id": user},
            "team": {"id": "T0"},
            "channel": {"id": CHANNEL},
            "trigger_id": self._trigger(),
            "response_url": url,
            "actions": [
                {"type": "button", "action_id": action_id, "block_id": "b", "value": value}
            ],
        }
        answer = self._send({"payload": json.dumps(payload)})

        assert (answer.status, answer.body) == (200, "")

    def _send(self, form: Mapping[str, str]) -> BoltResponse:
        body, now = urlencode(form), str(int(time.time()))
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=now, body=body)
        headers: dict[str, str | Sequence[str]] = {
            "content-type": "application/x-www-form-urlencoded",
            "x-slack-request-timestamp": now,
            "x-slack-signature": str(signature),
        }
        return self.bolt.dispatch(BoltRequest(body=body, headers=headers))

    def _trigger(self) -> str:
        return f"t{next(self.triggers)}"

    def waiting(self) -> Job:
        """A job of alice's that asks for approval of what has the digest d1."""
        job = self.service.start("app-b", ALICE, CHANNEL).moved(JobState.RUNNING)
        job = job.noted("first", state=RecordState.DONE)
        job = job.moved(JobState.WAITING).noted("go?", state=RecordState.ASKED, shown="d1")
        return self.store.amend(job)


@pytest.fixture
def desk() -> Desk:
    store, ids = ShakyStore(FakeClock()), iter(["7Q2", "7Q3"])
    service = Service(
        workflow=WORKFLOW,
        apps={"app-b": apps.App("app-b", "app-b", SIDE, SIDE, HOSTS)},
        people=apps.People(approvers=frozenset({BOB})),
        store=store,
        queue=FakeQueue(),
        clock=store.clock,
        new_id=lambda: next(ids),
    )
    bolt = App(
        signing_secret=SECRET,
        authorize=lambda **_: AuthorizeResult(
            enterprise_id=None, team_id="T0", bot_user_id="U0BOT"
        ),
    )
    desk = Desk(store, service, bolt)
    register(bolt, service, desk.seen)
    return desk


def settled(desk: Desk, state: JobState) -> Job:
    """The job once it is in that state; a click is carried out after its ack."""
    deadline = time.monotonic() + 5
    pause = threading.Event()
    while (job := desk.store.load("7Q2")).state is not state:
        assert time.monotonic() < deadline, f"the job stays {job.state}"
        pause.wait(0.005)
    return job


def test_start_queues_a_job_and_says_its_id(desk: Desk) -> None:
    said = desk.types(ALICE, "start app-b")

    assert said.startswith("Queued as 7Q2: app-b is going to be moved.")
    assert desk.store.load("7Q2").requested_by == ALICE
    assert desk.store.load("7Q2").channel == CHANNEL


def test_a_second_start_says_who_holds_the_app_since_when_and_where(desk: Desk) -> None:
    desk.types(ALICE, "start app-b")
    desk.store.links["7Q2"] = "https://slack.example/p1"
    said = desk.types(BOB, "start app-b")

    assert f"app-b is held by job 7Q2 of <@{ALICE}> since <!date^1700000000^" in said
    assert "https://slack.example/p1" in said


@pytest.mark.parametrize("verb", ["plan", "start", "diagnose"])
def test_a_command_that_comes_twice_is_carried_out_once(desk: Desk, verb: str) -> None:
    desk.types(ALICE, f"{verb} app-b", trigger_id="same")
    said = desk.types(ALICE, f"{verb} app-b", trigger_id="same")

    assert said == "This command came twice; it is carried out once."
    assert len(desk.service.jobs()) == 1


def test_an_unknown_app_writes_nothing_and_is_asked_back(desk: Desk) -> None:
    said = desk.types(ALICE, "start app-bb")

    assert said == (
        "There is no app “app-bb”. Apps: app-b. Did you mean `/logmigrate start app-b`?"
    )
    assert desk.service.jobs() == ()


def test_an_unknown_job_is_asked_back_too(desk: Desk) -> None:
    assert desk.types(ALICE, "status app-c").endswith("Did you mean app-b?")


def test_what_was_typed_cannot_call_the_channel(desk: Desk) -> None:
    assert "<!channel>" not in desk.types(ALICE, "start &lt;!channel&gt;")


def test_redis_away_is_said_and_promises_nothing_that_may_be_untrue(desk: Desk) -> None:
    desk.store.trouble = StoreAway("asking Redis at somewhere: no answer")

    assert desk.types(ALICE, "start app-b") == (
        "Redis does not answer. Nothing is half-written: when it answers again, "
        "`/logmigrate list` tells whether this has arrived. If not, try again."
    )


def test_an_unforeseen_error_has_a_number_in_chat_and_its_traceback_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.store.trouble = ZeroDivisionError("secret detail")
    with caplog.at_level(logging.ERROR, "handlers.errors"):
        said = desk.types(ALICE, "start app-b")
    number = said.split("`")[1]

    assert "secret detail" not in said
    assert number in caplog.text
    assert "ZeroDivisionError: secret detail" in caplog.text


def test_hosts_are_left_out_from_the_start(desk: Desk) -> None:
    said = desk.types(ALICE, "start app-b \u2014without h7, h9")

    assert said == (
        "Queued as 7Q2: app-b is going to be moved without `h7`, `h9`. The thread is below."
    )
    assert desk.store.load("7Q2").without == ("h7", "h9")
    assert desk.types(ALICE, "list").startswith("`7Q2` app-b without `h7`, `h9` (move): queued")


def test_a_plan_may_leave_hosts_out_too(desk: Desk) -> None:
    said = desk.types(ALICE, "plan app-b --without=h7")

    assert said == "Queued as 7Q2: a plan for app-b without `h7`, which changes nothing."
    assert desk.store.load("7Q2").without == ("h7",)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("start app-b --without h77,h1", "/logmigrate start app-b --without h7,h1"),
        ("plan app-b --without H9", "/logmigrate plan app-b --without h9"),
        ("diagnose app-b h77", "/logmigrate diagnose app-b h7"),
    ],
)
def test_an_unknown_host_writes_nothing_and_is_asked_back(
    desk: Desk, typed: str, meant: str
) -> None:
    said = desk.types(ALICE, typed)

    assert said.startswith("app-b has no host h77." if "77" in typed else "app-b has no host H9.")
    assert said.endswith(f"Did you mean {meant}?")
    assert desk.service.jobs() == ()


def test_a_host_is_left_out_of_a_stopped_job(desk: Desk) -> None:
    desk.types(ALICE, "start app-b --without h7")
    job = desk.store.load("7Q2").moved(JobState.RUNNING)
    desk.store.amend(job.moved(JobState.STOPPED, "h9 does not answer"))
    said = desk.types(ALICE, "without app-b h9")

    assert said == "7Q2 goes on without `h7`, `h9` once its Retry is pressed."
    assert desk.store.load("7Q2").without == ("h7", "h9")


def test_no_host_is_left_out_of_a_job_that_runs(desk: Desk) -> None:
    desk.types(ALICE, "start app-b")
    said = desk.types(ALICE, "without 7q2 h9")

    assert said.startswith("Job 7Q2 is queued; hosts are left out of a stopped job.")
    assert desk.store.load("7Q2").without == ()


def test_a_diagnosis_is_queued_for_all_hosts_or_for_some(desk: Desk) -> None:
    of_all = desk.types(ALICE, "diagnose app-b")
    of_one = desk.types(ALICE, "diagnose app-b h7")

    assert of_all == (
        "Queued as 7Q2: why every host of app-b may be silent. What is found stands below."
    )
    assert of_one == "Queued as 7Q3: why `h7` of app-b may be silent. What is found stands below."
    assert desk.store.load("7Q3").only == ("h7",)
    assert desk.store.load("7Q2").kind is JobKind.DIAGNOSE


def test_help_needs_no_redis(desk: Desk) -> None:
    desk.store.trouble = StoreAway("asking Redis: no answer")

    assert "`/logmigrate start APP`" in desk.types(ALICE, "")


def test_list_and_status_tell_how_far_each_job_is(desk: Desk) -> None:
    assert desk.types(ALICE, "list").startswith("Nothing was started yet.")
    desk.waiting()
    line = desk.types(ALICE, "status app-b")

    assert line.startswith(
        "`7Q2` app-b (move): waiting for approval, step 2 of 3: Stop the source?"
    )
    assert desk.types(ALICE, "list") == line


def test_cancel_before_any_change_says_that_nothing_was_changed(desk: Desk) -> None:
    desk.types(ALICE, "start app-b")

    assert desk.types(ALICE, "cancel app-b") == "7Q2 is cancelled. It had changed nothing."


def test_cancel_after_a_change_stops_and_leaves_the_choice(desk: Desk) -> None:
    desk.waiting()

    assert desk.types(ALICE, "cancel 7q2") == (
        "7Q2 goes no further. Its message offers Retry and Roll back."
    )


def test_roll_back_is_taken_in_two_words(desk: Desk) -> None:
    desk.waiting()

    assert desk.types(BOB, "roll back app-b").startswith("7Q2 rolls back")
    assert desk.store.load("7Q2").state is JobState.UNDOING


def test_another_command_of_the_same_app_is_answered(desk: Desk) -> None:
    said = desk.types(ALICE, "x", command="/logmigrat")

    assert said == "logmigrate does not know `/logmigrat`. Try `/logmigrate help`."


def test_an_approver_approves_what_was_shown(desk: Desk, response_url: ResponseUrl) -> None:
    desk.waiting()
    desk.presses(BOB, "approve", "7Q2:go?:d1", response_url.url)
    job = settled(desk, JobState.RUNNING)

    assert job.record("go?").by == BOB
    assert response_url.told == []


def test_the_requester_may_not_approve_and_alone_reads_why(
    desk: Desk, response_url: ResponseUrl
) -> None:
    desk.waiting()
    desk.presses(ALICE, "approve", "7Q2:go?:d1", response_url.url)
    told = response_url.wait()

    assert told["text"].startswith("You started this job, so somebody else has to approve it.")
    assert (told["response_type"], told["replace_original"]) == ("ephemeral", False)
    assert desk.store.load("7Q2").state is JobState.WAITING


def test_who_is_no_approver_is_told_who_is(desk: Desk, response_url: ResponseUrl) -> None:
    desk.waiting()
    desk.presses(MALLORY, "approve", "7Q2:go?:d1", response_url.url)

    assert response_url.wait()["text"] == f"You are not an approver.\nApprovers: <@{BOB}>."


def test_an_old_card_is_refused(desk: Desk, response_url: ResponseUrl) -> None:
    desk.waiting()
    desk.presses(BOB, "approve", "7Q2:go?:d0", response_url.url)

    assert "out of date" in response_url.wait()["text"]


@pytest.mark.parametrize("value", ["", "7Q2", "7Q2:go?", "7Q2:go?:d1:more", "::"])
def test_a_garbled_value_is_refused(desk: Desk, response_url: ResponseUrl, value: str) -> None:
    desk.waiting()
    desk.presses(BOB, "approve", value, response_url.url)

    assert response_url.wait()["text"].startswith("This button carries no job.")
    assert desk.store.load("7Q2").state is JobState.WAITING


def test_decline_retry_and_roll_back_reach_the_service(
    desk: Desk, response_url: ResponseUrl
) -> None:
    desk.waiting()
    desk.presses(BOB, "decline", "7Q2:go?:d1", response_url.url)
    settled(desk, JobState.STOPPED)
    desk.presses(ALICE, "retry", "7Q2", response_url.url)
    running = settled(desk, JobState.RUNNING)
    desk.store.amend(running.moved(JobState.STOPPED, "again"))
    desk.presses(ALICE, "roll_back", "7Q2", response_url.url)
    settled(desk, JobState.UNDOING)

    assert response_url.told == []


def test_a_button_that_nobody_knows_is_answered(desk: Desk, response_url: ResponseUrl) -> None:
    desk.presses(BOB, "explode", "7Q2", response_url.url)

    assert "does not know this button" in response_url.wait()["text"]


def test_a_click_that_comes_twice_is_carried_out_once(desk: Desk) -> None:
    pressed: list[str] = []
    body = {"trigger_id": "same", "user": {"id": BOB}, "actions": [{"value": "7Q2"}]}
    for _ in range(2):
        said = outcome(lambda value, by: pressed.append(f"{value} {by}"), desk.seen, body)

    assert (pressed, said) == ([f"7Q2 {BOB}"], "")


def test_a_wrong_signature_reaches_nobody(desk: Desk) -> None:
    request = BoltRequest(
        body="command=%2Flogmigrate&text=start+app-b",
        headers={"x-slack-request-timestamp": str(int(time.time())), "x-slack-signature": "v0=0"},
    )

    assert desk.bolt.dispatch(request).status == 401
    assert desk.service.jobs() == ()
