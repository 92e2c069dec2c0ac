"""The SLS server: signatures of version 4, and keys from STS with their tokens."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from aliyun.log.auth import AuthV4
from aliyun.log.credentials import StaticCredentialsProvider

from sandbox.sls import Key, signing_v4
from sandbox.sls.requests import Request
from tests.contract.sls_world import (
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

REGION = "cn-hangzhou"
V4 = {"auth_version": "v4", "region": REGION}
BOTH = pytest.mark.parametrize("version", ["v1", "v4"])
ODD_QUERY = {"offset": "0", "logstoreName": "a b+c/é~*", "size": "", "zz": "x=1&y"}
NO_BODY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


def sign(
    method: str,
    path: str,
    query: dict[str, str],
    body: bytes,
    key: Key = SOURCE_KEY,
    *,
    at: str = "",
    region: str = REGION,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers as the official client signs them, at the time `at` (now when empty)."""
    headers = {"Host": f"web.{ENDPOINT}", "x-log-apiversion": "0.6.0", **(more or {})}
    headers |= {"Content-Length": str(len(body)), "x-log-bodyrawsize": str(len(body))}
    if body:
        headers["Content-Type"] = "application/json"
    auth: Any = AuthV4(StaticCredentialsProvider(key.id, key.secret, key.token or None), region)
    at = at or written(time.time())
    headers["Authorization"] = auth._do_sign_request(method, path, query, headers, body, at)
    return headers


def written(seconds: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def in_query(query: Mapping[str, str]) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())


def ask(
    world: World,
    target: str = "/configs",
    change: Mapping[str, str | None] | None = None,
    **signing: Any,
) -> tuple[int, str, str]:
    """A GET signed by the official client's code and then changed: status, code, text."""
    path = target.partition("?")[0]
    headers = sign("GET", path, signing.pop("query", {}), b"", **signing)
    return told(by_hand(world.server.port, "GET", target, headers | dict(change or {})))


def told(answer: tuple[int, dict[str, str], Any]) -> tuple[int, str, str]:
    status, _, said = answer
    return status, said.get("errorCode", ""), said.get("errorMessage", "")


# Version 4: what is signed


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


# Version 4: where and when it counts


def test_the_region_of_the_scope_must_be_that_of_the_endpoint(world: World) -> None:
    client = world.client(SOURCE_KEY, auth_version="v4", region="cn-beijing")

    text = "The signing region in credential is invalid"
    assert refusal(lambda: client.get_project("web")) == (400, "ParameterInvalid", text)
    assert refusal(client.list_project) == (400, "ParameterInvalid", text)


def test_the_region_of_an_intranet_endpoint_goes_without_its_suffix(world: World) -> None:
    intranet = "cn-hangzhou-intranet"
    client = world.client(SOURCE_KEY, f"{intranet}.log.aliyuncs.com", **V4)
    suffixed = world.client(SOURCE_KEY, auth_version="v4", region=intranet)

    assert client.get_project("web").get_region() == REGION
    assert refusal(lambda: suffixed.get_project("web"))[:2] == (400, "ParameterInvalid")


def test_an_endpoint_of_another_region_does_not_know_the_project(world: World) -> None:
    client = world.client(
        SOURCE_KEY, "cn-beijing.log.aliyuncs.com", auth_version="v4", region="cn-beijing"
    )

    assert refusal(lambda: client.get_project("web"))[:2] == (404, "ProjectNotExist")


def test_by_address_any_region_will_do_but_the_signature_counts(world: World) -> None:
    here = f"127.0.0.1:{world.server.port}"
    good, bad = (
        world.client(SOURCE_KEY, here, secret, auth_version="v4", region="cn-beijing")
        for secret in ("", "wrong")
    )
    for client in (good, bad):
        client._session.proxies = {}
        client._isRowIp = True

    assert good.get_project("web").get_owner() == SOURCE.id
    assert refusal(lambda: bad.get_project("web"))[:2] == (401, "SignatureNotMatch")


def test_no_date_header_is_needed_and_a_wrong_one_does_no_harm(world: World) -> None:
    assert "Date" not in sign("GET", "/configs", {}, b"")
    assert ask(world)[0] == 200
    assert ask(world, change={"Date": "Thu, 01 Jan 1970 00:00:00 GMT"})[0] == 200


def test_a_date_header_does_not_stand_in_for_x_log_date(world: World) -> None:
    change = {"x-log-date": None, "Date": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())}

    assert ask(world, change=change)[:2] == (400, "MissingDate")


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 22 Nov 2026 17:00:00 GMT",
        "2026-11-22T17:00:00Z",
        "20261122T170000",
        "20261122T1700Z",
        "20261322T170000Z",
        "20261122t170000z",
    ],
)
def test_x_log_date_is_written_compactly_and_in_utc(world: World, text: str) -> None:
    assert ask(world, change={"x-log-date": text})[:2] == (400, "InvalidDateFormat")


