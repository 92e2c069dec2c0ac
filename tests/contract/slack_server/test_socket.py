"""The Slack double's Socket Mode, frame by frame."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import websocket

from sandbox.slack import SlackServer
from sandbox.slack.control import Control, ControlRefusedError
from tests.contract.slack_server.kit import (
    Json,
    client,
    open_line,
)


def test_a_ticket_works_once(slack: SlackServer) -> None:
    url = client(slack).apps_connections_open(app_token=slack.app_token)["url"]
    first = websocket.create_connection(url, timeout=5)

    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        websocket.create_connection(url, timeout=5)
    first.close()


def test_the_first_frame_is_hello(slack: SlackServer) -> None:
    line = open_line(slack)
    hello = json.loads(line.recv())
    line.close()

    assert (hello["type"], hello["num_connections"]) == ("hello", 1)


def test_the_eleventh_connection_is_sent_away(slack: SlackServer) -> None:
    lines = [open_line(slack) for _ in range(11)]
    frames = [json.loads(line.recv()) for line in lines]
    for line in lines:
        line.close()

    assert [frame["type"] for frame in frames] == ["hello"] * 10 + ["disconnect"]
    assert frames[10]["reason"] == "too_many_websockets"


def test_each_envelope_goes_to_one_connection_in_turn_and_may_be_acked_on_another(
    slack: SlackServer,
) -> None:
    lines = [open_line(slack), open_line(slack)]
    for line in lines:
        line.recv()
    control = Control(slack.control_url)
    with ThreadPoolExecutor(2) as people:
        typed = [people.submit(control.command, "alice", f"/logmigrate {n}") for n in range(2)]
        envelopes = [json.loads(line.recv()) for line in lines]
        for envelope in envelopes:
            lines[0].send(json.dumps({"envelope_id": envelope["envelope_id"]}))
        outcomes = [one.result() for one in typed]
    for line in lines:
        line.close()

    assert {envelope["payload"]["text"] for envelope in envelopes} == {"0", "1"}
    assert all(outcome["ok"] and outcome["ephemerals"] == [] for outcome in outcomes)


def test_a_frame_that_acks_nothing_is_kept_as_a_stray(slack: SlackServer) -> None:
    line, control = open_line(slack), Control(slack.control_url)
    line.recv()
    line.send('{"envelope_id": "never sent"}')
    line.send("not json")
    line.ping()
    line.recv_data_frame(control_frame=True)  # the pong: both frames before it were read
    line.close()

    assert control.state()["stray_frames"] == ['{"envelope_id": "never sent"}', "not json"]


@pytest.mark.parametrize(
    "how", [{"reason": "warning"}, {"reason": "refresh_requested"}, {"cut": True}]
)
def test_the_app_comes_back_after_a_disconnect(by_socket: Control, how: Json) -> None:
    opened = by_socket.state()["calls"]["apps.connections.open"]
    by_socket.disconnect(**how)
    by_socket.wait_until(lambda: by_socket.state()["calls"]["apps.connections.open"] > opened, 20)
    by_socket.wait_until(lambda: by_socket.command("alice", "/logmigrate hello")["ok"], 20)

    assert by_socket.ephemerals("alice")[-1]["text"] == "queued hello"


def test_an_unknown_reason_to_disconnect_is_refused(slack: SlackServer) -> None:
    with pytest.raises(ControlRefusedError, match=r"unknown_reason.*refresh_requested"):
        Control(slack.control_url).disconnect("bored")
