"""The Slack double's Web API, used through slack_sdk as the product uses the real one."""

from __future__ import annotations

import json
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient

from sandbox.slack import Channel, SlackServer
from sandbox.slack.control import Control
from tests.contract.slack_server.kit import (
    CARD,
    Json,
    client,
    refusal,
)


def test_an_unknown_method_is_an_error(slack: SlackServer) -> None:
    assert refusal(client(slack).api_call, "chat.unheardOf")["error"] == "unknown_method"


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-wrong", "invalid_auth")],
)
def test_a_missing_or_wrong_token_is_refused(slack: SlackServer, token: str, error: str) -> None:
    bare = WebClient(token, base_url=slack.api_base_url)

    assert refusal(bare.auth_test)["error"] == error


def test_each_kind_of_token_is_good_for_its_own_methods_only(slack: SlackServer) -> None:
    bot = client(slack)

    wrong = "not_allowed_token_type"
    assert refusal(bot.apps_connections_open, app_token=slack.bot_token)["error"] == wrong
    assert refusal(client(slack, slack.app_token).auth_test)["error"] == wrong


def test_a_missing_scope_is_named_with_what_the_token_has() -> None:
    with SlackServer(scopes=("commands", "chat:write")) as slack:
        answer = refusal(client(slack).users_info, user=slack.users["alice"])

    assert answer["error"] == "missing_scope"
    assert (answer["needed"], answer["provided"]) == ("users:read", "commands,chat:write")


def test_forms_and_json_say_the_same(slack: SlackServer) -> None:
    fields = {
        "channel": slack.channel,
        "text": "hello",
        "blocks": json.dumps(CARD),
        "token": slack.bot_token,
    }
    form = Request(f"{slack.api_base_url}chat.postMessage", urlencode(fields).encode())
    with urlopen(form, timeout=5) as answer:
        by_form = json.load(answer)["message"]
    by_json = client(slack).chat_postMessage(channel=slack.channel, text="hello", blocks=CARD)[
        "message"
    ]

    assert [block["type"] for block in by_form["blocks"]] == [
        block["type"] for block in by_json["blocks"]
    ]
    assert by_form["text"] == by_json["text"]


def test_a_token_inside_a_json_body_does_not_count(slack: SlackServer) -> None:
    body = json.dumps({"token": slack.bot_token}).encode()
    request = Request(f"{slack.api_base_url}auth.test", body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=5) as answer:
        said = json.load(answer)

    assert said["error"] == "not_authed"


def test_channels_are_refused_as_slack_does() -> None:
    channels = (
        Channel("C0HOME0001", "home"),
        Channel("C0PUBLIC01", "public", bot_is_member=False),
        Channel("G0SECRET01", "secret", is_private=True, bot_is_member=False),
    )
    with SlackServer(channels=channels) as slack:
        bot = client(slack)
        errors = [
            refusal(bot.chat_postMessage, channel=name, text="x")["error"]
            for name in ("C0NOWHERE1", "C0PUBLIC01", "G0SECRET01")
        ]

        by_name = bot.chat_postMessage(channel="#home", text="x")["channel"]

    assert errors == ["channel_not_found", "not_in_channel", "channel_not_found"]
    assert by_name == "C0HOME0001"


def test_chat_write_public_posts_where_the_bot_is_not_a_member() -> None:
    channels = (Channel("C0PUBLIC01", "public", bot_is_member=False),)
    with SlackServer(channels=channels, scopes=("chat:write", "chat:write.public")) as slack:
        answer = client(slack).chat_postMessage(channel="C0PUBLIC01", text="x")

    assert answer["ok"]


def test_only_own_messages_can_be_updated(slack: SlackServer) -> None:
    bot, ts = client(slack), Control(slack.control_url).say("alice", "mine")
    missing = "1000000000.000001"

    update = bot.chat_update
    assert refusal(update, channel=slack.channel, ts=ts, text="x")["error"] == "cant_update_message"
    assert (
        refusal(update, channel=slack.channel, ts=missing, text="x")["error"] == "message_not_found"
    )


def test_an_update_keeps_metadata_and_marks_the_message_as_edited(slack: SlackServer) -> None:
    bot, control = client(slack), Control(slack.control_url)
    metadata = {"event_type": "job", "event_payload": {"id": "7Q2"}}
    ts = bot.chat_postMessage(channel=slack.channel, text="a", blocks=CARD, metadata=metadata)["ts"]
    bot.chat_update(channel=slack.channel, ts=ts, text="b", blocks=CARD[:1])
    card = control.messages()[0]

    assert (card["text"], card["metadata"]) == ("b", metadata)
    assert [block["type"] for block in card["blocks"]] == ["header"]
    assert card["edited"]["user"] == card["user"]


