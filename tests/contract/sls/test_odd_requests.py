"""Requests that nobody should send: refused by name, never a 500, and nothing odd comes back."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import pytest
import zstd  # type: ignore[import-untyped]

from sandbox.sls.routes import ROUTES
from tests.contract.sls.hand_signed import version_1
from tests.contract.sls.world import ENDPOINT, SOURCE_KEY, World, by_hand, regex_config

DIGITS = "9" * 5000
ODD = (
    b"{", b"\xff", b"NaN", b"[" * 100_000, b'{"a":' * 100_000, b'"x"', b"null", b"[]", b"{}", b"\0",
    b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b"1" * 5000, b'{"projectName": "\\ud800"}',
)  # fmt: skip
NUMBERS = {
    "offset of a list": ("/configs", {"offset": DIGITS}),
    "size of a list": ("/machinegroups", {"size": DIGITS}),
    "from of a cursor": ("/logstores/app/shards/0", {"type": "cursor", "from": DIGITS}),
    "number of a shard": (f"/logstores/app/shards/{DIGITS}", {"type": "cursor", "from": "begin"}),
    "from of a search": ("/logstores/app", {"type": "log", "from": DIGITS, "to": "1"}),
    "line of a search": ("/logstores/app", {"type": "log", "from": "0", "to": "1", "line": DIGITS}),
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as made:
        made.logstore("app")
        yield made


def put_packed(world: World, body: bytes, kind: str, size: str) -> tuple[int, str]:
    headers = {"x-log-compresstype": kind, "x-log-bodyrawsize": size}
    headers |= {"Content-Type": "application/x-protobuf", "Host": f"web.{ENDPOINT}"}
    headers |= {"x-log-apiversion": "0.6.0", "x-log-signaturemethod": "hmac-sha1"}
    headers |= {"Date": formatdate(usegmt=True), "Content-Length": str(len(body))}
    path, key = "/logstores/app/shards/lb", (SOURCE_KEY.id, SOURCE_KEY.secret)
    headers["Authorization"] = version_1("POST", path, {}, headers, key)
    status, _, said = by_hand(world.server.port, "POST", path, headers, body)
    return status, said["errorCode"]


@pytest.mark.parametrize("route", [r for r in ROUTES if r.body == "json"], ids=lambda r: r.title)
def test_an_odd_body_is_never_our_own_500(world: World, route: Any) -> None:
    names = {"logstore": "app", "shard": "0", "consumer_group": "none", "config": "none"}
    names |= {"dashboard": "none", "search": "none"}
    path = route.path.format(**names, group="none", job="none")
    said = {"type": "".join(route.kinds[:1]), "action": route.verb}
    query = {name: value for name, value in said.items() if value}
    answers = [world.send(route.method, path, body, params=query)[0] for body in ODD]

    assert set(answers) <= {400, 404}


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_number_of_thousands_of_digits_is_refused(world: World, kind: str) -> None:
    path, query = NUMBERS[kind]

    status, _, said = world.send("GET", path, params=query)

    assert (status, said["errorCode"]) == (400, "ParameterInvalid")


def test_a_raw_size_of_thousands_of_digits_is_refused(world: World) -> None:
    assert put_packed(world, b"x", "", DIGITS) == (400, "InvalidBodyRawSize")


def test_a_date_that_no_calendar_has_is_refused(world: World) -> None:
    date = {"x-log-date": "01 Jan 99999999999999999999 0:0:0 GMT"}

    status, _, said = world.send("GET", "/configs", headers=date)

    assert (status, said["errorCode"]) == (400, "InvalidDateFormat")


@pytest.mark.parametrize("value", ["NaN", "Infinity", '"\\ud800"'])
def test_what_no_client_could_read_back_is_not_taken(world: World, value: str) -> None:
    body = json.dumps(regex_config().to_json() | {"logSample": "?"}).replace('"?"', value)

    status, _, said = world.send("POST", "/configs", body.encode())

    assert (status, said["errorCode"]) == (400, "PostBodyInvalid")


def test_a_small_body_that_would_become_a_huge_one_is_refused_before_it_does(world: World) -> None:
    much = b"a" * 10_000_000
    claims_16_exabytes = bytes.fromhex("28b52ffde0ffffffffffffff0f00")

    assert put_packed(world, zlib.compress(much), "deflate", "100") == (400, "InvalidBodyRawSize")
    assert put_packed(world, zstd.compress(much), "zstd", "100") == (400, "InvalidBodyRawSize")
    assert put_packed(world, claims_16_exabytes, "zstd", "100") == (400, "InvalidBodyRawSize")
    assert put_packed(world, zlib.compress(b"abc")[:-1], "deflate", "3")[1] == (
        "PostBodyUncompressError"
    )


def test_a_content_encoding_does_not_change_the_body_that_is_signed(world: World) -> None:
    body = json.dumps({"groupName": "hosts"}).encode()

    status, _, said = world.send("POST", "/machinegroups", body, {"Content-Encoding": "gzip"})

    assert (status, said["errorCode"]) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ('"' + '\\"' * 30_000, "'\"' is not understood"),
        ("a" * 70_000, "at most 65536 characters"),
        ("* | select " + "(" * 65_000, "more than 300 words"),
        (" and ".join(f"w{n}" for n in range(31)), "at most 30 keywords"),
    ],
    ids=["quotes that never end", "a long query", "a long statement", "31 keywords"],
)
def test_a_query_that_would_take_minutes_is_refused_at_once(
    world: World, query: str, why: str
) -> None:
    body = json.dumps({"from": 0, "to": 1, "query": query}).encode()
    began = time.process_time()

    status, _, said = world.send("POST", "/logstores/app/logs", body)

    assert (status, said["errorCode"]) == (400, "ParameterInvalid")
    assert why in said["errorMessage"]
    assert time.process_time() - began < 2


@pytest.mark.parametrize("flag", ["reverse", "forward", "accurate"])
def test_a_flag_that_is_neither_true_nor_false_is_refused(world: World, flag: str) -> None:
    query = {"type": "log", "from": "0", "to": "1", flag: "maybe"}

    status, _, said = world.send("GET", "/logstores/app", params=query)

    assert (status, said["errorCode"]) == (400, "ParameterInvalid")
