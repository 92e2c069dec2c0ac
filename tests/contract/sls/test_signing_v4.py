"""The SLS server: what signatures of version 4 cover."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aliyun.log.auth import AuthV4
from aliyun.log.credentials import StaticCredentialsProvider

from sandbox.sls import Key, signing_v4
from sandbox.sls.requests import Request
from tests.contract.sls.signed import REGION, V4, ask, in_query, sign, told
from tests.contract.sls.world import (
    BOUND_KEY,
    ENDPOINT,
    SOURCE,
    SOURCE_KEY,
    TARGET_KEY,
    World,
    add_group,
    by_hand,
    refusal,
    regex_config,
)

ODD_QUERY = {"offset": "0", "logstoreName": "a b+c/é~*", "size": "", "zz": "x=1&y"}
NO_BODY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "token", "signature"),
    [
        ("GET", "/", {}, b"", "", "ccb01dfed798e4626eca8e23cdba89f3af9c7de1964ac57ae69778f0851cf041"),
        (
            "GET", "/logstores", ODD_QUERY, b"", "",
            "12dafd5629f9f7bd33195826ee92bd4cb651fcd2f39ed6a0fcb3b36542d81a28",
        ),
        (
            "POST", "/configs", {}, b'{"a": 1}', "a-token",
            "e7fda4064f9bec3d1b03b48c752d103f78700b8c01845ddfc5c49bc704681eb9",
        ),
    ],
)  # fmt: skip
def test_server_and_official_client_come_to_the_written_signature(
    method: str, path: str, query: dict[str, str], body: bytes, token: str, signature: str
) -> None:
    headers = {"Host": f"web.{ENDPOINT}", "x-log-apiversion": "0.6.0"}
    headers["x-log-bodyrawsize"] = str(len(body))
    if body:
        headers["Content-Type"] = "application/json"
    auth: Any = AuthV4(StaticCredentialsProvider("a-key", "a-secret", token or None), REGION)
    said = auth._do_sign_request(method, path, query, headers, body, "20261122T170000Z")
    received = {name.lower(): value for name, value in headers.items()} | {"authorization": said}
    request = Request(method, f"{path}?{in_query(query)}", received, body)

    scope = "20261122/cn-hangzhou/sls/aliyun_v4_request"
    assert said == f"SLS4-HMAC-SHA256 Credential=a-key/{scope},Signature={signature}"
    assert signing_v4.expected(request, "a-secret") == signature


def test_the_official_client_does_its_work_with_version_4(world: World) -> None:
    world.source = world.client(SOURCE_KEY, **V4)
    world.source.create_project("shop", "made with version 4")
    world.logstore()
    world.source.create_logtail_config("web", regex_config())
    add_group(world)
    world.source.apply_config_to_machine_group("web", "nginx", "hosts")
    now = world.write(7, source="10.0.0.9", compress=True)
    world.clock.forward(5)

    assert world.source.list_project().get_total() == 2
    assert world.source.get_machine_group_applied_configs("web", "hosts").get_configs() == ["nginx"]
    assert len(world.pulled()) == 7
    found = world.histogram(now - 5, now + 5, 'line and __source__: "10.0.0.9"')
    assert found.get_total_count() == 7
    assert {entry.account for entry in world.server.journal.since(0)} == {SOURCE.id}


def test_a_wrong_secret_is_refused_as_signature_not_match(world: World) -> None:
    client = world.client(SOURCE_KEY, secret="wrong", **V4)

    assert refusal(lambda: client.get_project("web"))[:2] == (401, "SignatureNotMatch")
    assert world.server.journal.since(-1)[0].account == ""


def test_an_unknown_key_is_unauthorized(world: World) -> None:
    client = world.client(Key("nobody", "secret"), **V4)

    assert refusal(lambda: client.get_project("web"))[:2] == (401, "Unauthorized")


def test_owner_and_denied_actions_count_as_in_version_1(world: World) -> None:
    foreign = refusal(lambda: world.client(TARGET_KEY, **V4).list_logstore("web"))
    world.source.create_logtail_config("web", regex_config(logstore=""))
    bound = world.client(BOUND_KEY, **V4)
    denied = refusal(lambda: bound.delete_logtail_config("web", "nginx"))

    assert foreign == (401, "Unauthorized", "The project does not belong to you.")
    assert denied[:2] == (401, "Unauthorized")
    assert "denied by sts or ram, action: log:DeleteConfig" in denied[2]


@pytest.mark.parametrize(
    "change",
    [
        {"x-log-extra": "1"},
        {"x-acs-extra": "1"},
        {"x-log-bodyrawsize": "1"},
        {"Content-Type": "application/json"},
        {"Host": f"shop.{ENDPOINT}"},
        {"Host": "web.cn-hangzhou-intranet.log.aliyuncs.com"},
    ],
)
def test_a_signed_header_cannot_be_changed_or_added(world: World, change: dict[str, str]) -> None:
    world.source.create_project("shop", "")

    assert ask(world)[0] == 200
    assert ask(world, change=change)[:2] == (401, "SignatureNotMatch")


def test_other_headers_and_x_log_meta_are_not_signed(world: World) -> None:
    change = {"x-log-meta-a": "1", "Accept": "*/*", "User-Agent": "me"}

    assert ask(world, change=change)[0] == 200


def test_spaces_around_a_signed_value_do_not_count(world: World) -> None:
    assert ask(world, change={"x-log-extra": "  1  "}, more={"x-log-extra": "1"})[0] == 200


def test_a_body_changed_after_signing_is_refused(world: World) -> None:
    headers = sign("POST", "/configs", {}, b'{"a": 1}')
    changed = by_hand(world.server.port, "POST", "/configs", headers, b'{"a": 2}')

    assert told(changed)[:2] == (401, "SignatureNotMatch")


def test_the_digest_must_be_that_of_the_body_however_it_is_signed(world: World) -> None:
    body = b'{"a": 1}'
    empty = sign("POST", "/configs", {}, b"", more={"Content-Type": "application/json"})
    headers = empty | {"Content-Length": str(len(body))}
    answer = by_hand(world.server.port, "POST", "/configs", headers, body)

    assert headers["x-log-content-sha256"] == NO_BODY
    assert told(answer)[:2] == (401, "SignatureNotMatch")


def test_the_digest_cannot_be_left_out(world: World) -> None:
    status, code, text = ask(world, change={"x-log-content-sha256": None})

    assert (status, code) == (400, "ParameterInvalid")
    assert "x-log-content-sha256" in text


def test_the_query_counts_by_its_values_whatever_its_order_and_writing(world: World) -> None:
    backwards = dict(reversed(ODD_QUERY.items())) | {"size": "1"}
    query = in_query(backwards)

    assert ask(world, f"/logstores?{query}", query=backwards)[0] == 200
    assert ask(world, f"/logstores?{query.replace('%20', '+')}", query=backwards)[0] == 200


def test_a_query_changed_after_signing_is_refused(world: World) -> None:
    signed = {"offset": "0"}

    assert ask(world, "/logstores?offset=1", query=signed)[:2] == (401, "SignatureNotMatch")
    assert ask(world, "/logstores?offset=0&size=1", query=signed)[:2] == (401, "SignatureNotMatch")
    assert ask(world, "/logstores", query=signed)[:2] == (401, "SignatureNotMatch")


def test_an_empty_value_is_signed_without_its_equals_sign(world: World) -> None:
    query = {"logstoreName": ""}

    assert ask(world, "/logstores?logstoreName=", query=query)[0] == 200
    assert ask(world, "/logstores?logstoreName", query=query)[0] == 200