def test_a_thread_is_read_back_with_its_metadata(slack: SlackServer) -> None:
    bot = client(slack)
    metadata = {"event_type": "outbox", "event_payload": {"id": "e-1"}}
    root = bot.chat_postMessage(channel=slack.channel, text="root")["ts"]
    bot.chat_postMessage(channel=slack.channel, text="one", thread_ts=root, metadata=metadata)
    bare = bot.conversations_replies(channel=slack.channel, ts=root)["messages"]
    full = bot.conversations_replies(channel=slack.channel, ts=root, include_all_metadata=True)[
        "messages"
    ]
    history = bot.conversations_history(channel=slack.channel)["messages"]

    assert [said["text"] for said in bare] == ["root", "one"]
    assert "metadata" not in bare[1]
    assert full[1]["metadata"] == metadata
    assert [(said["text"], said["reply_count"]) for said in history] == [("root", 1)]


def test_a_long_history_comes_in_pages(slack: SlackServer) -> None:
    bot = client(slack)
    for n in range(5):
        bot.chat_postMessage(channel=slack.channel, text=str(n))
    found = bot.conversations_history(channel=slack.channel, limit=2)
    pages = [[said["text"] for said in page["messages"]] for page in found]

    assert pages == [["4", "3"], ["2", "1"], ["0"]]


def test_a_reply_needs_a_root_that_exists(slack: SlackServer) -> None:
    bot = client(slack)
    root = bot.chat_postMessage(channel=slack.channel, text="root")["ts"]
    reply = bot.chat_postMessage(channel=slack.channel, text="one", thread_ts=root)["ts"]

    for ts in (reply, "1000000000.000001"):
        refused = refusal(bot.chat_postMessage, channel=slack.channel, text="x", thread_ts=ts)
        assert refused["error"] == "cannot_reply_to_message"


def test_a_permalink_of_a_reply_names_its_thread(slack: SlackServer) -> None:
    bot = client(slack)
    root = bot.chat_postMessage(channel=slack.channel, text="root")["ts"]
    reply = bot.chat_postMessage(channel=slack.channel, text="one", thread_ts=root)["ts"]
    link = bot.chat_getPermalink(channel=slack.channel, message_ts=reply)["permalink"]

    assert f"/p{reply.replace('.', '')}?thread_ts={root}" in link


def test_an_ephemeral_message_is_seen_by_one_person_and_cannot_be_updated(
    slack: SlackServer,
) -> None:
    bot, control = client(slack), Control(slack.control_url)
    alice = slack.users["alice"]
    ts = bot.chat_postEphemeral(channel=slack.channel, user=alice, text="psst")["message_ts"]

    refused = refusal(bot.chat_update, channel=slack.channel, ts=ts, text="x")
    assert refused["error"] == "message_not_found"
    assert [one["text"] for one in control.ephemerals("alice")] == ["psst"]
    assert control.messages() == []


def test_a_reaction_counts_once(slack: SlackServer) -> None:
    bot = client(slack)
    ts = bot.chat_postMessage(channel=slack.channel, text="root")["ts"]
    bot.reactions_add(channel=slack.channel, timestamp=ts, name="eyes")

    again = refusal(bot.reactions_add, channel=slack.channel, timestamp=ts, name="eyes")
    assert again["error"] == "already_reacted"


def test_people_are_found_by_id_only(slack: SlackServer) -> None:
    bot = client(slack)

    assert bot.users_info(user=slack.users["bob"])["user"]["name"] == "bob"
    assert refusal(bot.users_info, user="bob")["error"] == "user_not_found"
    assert bot.conversations_info(channel=slack.channel)["channel"]["is_member"]


def test_text_beyond_the_limit_is_cut_when_posted_and_refused_when_updated(
    slack: SlackServer,
) -> None:
    bot = client(slack)
    posted = bot.chat_postMessage(channel=slack.channel, text="x" * 40_001)

    refused = refusal(bot.chat_update, channel=slack.channel, ts=posted["ts"], text="x" * 40_001)
    assert (posted["warning"], len(posted["message"]["text"])) == ("message_truncated", 40_000)
    assert refused["error"] == "msg_too_long"


@pytest.mark.parametrize("left_out", ["attachments", "markdown_text", "reply_broadcast"])
def test_what_is_not_modelled_is_refused_and_not_passed_over(
    slack: SlackServer, left_out: str
) -> None:
    more: Json = {left_out: [{"text": "x"}] if left_out == "attachments" else "true"}
    answer = refusal(
        client(slack).api_call,
        "chat.postMessage",
        json={"channel": slack.channel, "text": "x", **more},
    )

    assert answer["error"] == "invalid_arguments"
    assert left_out in answer["response_metadata"]["messages"][0]
