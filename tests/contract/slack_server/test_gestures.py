"""Gestures in the Slack double: typed and pressed, by socket and by signed HTTP."""

from __future__ import annotations

import threading
from typing import Any
from wsgiref.simple_server import make_server

import pytest
import websocket

from sandbox.slack import Limits, SlackServer
from sandbox.slack.control import Control, ControlRefusedError
from tests.contract.slack_server.apps import QuietHandler
from tests.contract.slack_server.kit import (
    CARD,
    Json,
    client,
)


def test_a_command_is_acked_and_the_person_sees_the_answer(control: Control) -> None:
    outcome = control.command("alice", "/logmigrate start app-b")

    assert outcome["ok"]
    assert outcome["ack"] == {"text": "queued start app-b"}
    assert outcome["ephemerals"] == ["queued start app-b"]
    assert [shown["text"] for shown in control.ephemerals("alice")] == ["queued start app-b"]
    assert control.ephemerals("bob") == []


def test_an_ack_for_the_channel_shows_what_was_typed_too(control: Control) -> None:
    control.command("bob", "/logmigrate aloud")

    said = [(message["author"], message["text"]) for message in control.messages()]
    assert said == [("bob", "/logmigrate aloud"), ("logmigrate", "for all")]


def test_an_ack_that_slack_cannot_show_is_an_error_to_the_person(control: Control) -> None:
    outcome = control.command("alice", "/logmigrate broken")

    assert outcome["error"] == "invalid_blocks"
    assert control.messages() == []


def test_a_pressed_button_reaches_the_app_with_its_value_and_its_person(
    slack: SlackServer, control: Control
) -> None:
    ts = client(slack).chat_postMessage(channel=slack.channel, text="card", blocks=CARD)["ts"]

    outcome = control.press("bob", ts, "approve")
    card = control.wait_until(lambda: [m for m in control.messages() if m["edited"]])[0]

    assert outcome["ok"]
    assert card["text"] == f"approved by <@{slack.users['bob']}> for 7Q2"
    assert card["blocks"] == []


def test_an_answer_to_a_click_shows_to_the_person_alone(
    slack: SlackServer, control: Control
) -> None:
    ts = client(slack).chat_postMessage(channel=slack.channel, text="card", blocks=CARD)["ts"]
    control.press("alice", ts, "decline")
    shown = control.wait_until(lambda: control.ephemerals("alice"))

    assert [one["text"] for one in shown] == ["not you"]


def test_a_response_url_says_more_after_the_ack(control: Control) -> None:
    control.command("alice", "/logmigrate more")
    control.wait_until(lambda: control.ephemerals("alice")[1:])
    shown = [one["text"] for one in control.ephemerals("alice")]

    assert sorted(shown) == ["and more", "queued more"]  # which comes first is a race, as in Slack


def test_a_button_that_is_gone_cannot_be_pressed(slack: SlackServer, by_socket: Control) -> None:
    bot = client(slack)
    ts = bot.chat_postMessage(channel=slack.channel, text="card", blocks=CARD)["ts"]
    bot.chat_update(channel=slack.channel, ts=ts, text="card", blocks=CARD[:1])

    with pytest.raises(ControlRefusedError) as refused:
        by_socket.press("bob", ts, "approve")
    assert refused.value.error == "no_such_button"
    assert refused.value.answer["there"] == []


def test_a_wrong_button_is_refused_with_those_that_are_there(
    slack: SlackServer, by_socket: Control
) -> None:
    ts = client(slack).chat_postMessage(channel=slack.channel, text="card", blocks=CARD)["ts"]

    with pytest.raises(ControlRefusedError) as refused:
        by_socket.press("bob", ts, "approve", value="other job")
    there = [(button["action_id"], button["value"]) for button in refused.value.answer["there"]]
    assert there == [("approve", "7Q2"), ("decline", None)]


def test_a_command_the_app_does_not_have_is_refused_by_slack(slack: SlackServer) -> None:
    with pytest.raises(ControlRefusedError, match=r"invalid_command.*/logmigrate"):
        Control(slack.control_url).command("alice", "/logmigrat start")


def test_no_ack_in_time_is_an_operation_timeout() -> None:
    with SlackServer(limits=Limits(ack_seconds=0.2)) as slack:
        ws = websocket.create_connection(
            client(slack).apps_connections_open(app_token=slack.app_token)["url"]
        )
        ws.recv()
        outcome = Control(slack.control_url).command("alice", "/logmigrate start app-b")
        ws.close()

    assert (outcome["ok"], outcome["error"]) == (False, "operation_timeout")


def test_no_connection_is_an_operation_timeout_that_the_person_sees(slack: SlackServer) -> None:
    control = Control(slack.control_url)
    outcome = control.command("alice", "/logmigrate start app-b")

    assert outcome["error"] == "operation_timeout"
    assert outcome["ephemerals"] == ['/logmigrate failed with the error "operation_timeout"']
    assert control.ephemerals("alice")[0]["author"] == "slackbot"


def test_http_that_says_no_is_dispatch_failed(slack: SlackServer, by_http: Control) -> None:
    del slack
    url = by_http.state()["request_url"]
    by_http.deliver_to(url + "/elsewhere")
    outcome = by_http.command("alice", "/logmigrate start app-b")

    assert outcome["error"] == "dispatch_failed"


def test_http_that_is_too_slow_is_an_operation_timeout() -> None:
    with SlackServer(limits=Limits(ack_seconds=0.2)) as slack:
        done = threading.Event()

        def slow(environ: Json, start: Any) -> list[bytes]:
            del environ
            done.wait(10)
            start("200 OK", [])
            return [b""]

        server = make_server("127.0.0.1", 0, slow, handler_class=QuietHandler)
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        control = Control(slack.control_url)
        control.deliver_to(f"http://127.0.0.1:{server.server_port}/")
        outcome = control.command("alice", "/logmigrate start app-b")
        done.set()
        thread.join()
        server.server_close()

    assert outcome["error"] == "operation_timeout"


def test_nobody_listening_is_dispatch_failed(slack: SlackServer) -> None:
    control = Control(slack.control_url)
    control.deliver_to("http://127.0.0.1:9/")

    assert control.command("alice", "/logmigrate help")["error"] == "dispatch_failed"


def test_a_request_url_beyond_this_machine_is_refused(slack: SlackServer) -> None:
    with pytest.raises(ControlRefusedError, match="invalid_request_url"):
        Control(slack.control_url).deliver_to("http://192.0.2.1/slack/events")


def test_a_request_with_a_wrong_secret_is_refused_by_the_app(
    slack: SlackServer, by_http: Control
) -> None:
    slack.workspace.signing_secret = "another"

    assert by_http.command("alice", "/logmigrate start app-b")["error"] == "dispatch_failed"
