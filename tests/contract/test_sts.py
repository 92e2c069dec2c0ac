"""The STS double is as strict as the service: what is asked wrongly is refused by its code."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from sandbox.sts.credential import ISO
from sandbox.sts.signing import signature, text_to_sign
from tests.contract.sts_kit import BY_ECS, CALLER, OWNER, PROVIDER, ROLE, StsWorld


@pytest.fixture
def world() -> Iterator[StsWorld]:
    with StsWorld() as made:
        yield made


def asked(**more: str) -> dict[str, str]:
    """A genuine request for the role, changed by `more`; "" takes a parameter away."""
    query = {
        "Action": "AssumeRole",
        "Format": "JSON",
        "Version": "2015-04-01",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": f"{time.monotonic_ns()}",
        "Timestamp": time.strftime(ISO, time.gmtime()),
        "AccessKeyId": CALLER.id,
        "RoleArn": ROLE,
        "RoleSessionName": "a-test",
        "ExternalId": "shop",
    }
    query |= more
    return {name: value for name, value in query.items() if value}


def signed(query: dict[str, str], secret: str = CALLER.secret) -> dict[str, str]:
    return query | {"Signature": signature(text_to_sign("GET", query), secret)}


def send(world: StsWorld, query: dict[str, str], method: str = "GET") -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(world.sts.url).netloc, timeout=10)
    try:
        connection.request(method, f"/?{urlencode(query)}")
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_a_genuine_request_gets_a_key_that_ends(world: StsWorld) -> None:
    status, body = send(world, signed(asked(DurationSeconds="900")))

    assert status == 200
    assert body["AssumedRoleUser"]["Arn"] == f"{ROLE}/a-test"
    assert body["Credentials"]["AccessKeyId"].startswith("STS.")
    ends = time.strptime(body["Credentials"]["Expiration"], ISO)
    assert ends > time.gmtime(time.time() + 800)


REFUSED = {
    "InvalidAccessKeyId.NotFound": asked(AccessKeyId="LTAInobody"),
    "InvalidTimeStamp.Expired": asked(Timestamp="2020-01-01T00:00:00Z"),
    "InvalidTimeStamp.Format": asked(Timestamp="today"),
    "InvalidParameter.RoleSessionName": asked(RoleSessionName="a b"),
    "InvalidParameter.DurationSeconds": asked(DurationSeconds="899"),
    "InvalidParameter.Version": asked(Version="2016-01-01"),
    "EntityNotExist.Role": asked(RoleArn=f"{ROLE}-2"),
    "NoPermission": asked(ExternalId="other"),
    "MissingRoleArn": asked(RoleArn=""),
    "MissingSignatureNonce": asked(SignatureNonce=""),
    "NotImplemented": asked(Policy="{}"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_is_asked_wrongly_is_refused_by_its_code(world: StsWorld, code: str) -> None:
    now = {"Timestamp": time.strftime(ISO, time.gmtime())}
    query = REFUSED[code] | (now if "TimeStamp" not in code else {})

    assert send(world, signed(query))[1]["Code"] == code


def test_a_wrong_signature_is_refused_and_tells_what_was_signed(world: StsWorld) -> None:
    status, body = send(world, signed(asked(), "another-secret"))

    assert (status, body["Code"]) == (400, "SignatureDoesNotMatch")
    assert CALLER.id in body["Message"]


def test_a_nonce_counts_once(world: StsWorld) -> None:
    query = signed(asked())
    send(world, query)

    assert send(world, query)[1]["Code"] == "SignatureNonceUsed"


def test_a_key_of_another_account_or_without_the_right_may_not(world: StsWorld) -> None:
    query = asked(AccessKeyId=OWNER.id)

    assert send(world, signed(query, OWNER.secret))[1]["Code"] == "NoPermission"


def test_another_action_or_method_is_not_implemented(world: StsWorld) -> None:
    query = signed(asked(Action="GetCallerIdentity"))

    assert send(world, query)[0] == 501
    assert send(world, signed(asked()), "POST")[0] == 501


def test_a_token_without_its_provider_is_refused(world: StsWorld) -> None:
    query = asked(Action="AssumeRoleWithOIDC", OIDCProviderArn=f"{PROVIDER}-2", OIDCToken="a.b.c")

    assert send(world, query)[1]["Code"] == "EntityNotExist.OIDCProvider"


def test_the_metadata_service_wants_a_token_where_it_is_hardened() -> None:
    with StsWorld(BY_ECS) as world:
        world.instance(hardened=True)
        path = "/latest/meta-data/ram/security-credentials/"
        host = {"host": "100.100.100.200"}
        given = world.sts.answer("PUT", "/latest/api/token", host | {
            "x-aliyun-ecs-metadata-token-ttl-seconds": "60"})[2]  # fmt: skip
        with_token = host | {"x-aliyun-ecs-metadata-token": given}

        assert world.sts.answer("GET", path, host)[0] == 403
        assert world.sts.answer("GET", path, with_token)[::2] == (200, "logmigrate")
        assert (
            json.loads(world.sts.answer("GET", f"{path}logmigrate", with_token)[2])["Code"]
            == "Success"
        )
        assert world.sts.answer("GET", "/latest/meta-data/hostname", with_token)[0] == 501
        world.clock.forward(61)
        assert world.sts.answer("GET", path, with_token)[0] == 401
