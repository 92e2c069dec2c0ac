"""The Slack double's paces, triggers and response URLs."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from sandbox.slack import Limits, Pace, SlackServer
from sandbox.slack.control import Control, ControlRefusedError
from sandbox.slack.errors import SlackError
from sandbox.slack.triggers import Triggers
from tests.contract.slack_server.kit import (
    CARD,
    HandClock,
    client,
    refusal,
    typed,
)


def test_posting_beyond_the_pace_is_answered_429_with_the_time_to_wait() -> None:
    clock = HandClock()
    with SlackServer(limits=Limits(post=Pace(2, 0.5)), now=clock) as slack:
        bot = client(slack)
        for _ in range(2):
            bot.chat_postMessage(channel=slack.channel, text="x")
        with pytest.raises(SlackApiError) as caught:
            bot.chat_postMessage(channel=slack.channel, text="x")
        clock.time += 2
        again = bot.chat_postMessage(channel=slack.channel, text="x")

    response = caught.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    assert response.headers["Retry-After"] == "2"
    assert again["ok"]


def test_updates_have_a_pace_of_their_own() -> None:
    with SlackServer(limits=Limits(update=Pace(1, 0.1)), now=HandClock()) as slack:
        bot = client(slack)
        ts = bot.chat_postMessage(channel=slack.channel, text="x")["ts"]
        bot.chat_update(channel=slack.channel, ts=ts, text="y")
        refused = refusal(bot.chat_update, channel=slack.channel, ts=ts, text="z")
        posted = bot.chat_postMessage(channel=slack.channel, text="x")

    assert refused["error"] == "ratelimited"
    assert posted["ok"]


def trigger_error(triggers: Triggers, trigger: str) -> str:
    with pytest.raises(SlackError) as refused:
        triggers.spend(trigger)
    return refused.value.error


def test_a_trigger_works_once_and_for_three_seconds() -> None:
    clock = HandClock()
    triggers = Triggers(clock, 3.0)
    first, second = triggers.give("U1"), triggers.give("U2")
    owner = triggers.spend(first)
    clock.time += 3.1

    assert owner == "U1"
    assert trigger_error(triggers, first) == "exchanged_trigger_id"
    assert trigger_error(triggers, second) == "expired_trigger_id"
    assert trigger_error(triggers, "made up") == "invalid_trigger_id"


def test_a_response_url_is_good_for_five_answers(slack: SlackServer) -> None:
    hook = WebhookClient(typed(slack, text="/logmigrate help")["response_url"])
    answers = [hook.send(text=str(n)) for n in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert "used_url" in answers[5].body
    assert len(Control(slack.control_url).ephemerals("alice")) == 5


def test_a_response_url_is_good_for_half_an_hour() -> None:
    clock = HandClock()
    with SlackServer(now=clock) as slack:
        hook = WebhookClient(typed(slack, text="/logmigrate help")["response_url"])
        clock.time += 30 * 60 + 1
        answer = hook.send(text="late")

    assert (answer.status_code, "expired_url" in answer.body) == (404, True)


def pressed(slack: SlackServer) -> WebhookClient:
    ts = client(slack).chat_postMessage(channel=slack.channel, text="card", blocks=CARD)["ts"]
    return WebhookClient(typed(slack, "press", ts=ts, action_id="approve")["response_url"])


def test_an_answer_to_a_click_may_replace_or_delete_the_message(slack: SlackServer) -> None:
    hook, control = pressed(slack), Control(slack.control_url)
    hook.send(text="replaced", replace_original=True)
    replaced = [(said["text"], said["blocks"]) for said in control.messages()]
    hook.send(delete_original=True)

    assert replaced == [("replaced", [])]
    assert control.messages() == []


def test_an_answer_to_a_click_may_go_to_the_thread_for_all(slack: SlackServer) -> None:
    hook, control = pressed(slack), Control(slack.control_url)
    root = control.messages()[0]["ts"]
    hook.send_dict({"text": "noted", "response_type": "in_channel", "thread_ts": root})

    assert [reply["text"] for reply in control.messages()[0]["replies"]] == ["noted"]


def test_an_answer_that_cannot_be_shown_is_refused(slack: SlackServer) -> None:
    answer = pressed(slack).send_dict({"blocks": [{"type": "nonsense"}]})

    assert (answer.status_code, "invalid_blocks" in answer.body) == (400, True)


def test_a_button_in_an_ephemeral_message_can_be_pressed_and_its_message_replaced(
    slack: SlackServer,
) -> None:
    bot, control = client(slack), Control(slack.control_url)
    alice = slack.users["alice"]
    ts = bot.chat_postEphemeral(channel=slack.channel, user=alice, text="?", blocks=CARD)[
        "message_ts"
    ]
    payload = typed(slack, "press", ts=ts, action_id="decline")
    WebhookClient(payload["response_url"]).send(text="done", replace_original=True)

    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload
    assert [one["text"] for one in control.ephemerals("alice")] == ["done"]
    with pytest.raises(ControlRefusedError, match="message_not_found"):
        control.press("bob", ts, "decline")


def test_a_click_in_a_thread_names_the_thread(slack: SlackServer) -> None:
    bot = client(slack)
    root = bot.chat_postMessage(channel=slack.channel, text="root")["ts"]
    ts = bot.chat_postMessage(channel=slack.channel, text="?", blocks=CARD, thread_ts=root)["ts"]
    payload = typed(slack, "press", ts=ts, action_id="approve")

    assert payload["container"]["thread_ts"] == root
    assert payload["message"]["ts"] == ts
    assert payload["actions"][0]["block_id"] == "ask"
