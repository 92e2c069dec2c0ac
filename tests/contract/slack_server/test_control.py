"""The Slack double's control interface, and reading a message as a person does."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient

from sandbox.slack import SlackServer
from sandbox.slack.control import Control
from sandbox.slack.reading import DIVIDER, render
from tests.contract.slack_server.kit import (
    CARD,
    client,
    open_line,
    refusal,
    section,
)


def test_a_wait_ends_with_the_change_it_waits_for(slack: SlackServer) -> None:
    control = Control(slack.control_url)
    before = control.state()["version"]
    with ThreadPoolExecutor(1) as waiter:
        waited = waiter.submit(control.wait, before, 10)
        client(slack).chat_postMessage(channel=slack.channel, text="x")
        version = waited.result(5)

    assert version > before


def test_a_wait_without_a_change_ends_with_its_time(slack: SlackServer) -> None:
    control = Control(slack.control_url)
    before = control.state()["version"]
    started = time.monotonic()
    version = control.wait(before, 0.2)

    assert version == before
    assert 0.2 <= time.monotonic() - started < 5


def test_a_reset_forgets_what_was_said_and_keeps_the_tokens(slack: SlackServer) -> None:
    bot, control = client(slack), Control(slack.control_url)
    bot.chat_postMessage(channel=slack.channel, text="x")
    before = control.state()["version"]
    slack.reset()

    assert control.messages() == []
    assert control.state()["version"] > before
    assert bot.auth_test()["ok"]


def test_two_servers_share_nothing(slack: SlackServer) -> None:
    with SlackServer() as other:
        stranger = WebClient(slack.bot_token, base_url=other.api_base_url)

        assert refusal(stranger.auth_test)["error"] == "invalid_auth"


def test_a_taken_port_is_reported_to_who_starts_the_server(slack: SlackServer) -> None:
    port = int(slack.api_base_url.rsplit(":", 1)[1].split("/")[0])

    with pytest.raises(OSError, match="address already in use"):
        SlackServer(port=port).start()


def test_stopping_does_not_wait_for_who_still_listens(slack: SlackServer) -> None:
    control, line = Control(slack.control_url), open_line(slack)
    version = control.state()["version"]
    with ThreadPoolExecutor(1) as waiter:
        waited = waiter.submit(control.wait, version + 1000, 30)
        control.wait_until(lambda: control.state()["connections"])
        started = time.monotonic()
        slack.stop()
        took = time.monotonic() - started
        waited.exception(5)
    line.close()

    assert took < 5


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("command", {"user": "eve", "text": "/logmigrate"}, "no_such_user"),
        ("command", {"user": "alice", "text": "/logmigrate", "channel": "x"}, "no_such_channel"),
        ("command", {"user": "alice"}, "invalid_arguments"),
        ("press", {"user": "alice", "ts": "1.0", "action_id": "a"}, "message_not_found"),
        ("press", ["alice"], "json_not_object"),
    ],
)
def test_a_wrong_request_to_the_control_interface_says_what_is_wrong(
    slack: SlackServer, path: str, body: Any, error: str
) -> None:
    headers = {"Content-Type": "application/json"}
    request = Request(f"{slack.control_url}/{path}", json.dumps(body).encode(), headers)

    with pytest.raises(HTTPError) as refused:
        urlopen(request, timeout=5)
    with refused.value as answer:
        assert (answer.code, json.load(answer)["error"]) == (400, error)


def test_a_message_reads_as_a_person_sees_it() -> None:
    message = {
        "text": "fallback",
        "blocks": [
            CARD[0],
            section("*app-b* asked by <@U1>\nsee <https://x.test|the plan> in `a *b* <c>`"),
            {"type": "section", "fields": [{"type": "mrkdwn", "text": "_hosts_ 3 &gt; 2"}]},
            {"type": "divider"},
            {
                "type": "context",
                "elements": [{"type": "mrkdwn", "text": "since <!date^1^{time}|noon>"}],
            },
            CARD[1],
        ],
    }

    assert render(message, {"U1": "alice"}) == [
        "Stop the source?",
        "app-b asked by @alice",
        "see the plan in a *b* <c>",
        "hosts 3 > 2",
        DIVIDER,
        "since noon",
        "[Approve] [Decline]",
    ]


def test_a_message_without_blocks_reads_as_its_text() -> None:
    assert render({"text": "one\n*two* file_name_x 2*3*4"}) == ["one", "two file_name_x 2*3*4"]
    assert render({"text": "*as is*", "mrkdwn": False}) == ["*as is*"]


def test_a_block_that_reading_does_not_know_is_named_and_not_left_out() -> None:
    assert render({"blocks": [{"type": "video"}]}) == ["[video]"]
