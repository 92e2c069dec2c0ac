"""The Slack double, used through slack_bolt and slack_sdk as the product uses the real one."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import websocket
from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from sandbox.slack import Channel, Limits, Pace, SlackServer
from sandbox.slack.control import Control, ControlRefusedError
from sandbox.slack.errors import SlackError
from sandbox.slack.reading import DIVIDER, render
from sandbox.slack.triggers import Triggers

Json = dict[str, Any]

CARD: list[Json] = [
    {"type": "header", "text": {"type": "plain_text", "text": "Stop the source?"}},
    {
        "type": "actions",
        "block_id": "ask",
        "elements": [
            {
                "type": "button",
                "action_id": "approve",
                "value": "7Q2",
                "text": {"type": "plain_text", "text": "Approve"},
                "confirm": {
                    "title": {"type": "plain_text", "text": "Sure?"},
                    "text": {"type": "plain_text", "text": "It stops."},
                    "confirm": {"type": "plain_text", "text": "Yes"},
                    "deny": {"type": "plain_text", "text": "No"},
                },
            },
            {
                "type": "button",
                "action_id": "decline",
                "text": {"type": "plain_text", "text": "Decline"},
            },
        ],
    },
]


class HandClock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def client(slack: SlackServer, token: str | None = None) -> WebClient:
    return WebClient(token or slack.bot_token, base_url=slack.api_base_url, retry_handlers=[])


def refusal(call: Any, *args: Any, **kwargs: Any) -> Json:
    with pytest.raises(SlackApiError) as caught:
        call(*args, **kwargs)
    return dict(caught.value.response.data)


def bolt(slack: SlackServer) -> App:
    """Return an app that knows a command, a button, and a few ways to misbehave."""
    app = App(client=client(slack), signing_secret=slack.signing_secret)

    @app.command("/logmigrate")
    def command(ack: Any, command: Json, respond: Any) -> None:
        verb = command.get("text", "")
        if verb == "silence":
            return
        if verb == "aloud":
            ack(response_type="in_channel", text="for all")
        elif verb == "broken":
            ack(blocks=[{"type": "nonsense"}], text="x")
        else:
            ack(f"queued {verb}")
        if verb == "more":
            respond("and more")

    @app.action("approve")
    def approve(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.chat_update(
            channel=body["channel"]["id"],
            ts=body["container"]["message_ts"],
            text=f"approved by <@{body['user']['id']}> for {body['actions'][0]['value']}",
            blocks=[],
        )

    @app.action("decline")
    def decline(ack: Any, respond: Any) -> None:
        ack()
        respond("not you")

    return app


def listen(handler: SocketModeHandler) -> None:
    if handler.client.current_session is not None:
        handler.client.current_session.run_forever(ping_interval=3, ping_timeout=1)


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


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        del args


@pytest.fixture
def by_http(slack: SlackServer) -> Iterator[Control]:
    server = make_server("127.0.0.1", 0, SlackRequestHandler(bolt(slack)), handler_class=_Quiet)  # type: ignore[arg-type]
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


# Gestures, both ways


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


# No answer


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

        server = make_server("127.0.0.1", 0, slow, handler_class=_Quiet)
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


# Socket Mode, frame by frame


def open_line(slack: SlackServer) -> websocket.WebSocket:
    url = client(slack).apps_connections_open(app_token=slack.app_token)["url"]
    return websocket.create_connection(url, timeout=5)


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


# Signed HTTP


def test_a_request_with_a_wrong_secret_is_refused_by_the_app(
    slack: SlackServer, by_http: Control
) -> None:
    slack.workspace.signing_secret = "another"

    assert by_http.command("alice", "/logmigrate start app-b")["error"] == "dispatch_failed"


# The Web API


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


# Blocks


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(text: str, action_id: str = "a", **more: Any) -> Json:
    return {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": text},
        **more,
    }


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


# Paces, triggers, response URLs


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


def typed(slack: SlackServer, doing: str = "command", **given: Any) -> Json:
    """Type or press as alice and return the payload that the app received; it acks nothing else."""
    line, control = open_line(slack), Control(slack.control_url)
    line.recv()
    with ThreadPoolExecutor(1) as person:
        outcome = person.submit(getattr(control, doing), "alice", **given)
        envelope = json.loads(line.recv())
        line.send(json.dumps({"envelope_id": envelope["envelope_id"]}))
        outcome.result()
    line.close()
    return dict(envelope["payload"])


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


# Control


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


# Reading


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
