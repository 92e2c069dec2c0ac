"""How requests come in: through the socket and through HTTP, and what happens to those that may not."""

from __future__ import annotations

import gc
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest
from slack_bolt import Ack, App
from slack_sdk.signature import SignatureVerifier
from structlog.testing import capture_logs

from bot.http_door import BODY, HEALTH, PATH, Gate, HttpDoor
from bot.socket_door import ANSWERING, SocketDoor
from bot.transport import bolt_app
from sandbox.slack import SlackServer
from sandbox.slack.control import Control
from tests.contract.redis_servers import until
from workflows.errors import SettingsError, Unavailable

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def an_app(slack: SlackServer) -> App:
    app = bolt_app(slack.bot_token, slack.signing_secret, slack.api_base_url)

    @app.command("/logmigrate")
    def echo(ack: Ack, command: Mapping[str, str]) -> None:
        ack(text=f"heard {command['text']}", response_type="ephemeral")

    return app


@pytest.fixture
def http(slack: SlackServer) -> Iterator[HttpDoor]:
    door = HttpDoor(Gate(an_app(slack), slack.signing_secret), "127.0.0.1:0")
    door.open()
    yield door
    door.close()


def status(door: HttpDoor, path: str, body: bytes | None = None, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"http://127.0.0.1:{door.port}{path}"
    request = urllib.request.Request(url, body, {**FORM, **named})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def signed(secret: str, body: bytes) -> dict[str, str]:
    now = str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=now, body=body)
    return {"X_Slack_Request_Timestamp": now, "X_Slack_Signature": str(signature)}


def test_a_command_comes_through_the_socket(slack: SlackServer) -> None:
    door = SocketDoor(an_app(slack), slack.app_token, lost=lambda: None)
    door.open()
    try:
        answer = Control(slack.control_url).command("alice", "/logmigrate list")
    finally:
        door.close()

    assert answer["ack"]["text"] == "heard list"


def test_the_socket_is_open_when_open_returns(slack: SlackServer) -> None:
    door = SocketDoor(an_app(slack), slack.app_token, lost=lambda: None)
    door.open()
    connections = Control(slack.control_url).state()["connections"]
    door.close()

    assert connections


def test_a_connection_is_swapped_within_seconds_and_that_is_no_loss(slack: SlackServer) -> None:
    lost = threading.Event()
    door = SocketDoor(an_app(slack), slack.app_token, lost.set)
    door.open()
    control = Control(slack.control_url)
    control.disconnect()
    try:
        until(lambda: control.command("alice", "/logmigrate list").get("ack"), seconds=8)
        opened = control.state()["calls"]["apps.connections.open"]
    finally:
        door.close()

    assert opened == 2, "one at the start and one for the swap"
    assert not lost.is_set()


def test_a_bot_that_is_told_to_end_answers_what_it_was_asked_before(slack: SlackServer) -> None:
    app = bolt_app(slack.bot_token, slack.signing_secret, slack.api_base_url)
    heard, may_answer = threading.Event(), threading.Event()

    @app.command("/logmigrate")
    def slow(ack: Ack) -> None:
        heard.set()
        assert may_answer.wait(5.0)
        ack(text="here it is", response_type="ephemeral")

    door = SocketDoor(app, slack.app_token, lost=lambda: None)
    door.open()
    control = Control(slack.control_url)
    with ThreadPoolExecutor(2) as people:
        asked = people.submit(control.command, "alice", "/logmigrate list")
        assert heard.wait(5.0)
        closing = people.submit(door.close)
        may_answer.set()
        closing.result()

    assert asked.result()["ack"]["text"] == "here it is"


def test_what_nobody_answered_does_not_keep_a_bot_from_ending(slack: SlackServer) -> None:
    app = bolt_app(slack.bot_token, slack.signing_secret, slack.api_base_url)

    @app.command("/logmigrate")
    def broken(ack: Ack) -> None:
        raise ZeroDivisionError

    door = SocketDoor(app, slack.app_token, lost=lambda: None)
    door.open()
    Control(slack.control_url).command("alice", "/logmigrate list")
    began = time.monotonic()
    door.close()

    assert time.monotonic() - began < ANSWERING


def test_what_is_asked_while_one_of_two_bots_ends_is_heard_by_one_of_them(
    slack: SlackServer,
) -> None:
    heard: list[str] = []
    app = bolt_app(slack.bot_token, slack.signing_secret, slack.api_base_url)

    @app.command("/logmigrate")
    def hear(ack: Ack, command: Mapping[str, str]) -> None:
        heard.append(command["text"])
        ack(text="heard", response_type="ephemeral")

    one, other = (SocketDoor(app, slack.app_token, lambda: None) for _ in range(2))
    one.open()
    other.open()
    control, over = Control(slack.control_url), threading.Event()

    def ask(who: str) -> list[tuple[str, bool]]:
        answers: list[tuple[str, bool]] = []
        while not over.is_set():
            said = f"{who} {len(answers)}"
            answers.append((said, control.command("alice", f"/logmigrate {said}")["ok"]))
        return answers

    with ThreadPoolExecutor(3) as people:
        asking = [people.submit(ask, who) for who in ("a", "b", "c")]
        until(lambda: len(heard) > 10)
        one.close()
        over.set()
        answers = [answer for each in asking for answer in each.result()]
    other.close()

    assert sorted(heard) == sorted(said for said, _ in answers)
    # What came in between its goodbye and Slack's reading it is done, and cannot be answered.
    assert sum(not answered for _, answered in answers) <= 3