def test_x_log_date_may_be_15_minutes_off_and_no_more(world: World) -> None:
    now = time.time()

    assert [ask(world, at=written(now + off))[0] for off in (-880, 880)] == [200, 200]
    for off in (-920, 920):
        assert ask(world, at=written(now + off))[:2] == (400, "RequestTimeExpired")


def test_a_signature_of_yesterday_is_no_use_with_the_time_of_today(world: World) -> None:
    yesterday = sign("GET", "/configs", {}, b"", at=written(time.time() - 86_400))
    change = {"Authorization": yesterday["Authorization"]}
    status, code, text = ask(world, change=change)

    assert (status, code) == (400, "ParameterInvalid")
    assert "signing date" in text


@pytest.mark.parametrize(
    ("credential", "code"),
    [
        ("", "ParameterInvalid"),
        ("Credential=x", "ParameterInvalid"),
        ("Credential=source-key,Signature=00", "ParameterInvalid"),
        ("Credential=source-key/{day}/{region}/oss/aliyun_v4_request,Signature=00", "ParameterInvalid"),
        ("Credential=source-key/{day}/{region}/sls/aws4_request,Signature=00", "ParameterInvalid"),
        ("Credential=source-key/{day}/{region}/sls/aliyun_v4_request", "ParameterInvalid"),
        ("Credential=source-key/{day}/{region}/sls/aliyun_v4_request,Signature=", "ParameterInvalid"),
        ("Credential=/{day}/{region}/sls/aliyun_v4_request,Signature=00", "MissAccessKeyId"),
        ("Credential=source-key/{day}/{region}/sls/aliyun_v4_request,Signature=00", "SignatureNotMatch"),
    ],
)  # fmt: skip
def test_every_wrong_authorization_has_its_code(world: World, credential: str, code: str) -> None:
    day = written(time.time())[:8]
    said = f"SLS4-HMAC-SHA256 {credential.format(day=day, region=REGION)}"

    assert ask(world, change={"Authorization": said})[1] == code


# Keys from STS


def sts_key(world: World, *, seconds: float = 900, token: str = "a-token") -> Key:
    """A key of the source account that counts for so many seconds more."""
    key = Key("STS.key", "sts-secret", token=token, expires=world.clock.now() + seconds)
    world.server.state.keys[key.id] = (SOURCE, key)
    return key


def with_token(world: World, key: Key, token: str | None, version: str) -> Any:
    signing = {"auth_version": version, "region": REGION}
    if token is not None:
        signing["securityToken"] = token
    return world.client(key, **signing)


@BOTH
def test_a_key_from_sts_works_with_its_token(world: World, version: str) -> None:
    key = sts_key(world)
    client = with_token(world, key, key.token, version)
    client.create_logtail_config("web", regex_config(logstore=""))

    assert client.list_logtail_config("web").get_configs() == ["nginx"]


@BOTH
@pytest.mark.parametrize("token", [None, "another-token"])
def test_a_missing_or_wrong_token_is_unauthorized(
    world: World, version: str, token: str | None
) -> None:
    client = with_token(world, sts_key(world), token, version)

    text = "The security token you provided is invalid."
    assert refusal(lambda: client.get_project("web")) == (401, "Unauthorized", text)


@BOTH
def test_an_expired_token_is_unauthorized_and_told_apart(world: World, version: str) -> None:
    key = sts_key(world, seconds=60)
    client = with_token(world, key, key.token, version)
    client.get_project("web")
    world.clock.forward(61)

    text = "The security token you provided has expired."
    assert refusal(lambda: client.get_project("web")) == (401, "Unauthorized", text)


@BOTH
def test_a_plain_key_takes_no_token(world: World, version: str) -> None:
    client = with_token(world, SOURCE_KEY, "a-token", version)

    text = "The security token you provided is invalid."
    assert refusal(lambda: client.get_project("web")) == (401, "Unauthorized", text)


def test_the_right_token_does_not_save_a_signature_that_left_it_out(world: World) -> None:
    key = sts_key(world)
    bare = Key(key.id, key.secret)
    change: dict[str, str | None] = {"x-acs-security-token": key.token}

    assert ask(world, key=key)[0] == 200
    assert ask(world, key=bare, change=change)[:2] == (401, "SignatureNotMatch")
    assert world.send("GET", "/configs", headers=change, key=bare)[0] == 401


@BOTH
def test_the_official_client_s_refresher_replaces_an_expired_token(
    world: World, version: str
) -> None:
    key = sts_key(world, seconds=-1)
    fresh = Key("STS.fresh", "fresh-secret", token="fresh-token", expires=world.clock.now() + 900)
    world.server.state.keys[fresh.id] = (SOURCE, fresh)
    client = with_token(world, key, None, version)
    client.set_credentials_auto_refresher(lambda: (fresh.id, fresh.secret, fresh.token))

    assert client.get_project("web").get_owner() == SOURCE.id
    assert [entry.error for entry in world.server.journal.since(-2)] == ["Unauthorized", ""]


def test_an_expiry_without_a_token_is_an_error_of_whoever_sets_the_server_up() -> None:
    with pytest.raises(ValueError, match="has no token"):
        Key("a", "b", expires=1.0)
