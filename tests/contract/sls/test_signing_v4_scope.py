"""The SLS server: where and when signatures of version 4 count."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.contract.sls.signed import REGION, V4, ask, sign, written
from tests.contract.sls.world import SOURCE, SOURCE_KEY, World, refusal


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


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