def test_a_command_heard_just_before_a_swap_is_answered_after_it(slack: SlackServer) -> None:
    app = bolt_app(slack.bot_token, slack.signing_secret, slack.api_base_url)
    control, heard, swapping = Control(slack.control_url), threading.Event(), threading.Event()

    @app.command("/logmigrate")
    def slow(ack: Ack) -> None:
        heard.set()
        swapping.wait(10)
        ack(text="heard")

    door = SocketDoor(app, slack.app_token, lost=lambda: None)
    door.open()
    with ThreadPoolExecutor(1) as alice:
        typed = alice.submit(control.command, "alice", "/logmigrate list")
        heard.wait(10)
        control.disconnect()
        until(lambda: not control.state()["connections"])
        swapping.set()
        answer = typed.result()
    door.close()

    assert answer["ack"]["text"] == "heard"


# The library leaves the sockets of its vain attempts to the garbage collector.
@pytest.mark.filterwarnings("ignore:Exception ignored in.*socket")
def test_a_slack_that_has_gone_is_noticed() -> None:
    lost = threading.Event()
    with SlackServer() as slack:
        door = SocketDoor(an_app(slack), slack.app_token, lost.set, silence=1.0)
        door.open()
    noticed = lost.wait(10)
    door.close()
    del door
    gc.collect()

    assert noticed


def test_a_wrong_app_token_is_named(slack: SlackServer) -> None:
    door = SocketDoor(an_app(slack), "xapp-wrong", lost=lambda: None)
    with pytest.raises(SettingsError, match=r"slack\.app_token: .*\(invalid_auth\)"):
        door.open()
    door.close()


def test_a_wrong_bot_token_is_named(slack: SlackServer) -> None:
    with pytest.raises(SettingsError, match=r"slack\.bot_token: .*\(invalid_auth\)"):
        bolt_app("xoxb-wrong", slack.signing_secret, slack.api_base_url)


def test_a_slack_that_does_not_answer_is_asked_for_a_while() -> None:
    started = time.monotonic()
    with pytest.raises(Unavailable, match=r"asking Slack at http://127\.0\.0\.1:1/api/"):
        bolt_app("xoxb-1", "secret", "http://127.0.0.1:1/api/", patience=1.5)

    assert time.monotonic() - started > 1.0


def test_a_bot_that_waits_for_slack_ends_when_it_is_told_to() -> None:
    told, started = threading.Event(), time.monotonic()
    told.set()
    with pytest.raises(Unavailable, match="asking Slack"):
        bolt_app("xoxb-1", "secret", "http://127.0.0.1:1/api/", patience=60.0, ending=told)

    assert time.monotonic() - started < 30.0


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
def test_an_address_that_cannot_be_had_is_a_wrong_setting(
    slack: SlackServer, http: HttpDoor, host: str
) -> None:
    listen = f"{host}:{http.port}"

    with pytest.raises(SettingsError, match=rf"^slack\.listen: listening on {listen}: "):
        HttpDoor(Gate(an_app(slack), "secret"), listen)


def test_what_bolt_tells_its_authors_is_not_in_our_log(slack: SlackServer) -> None:
    app = an_app(slack)

    assert app.logger.level == logging.NOTSET


def test_a_command_comes_through_http(slack: SlackServer, http: HttpDoor) -> None:
    control = Control(slack.control_url)
    control.deliver_to(f"http://127.0.0.1:{http.port}{PATH}")

    assert control.command("alice", "/logmigrate list")["ack"]["text"] == "heard list"


def test_the_door_says_that_it_is_alive(http: HttpDoor) -> None:
    assert status(http, HEALTH) == 200
    assert status(http, "/elsewhere") == 404
    assert status(http, PATH) == 404


@pytest.mark.parametrize("timestamp", ["soon", "", "1e9", "١٢٣", "0", "9" * 5000])
def test_a_timestamp_that_is_none_is_unauthorised(
    slack: SlackServer, http: HttpDoor, timestamp: str
) -> None:
    headers = signed(slack.signing_secret, b"a=b")
    headers["X_Slack_Request_Timestamp"] = timestamp.encode().decode("latin-1")

    assert status(http, PATH, b"a=b", **headers) == 401


@pytest.mark.parametrize("body", [b"payload=no%20json", b"\xff\xfe", b""])
def test_what_nobody_signed_is_not_even_read(http: HttpDoor, body: bytes) -> None:
    assert status(http, PATH, body) == 401
    assert status(http, PATH, body, X_Slack_Signature="v0=\xe9") == 401


def test_signed_nonsense_is_a_bad_request(slack: SlackServer, http: HttpDoor) -> None:
    body = b"payload=no%20json"
    with capture_logs() as logs:
        answered = status(http, PATH, body, **signed(slack.signing_secret, body))

    assert answered == 400
    assert logs[0]["event"] == "reading a request that Slack signed"


def test_a_body_beyond_all_reason_is_refused_before_it_is_sent(http: HttpDoor) -> None:
    connection = HTTPConnection("127.0.0.1", http.port, timeout=10)
    connection.putrequest("POST", PATH)
    connection.putheader("Content-Length", str(BODY + 1))
    connection.endheaders()
    answered = connection.getresponse().status
    connection.close()

    assert answered == 413


def test_without_a_secret_there_is_no_door(slack: SlackServer) -> None:
    with pytest.raises(ValueError, match=r"slack\.signing_secret"):
        Gate(an_app(slack), "")
