"""The SLS server: who may call, how it is reached, what it writes down."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aliyun.log import (
    LogClient,
)
from aliyun.log.auth import make_auth
from aliyun.log.credentials import StaticCredentialsProvider

from sandbox.sls import Key, SlsServer
from sandbox.sls.routes import ROUTES
from tests.contract.sls.world import (
    ACCOUNTS,
    BOUND_KEY,
    ENDPOINT,
    SOURCE,
    SOURCE_KEY,
    World,
    add_group,
    by_hand,
    refusal,
    regex_config,
)

COVERAGE = Path(__file__).parents[3] / "sandbox" / "sls" / "COVERAGE.md"


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


# Who may call


def test_a_wrong_signature_is_refused_as_signature_not_match(world: World) -> None:
    client = world.client(SOURCE_KEY, secret="wrong")

    assert refusal(lambda: client.get_project("web"))[:2] == (401, "SignatureNotMatch")


def test_a_body_changed_after_signing_is_refused_as_signature_not_match(world: World) -> None:
    status, _, answer = world.send("POST", "/configs", b'{"a": 1}', {"Content-MD5": "0" * 32})
    assert (status, answer["errorCode"]) == (401, "SignatureNotMatch")

    body = json.dumps(regex_config().to_json()).encode()
    signed_for_another = make_signature_headers("POST", "/configs", b"x" * len(body))
    status, _, answer = world.send("POST", "/configs", body, signed_for_another)

    assert (status, answer["errorCode"]) == (401, "SignatureNotMatch")


def make_signature_headers(method: str, path: str, body: bytes) -> dict[str, str | None]:
    headers: dict[str, Any] = {"x-log-apiversion": "0.6.0", "x-log-bodyrawsize": str(len(body))}
    headers["Content-Type"] = "application/json"
    auth = make_auth(StaticCredentialsProvider(SOURCE_KEY.id, SOURCE_KEY.secret))
    auth.sign_request(method, path, {}, headers, body)
    return headers


def test_a_header_that_counts_for_the_signature_cannot_be_added_later(world: World) -> None:
    status, _, answer = world.send("GET", "/configs", headers={"x-log-extra": "1"})

    assert (status, answer["errorCode"]) == (401, "SignatureNotMatch")


def test_x_log_meta_headers_are_not_part_of_the_signature(world: World) -> None:
    assert world.send("GET", "/configs", headers={"x-log-meta-a": "1"})[0] == 200


def test_an_unknown_key_is_unauthorized(world: World) -> None:
    client = world.client(Key("nobody", "secret"))

    assert refusal(lambda: client.get_project("web"))[:2] == (401, "Unauthorized")


def test_a_request_more_than_15_minutes_off_has_expired(world: World) -> None:
    world.clock.forward(890)
    world.source.get_project("web")
    world.clock.forward(20)

    assert refusal(lambda: world.source.get_project("web"))[:2] == (400, "RequestTimeExpired")


def test_a_key_of_another_account_learns_that_the_project_is_not_its_own(world: World) -> None:
    status, code, text = refusal(lambda: world.target.list_logstore("web"))

    assert (status, code) == (401, "Unauthorized")
    assert text == "The project does not belong to you."


def test_a_denied_action_is_named_with_its_resource(world: World) -> None:
    world.source.create_logtail_config("web", regex_config(logstore=""))
    client = world.client(BOUND_KEY)
    client.get_logtail_config("web", "nginx")
    status, code, text = refusal(lambda: client.delete_logtail_config("web", "nginx"))

    assert (status, code) == (401, "Unauthorized")
    assert text == (
        "denied by sts or ram, action: log:DeleteConfig, resource: "
        "acs:log:cn-hangzhou:1000000000000002:project/web/logtailconfig/nginx"
    )
    assert "project/*" in refusal(client.list_project)[2]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"Host": ""}, 400, "MissingHost"),
        ({"Host": "web.example.com"}, 400, "InvalidHost"),
        ({"x-log-apiversion": None}, 400, "MissingAPIVersion"),
        ({"x-log-apiversion": "0.1"}, 400, "InvalidAPIVersion"),
        ({"x-log-signaturemethod": None}, 400, "MissingSignatureMethod"),
        ({"x-log-signaturemethod": "md5"}, 400, "InvalidSignatureMethod"),
        ({"Content-Type": None}, 400, "MissingContentType"),
        ({"Content-Type": "text/plain"}, 400, "InvalidContentType"),
        ({"x-log-bodyrawsize": None}, 400, "MissingBodyRawSize"),
        ({"x-log-bodyrawsize": "many"}, 400, "InvalidBodyRawSize"),
        ({"Content-Length": None, "Transfer-Encoding": "chunked"}, 411, "MissingContentLength"),
        ({"Date": None, "x-log-date": None}, 400, "MissingDate"),
        ({"x-log-date": "yesterday"}, 400, "InvalidDateFormat"),
        ({"Authorization": None}, 400, "MissAccessKeyId"),
        ({"Authorization": "LOG :c2ln"}, 400, "MissAccessKeyId"),
        ({"Authorization": "LOG nonsense"}, 400, "ParameterInvalid"),
        ({"Authorization": "SLS4-HMAC-SHA256 Credential=x"}, 400, "ParameterInvalid"),
    ],
)
def test_every_missing_or_wrong_header_has_its_code(
    world: World, change: dict[str, str | None], status: int, code: str
) -> None:
    body = b"0\r\n\r\n" if "Transfer-Encoding" in change else b"{}"
    got = world.send("POST", "/configs", body, change)

    assert (got[0], got[2]["errorCode"]) == (status, code)


def test_x_log_date_goes_before_date_because_proxies_touch_the_latter(world: World) -> None:
    assert world.send("GET", "/", headers={"Date": None})[0] == 200
    assert world.send("GET", "/", headers={"Date": "Thu, 01 Jan 1970 00:00:00 GMT"})[0] == 200


# How the server is reached


def test_a_refusal_carries_the_service_s_headers(world: World) -> None:
    _, headers, answer = world.send("GET", "/configs/nothing")

    assert answer == {"errorCode": "ConfigNotExist", "errorMessage": "Config nothing not exist"}
    assert re.fullmatch(r"[0-9A-F]{24}", headers["x-log-requestid"])
    assert headers["server"] == "AliyunSLS"
    assert abs(int(headers["x-log-time"]) - time.time()) < 5


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing/here"), ("PATCH", "/configs"), ("GET", "/alerts")],
)
def test_what_the_server_lacks_is_a_501_that_names_it(world: World, method: str, path: str) -> None:
    status, _, answer = world.send(method, path)

    assert (status, answer["errorCode"]) == (501, "NotImplemented")
    assert f"{method} {path}" in answer["errorMessage"]


def test_an_unknown_type_of_a_known_path_is_a_501(world: World) -> None:
    status, _, answer = world.send("GET", "/logstores/app", params={"type": "context_log"})

    assert (status, "type=context_log" in answer["errorMessage"]) == (501, True)


def test_connect_is_refused_with_the_way_out(world: World) -> None:
    port = world.server.port
    status, _, answer = by_hand(port, "CONNECT", f"web.{ENDPOINT}:443", {"Host": "x"})

    assert status == 501
    assert "http:// endpoint" in answer["errorMessage"]


def test_the_environment_variable_http_proxy_is_enough_for_the_sdk(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", world.server.proxy)
    monkeypatch.setenv("http_proxy", world.server.proxy)
    client: Any = LogClient(ENDPOINT, SOURCE_KEY.id, SOURCE_KEY.secret, source="10.0.0.1")
    owner = client.get_project("web").get_owner()
    client._session.close()

    assert owner == SOURCE.id


def test_the_raw_address_form_takes_the_project_from_the_host_header(world: World) -> None:
    client = world.client(SOURCE_KEY, f"127.0.0.1:{world.server.port}")
    client._session.proxies = {}
    client._isRowIp = True

    assert client.get_project("web").get_owner() == SOURCE.id
    assert client.list_project().get_total() == 1


def test_an_endpoint_of_another_region_does_not_know_the_project(world: World) -> None:
    client = world.client(SOURCE_KEY, "cn-beijing.log.aliyuncs.com")
    intranet = world.client(SOURCE_KEY, "cn-hangzhou-intranet.log.aliyuncs.com")

    assert refusal(lambda: client.get_project("web"))[:2] == (404, "ProjectNotExist")
    assert intranet.get_project("web").get_region() == "cn-hangzhou"


def test_a_port_in_use_is_told_by_start(world: World) -> None:
    second = SlsServer(ACCOUNTS, port=world.server.port)

    with pytest.raises(OSError, match="in use"):
        second.start()


def test_two_servers_live_side_by_side_and_reset_forgets(world: World) -> None:
    with World() as other:
        other.source.create_project("only-here", "")
        world.server.reset()
        projects = other.source.list_project().get_projects()

    assert [project["projectName"] for project in projects] == ["only-here", "web"]
    assert world.source.list_project().get_total() == 0


# What the server remembers of its callers


def test_the_journal_proves_that_reading_writes_nothing(world: World) -> None:
    world.logstore()
    mark = len(world.server.journal)
    world.source.get_project("web")
    world.source.list_logtail_config("web")
    world.histogram(0, 10)
    refusal(lambda: world.source.delete_logtail_config("web", "none"))
    entries = world.server.journal.since(mark)

    assert [(e.method, e.path, e.status, e.error) for e in entries] == [
        ("GET", "/", 200, ""),
        ("GET", "/configs", 200, ""),
        ("GET", "/logstores/app", 200, ""),
        ("DELETE", "/configs/none", 404, "ConfigNotExist"),
    ]
    assert {(e.project, e.account) for e in entries} == {("web", SOURCE.id)}
    assert world.server.journal.writes(mark) == ()


def test_the_journal_names_writes_and_leaves_forged_callers_nameless(world: World) -> None:
    add_group(world)
    refusal(lambda: world.client(SOURCE_KEY, secret="wrong").get_project("web"))
    write, forged = world.server.journal.since(-2)

    assert (write.method, write.path, write.wrote) == ("POST", "/machinegroups", True)
    assert (forged.account, forged.error, forged.wrote) == ("", "SignatureNotMatch", False)
    assert re.fullmatch(r"[0-9A-F]{24}", forged.request_id)


def test_the_coverage_file_lists_exactly_the_routes_and_their_actions() -> None:
    rows = re.findall(r"^\| `([A-Z]+ .+?)` \| `(log:\w+)` \|", COVERAGE.read_text(), re.MULTILINE)

    assert sorted(rows) == sorted((route.title, route.action) for route in ROUTES)
