"""Blocks, arguments and metadata that the Slack double takes, and those it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.slack import SlackServer
from sandbox.slack.control import Control
from tests.contract.slack_server.kit import (
    Json,
    button,
    client,
    refusal,
    section,
)


@pytest.mark.parametrize(
    ("blocks", "reason"),
    [
        ([{"type": "nonsense"}], "unsupported type: nonsense"),
        ([{}], "unsupported type: None"),
        ([section("x" * 3001)], "3000"),
        ([section("")], "must be more than 0 characters"),
        ([{"type": "section"}], "text or fields"),
        ([section("x", colour="red")], "invalid additional property: colour"),
        ([section("x", block_id="b"), section("y", block_id="b")], "block_id `b` already exists"),
        ([section("x")] * 51, "no more than 50"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "150"),
        ([{"type": "actions", "elements": [button("x", value="v" * 2001)]}], "2000"),
        ([{"type": "actions", "elements": [button("x", style="loud")]}], "style"),
        ([{"type": "actions", "elements": [{"type": "lever"}]}], "unsupported type: lever"),
        (
            [{"type": "actions", "elements": [button("x"), button("y")]}],
            "action_id `a` already exists",
        ),
        ([{"type": "actions", "elements": [{"type": "button"}]}], "'text'"),
        ([{"type": "actions", "elements": "button"}], "must be a list"),
        ([{"type": "actions", "elements": [button("x", value="")]}], "value must not be empty"),
        ([{"type": "actions", "elements": [button("x", value=7)]}], "int"),
        ([section("x", block_id=["b"])], "must be a string"),
        ([{"type": "rich_text", "elements": [{"text": "x"}]}], "objects with a type"),
        ([{"type": "header", "text": "bare"}], "must be an object"),
        (
            [{"type": "image", "image_url": "https://x.test/a.png", "alt_text": "a", "title": 3}],
            "title",
        ),
    ],
)
def test_blocks_that_slack_would_refuse_are_refused_with_the_reason(
    slack: SlackServer, blocks: list[Json], reason: str
) -> None:
    answer = refusal(client(slack).chat_postMessage, channel=slack.channel, text="x", blocks=blocks)

    assert answer["error"] == "invalid_blocks"
    assert reason in " ".join(answer["response_metadata"]["messages"])
    assert Control(slack.control_url).messages() == []


@pytest.mark.parametrize("blocks", ["[", '{"type": "section"}', '["x"]'])
def test_blocks_that_are_no_list_of_objects_are_a_format_error(
    slack: SlackServer, blocks: str
) -> None:
    answer = refusal(
        client(slack).api_call,
        "chat.postMessage",
        params={"channel": slack.channel, "blocks": blocks},
    )

    assert answer["error"] == "invalid_blocks_format"


def test_blocks_of_many_kinds_pass(slack: SlackServer) -> None:
    text = {"type": "plain_text", "text": "t", "emoji": True}
    bold = {"type": "text", "text": "x", "style": {"bold": True}}
    blocks: list[Json] = [
        {"type": "divider"},
        section("x", fields=[{"type": "mrkdwn", "text": "f", "verbatim": False}]),
        {
            "type": "context",
            "elements": [{"type": "image", "image_url": "https://x", "alt_text": "a"}],
        },
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [bold]}]},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]},
        {"type": "task_card", "task_id": "1", "title": "t", "status": "pending"},
        {"type": "alert", "text": text, "level": "info"},
        {"type": "container", "title": text, "child_blocks": [{"type": "divider"}]},
    ]

    assert client(slack).chat_postMessage(channel=slack.channel, text="x", blocks=blocks)["ok"]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("chat.postMessage", {"text": 7}),
        ("chat.postMessage", {"text": "x", "thread_ts": ["1.0"]}),
        ("conversations.history", {"limit": "many"}),
        ("chat.update", {"text": "x"}),
    ],
)
def test_an_argument_of_a_wrong_type_is_refused(
    slack: SlackServer, method: str, arguments: Json
) -> None:
    given = {"channel": slack.channel, **arguments}

    assert refusal(client(slack).api_call, method, json=given)["error"] == "invalid_arguments"


def test_the_same_action_may_stand_in_two_blocks(slack: SlackServer) -> None:
    blocks = [
        section("x", accessory=button("x", value="1")),
        section("y", accessory=button("y", value="2")),
    ]

    assert client(slack).chat_postMessage(channel=slack.channel, text="x", blocks=blocks)["ok"]


def test_nothing_to_show_is_no_text(slack: SlackServer) -> None:
    answer = refusal(client(slack).api_call, "chat.postMessage", json={"channel": slack.channel})

    assert answer["error"] == "no_text"


@pytest.mark.parametrize(
    "metadata", [{"event_type": "x"}, {"event_type": 1, "event_payload": {}}, ["x"]]
)
def test_metadata_of_another_form_is_refused(slack: SlackServer, metadata: Any) -> None:
    arguments = {"channel": slack.channel, "text": "x", "metadata": metadata}
    answer = refusal(client(slack).api_call, "chat.postMessage", json=arguments)

    assert answer["error"] == "invalid_metadata_format"
