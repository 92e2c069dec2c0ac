"""A Slack, and an app on it by either transport."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from wsgiref.simple_server import make_server

import pytest
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler

from sandbox.slack import SlackServer
from sandbox.slack.control import Control
from tests.contract.slack_server.apps import QuietHandler, bolt, listen


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


@pytest.fixture
def by_socket(slack: SlackServer) -> Iterator[Control]:
    handler = SocketModeHandler(bolt(slack), slack.app_token)
    # Without a ping timeout this client may stay deaf for 10 s each time it swaps its connection:
    # it then waits on a socket that its own other thread has closed.
    handler.client.current_session_runner.target = lambda: listen(handler)
    handler.connect()
    control = Control(slack.control_url)
    control.wait_until(lambda: control.state()["connections"])
    yield control
    handler.close()


@pytest.fixture
def by_http(slack: SlackServer) -> Iterator[Control]:
    server = make_server(
        "127.0.0.1", 0, SlackRequestHandler(bolt(slack)), handler_class=QuietHandler
    )  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    control = Control(slack.control_url)
    control.deliver_to(f"http://127.0.0.1:{server.server_port}/slack/events")
    yield control
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["by_socket", "by_http"])
def control(request: pytest.FixtureRequest) -> Control:
    found: Control = request.getfixturevalue(request.param)
    return found
