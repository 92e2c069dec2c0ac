"""Files in the Slack double: the address, the bytes, and the one time that they are shared."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from sandbox.slack import Channel, SlackServer
from sandbox.slack.control import Control, ControlRefusedError
from sandbox.slack.limits import Limits
from sandbox.slack.reading import render
from tests.contract.slack_server.kit import Json, client, refusal, section

TEXT = "# Plan\n\nlogstore app-b, 中文\n"


def brought(slack: SlackServer, text: str = TEXT) -> str:
    """A file whose bytes have come; its id."""
    raw = text.encode()
    place = client(slack).files_getUploadURLExternal(filename="plan.md", length=len(raw))
    send(place["upload_url"], raw)
    return str(place["file_id"])


def send(url: str, raw: bytes, kind: str = "application/octet-stream") -> tuple[int, str]:
    request = Request(url, raw, {"Content-Type": kind}, method="POST")
    try:
        with urlopen(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)["error"]


def refused(slack: SlackServer, **given: Any) -> str:
    return str(refusal(client(slack).files_completeUploadExternal, **given)["error"])


def test_a_file_stands_in_the_thread_and_can_be_read(slack: SlackServer) -> None:
    bot, control = client(slack), Control(slack.control_url)
    root = bot.chat_postMessage(channel=slack.channel, text="plan")["ts"]
    done = bot.files_upload_v2(
        channel=slack.channel, thread_ts=root, filename="plan.md", content=TEXT, title="Plan"
    )
    (reply,) = control.messages()[0]["replies"]
    (file,) = reply["files"]

    assert [one["title"] for one in done["files"]] == ["Plan"]
    assert (file["name"], file["size"]) == ("plan.md", len(TEXT.encode()))
    assert control.file(file["id"]) == TEXT
    assert render(reply) == ["[file: Plan]"]


def test_a_comment_or_blocks_stand_beside_the_file(slack: SlackServer) -> None:
    bot, control = client(slack), Control(slack.control_url)
    by_comment: Json = {"initial_comment": "see"}
    by_blocks: Json = {"blocks": json.dumps([section("see")])}
    for words in (by_comment, by_blocks):
        files: list[Json] = [{"id": brought(slack), "title": "Plan"}]
        bot.files_completeUploadExternal(files=files, channel_id=slack.channel, **words)

    assert [render(said) for said in control.messages()] == [["see", "[file: Plan]"]] * 2


def test_without_a_channel_nobody_sees_the_file(slack: SlackServer) -> None:
    answer = client(slack).files_completeUploadExternal(files=[{"id": brought(slack)}])

    assert answer["files"][0]["title"] == "plan.md"
    assert Control(slack.control_url).messages() == []


def test_an_upload_is_completed_once(slack: SlackServer) -> None:
    files: list[Json] = [{"id": brought(slack), "title": "Plan"}]
    client(slack).files_completeUploadExternal(files=files, channel_id=slack.channel)

    assert refused(slack, files=files, channel_id=slack.channel) == "file_not_found"
    assert len(Control(slack.control_url).messages()) == 1


def test_a_file_without_its_bytes_is_not_there(slack: SlackServer) -> None:
    place = client(slack).files_getUploadURLExternal(filename="plan.md", length=3)

    assert refused(slack, files=[{"id": place["file_id"]}]) == "file_not_found"
    with pytest.raises(ControlRefusedError, match="file_not_found"):
        Control(slack.control_url).file(place["file_id"])


def test_an_address_takes_as_many_bytes_as_announced_and_once(slack: SlackServer) -> None:
    url = client(slack).files_getUploadURLExternal(filename="plan.md", length=3)["upload_url"]

    assert send(url, b"four") == (400, "upload_length_mismatch")
    assert send(url, b"yes") == (200, "OK - 3")
    assert send(url, b"yes") == (400, "upload_not_found")


def test_bytes_may_come_as_a_form(slack: SlackServer) -> None:
    url = client(slack).files_getUploadURLExternal(filename="plan.md", length=3)["upload_url"]
    head = b'--x\r\nContent-Disposition: form-data; name="filename"; filename="plan.md"\r\n\r\n'

    assert send(url, head + b"yes\r\n--x--\r\n", "multipart/form-data; boundary=x")[0] == 200


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"length": 0}, "missing_argument"),
        ({"length": -1}, "invalid_arguments"),
        ({"length": "much"}, "invalid_arguments"),
        ({"filename": ""}, "invalid_arguments"),
        ({"length": 100}, "file_upload_size_restricted"),
        ({"alt_txt": "x" * 1001}, "alt_txt_too_large"),
        ({"snippet_type": "klingon"}, "unknown_snippet_type"),
    ],
)
def test_what_no_address_is_given_for(given: Json, error: str) -> None:
    with SlackServer(limits=Limits(file_bytes=99)) as slack:
        bot = client(slack)
        asked = {"filename": "plan.md", "length": 3, **given}
        answer = refusal(bot.api_call, "files.getUploadURLExternal", params=asked)

    assert answer["error"] == error


def test_a_workspace_may_have_files_switched_off() -> None:
    with SlackServer(limits=Limits(file_uploads=False)) as slack:
        bot = client(slack)
        answer = refusal(bot.files_getUploadURLExternal, filename="plan.md", length=3)

    assert answer["error"] == "file_uploads_disabled"


def test_without_the_scope_neither_call_is_done() -> None:
    with SlackServer(scopes=("chat:write",)) as slack:
        bot = client(slack)
        first = refusal(bot.files_getUploadURLExternal, filename="plan.md", length=3)
        last = refusal(bot.files_completeUploadExternal, files=[{"id": "F1"}])

    assert [one["needed"] for one in (first, last)] == ["files:write"] * 2


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"channel_id": "C0NOWHERE1"}, "channel_not_found"),
        ({"channel_id": "C0PUBLIC01"}, "not_in_channel"),
        ({"channel_id": "C0HOME0001", "thread_ts": "1.000001"}, "cannot_reply_to_message"),
        ({"channels": ["C0HOME0001"]}, "invalid_arguments"),
        ({"files": []}, "invalid_arguments"),
        ({"files": [{"title": "x"}]}, "invalid_arguments"),
        ({"files": [{"id": "F0NOWHERE1"}]}, "file_not_found"),
    ],
)
def test_what_is_refused_leaves_the_upload_open(given: Json, error: str) -> None:
    channels = (Channel("C0HOME0001", "home"), Channel("C0PUBLIC01", "p", bot_is_member=False))
    # Sharing a file needs the bot to be in the channel, whatever it may post elsewhere.
    scopes = ("chat:write", "chat:write.public", "files:write")
    with SlackServer(channels=channels, scopes=scopes) as slack:
        files: list[Json] = [{"id": brought(slack)}]
        said = refused(slack, **{"files": files, **given})
        again = client(slack).files_completeUploadExternal(files=files, channel_id="C0HOME0001")

    assert said == error
    assert again["ok"]


def test_a_reset_forgets_the_files(slack: SlackServer) -> None:
    files: list[Json] = [{"id": brought(slack)}]
    slack.reset()

    assert refused(slack, files=files) == "file_not_found"
