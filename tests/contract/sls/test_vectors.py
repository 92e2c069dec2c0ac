"""Signatures against vectors of our own making: the server's, two clients', and the hand-made.

The vectors were computed once by `hand_signed`; four independent pieces of code agree on them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_gateway_sls.client import Client as TeaSigner
from alibabacloud_gateway_spi import models as spi
from aliyun.log.auth import AuthV1, AuthV4
from aliyun.log.credentials import StaticCredentialsProvider

from sandbox.sls import signing
from sandbox.sls.errors import SlsError
from sandbox.sls.requests import Request
from tests.contract.sls.hand_signed import version_1, version_4

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text())["vectors"]
# What each client adds to the headers while it signs.
ADDED = ("date", "content-md5", "x-log-signaturemethod", "x-acs-security-token")
ADDED_4 = ("x-log-date", "x-log-content-sha256", "x-acs-security-token")
# In version 1 each client knows one digest only.
OWN = {"sdk": ("v1-sha1", "v4"), "tea": ("v1-sha256", "v4")}


def title(vector: dict[str, Any]) -> str:
    return f"{vector['version']} {vector['name']}"


def signed_by(client: str) -> Any:
    """The vectors that a client can sign; of the others the file says why it must differ."""
    mine = [vector for vector in VECTORS if vector["version"] in OWN[client]]
    return pytest.mark.parametrize("vector", mine, ids=title)


every = pytest.mark.parametrize("vector", VECTORS, ids=title)


def received(vector: dict[str, Any], **change: Any) -> Request:
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    headers["authorization"] = vector["authorization"]
    headers |= change.pop("headers", {})
    parts = {"method": vector["method"], "target": vector["sent"], "headers": headers}
    return Request(**(parts | {"body": bytes.fromhex(vector["body"])} | change))


def verified(request: Request, secret: str) -> str:
    """Empty, or the code of the server's refusal."""
    try:
        _, given = signing.credentials(request)
        signing.check_signature(request, secret, given)
    except SlsError as refusal:
        return refusal.code
    return ""


@every
def test_the_server_takes_every_vector(vector: dict[str, Any]) -> None:
    assert verified(received(vector), vector["key"]["secret"]) == ""


@every
def test_the_server_takes_none_that_was_changed(vector: dict[str, Any]) -> None:
    request, secret = received(vector), vector["key"]["secret"]
    more = "&" if "?" in vector["sent"] else "?"
    changed = {
        "secret": verified(request, secret + "x"),
        "method": verified(received(vector, method="PATCH"), secret),
        "path": verified(received(vector, target="/x" + vector["sent"]), secret),
        "query": verified(received(vector, target=vector["sent"] + more + "x=1"), secret),
        "header": verified(received(vector, headers={"x-log-more": "1"}), secret),
        "body": verified(received(vector, body=request.body + b"x"), secret),
    }

    # Version 1 signs the digest that a header says, so a body without one goes unsigned.
    loose = {"body"} if vector["version"] != "v4" and not vector["body"] else set()
    assert {part for part, code in changed.items() if code != "SignatureNotMatch"} == loose


@every
def test_a_signature_made_by_hand_is_that_of_the_vector(vector: dict[str, Any]) -> None:
    asked = (vector["method"], vector["path"], vector["query"], vector["headers"])
    pair = (vector["key"]["id"], vector["key"]["secret"])
    if vector["version"] == "v4":
        said = version_4(*asked, pair, vector["region"])
    else:
        said = version_1(*asked, pair)

    assert said == vector["authorization"]


@signed_by("sdk")
def test_the_official_sdk_signs_so(vector: dict[str, Any]) -> None:
    key, headers = vector["key"], dict(vector["headers"])
    provider = StaticCredentialsProvider(key["id"], key["secret"], key["token"] or None)
    version_is_4 = vector["version"] == "v4"
    for name in list(headers):
        # It adds x-log-date in version 1 too, but only after it has signed.
        if name.lower() in (ADDED_4 if version_is_4 else (*ADDED, "x-log-date")):
            del headers[name]
    asked = (vector["method"], vector["path"], vector["query"], headers)
    body = bytes.fromhex(vector["body"])
    if version_is_4:
        auth: Any = AuthV4(provider, vector["region"])
        moment = vector["headers"]["x-log-date"]
        headers["Authorization"] = auth._do_sign_request(*asked, body, moment)
    else:
        auth = AuthV1(provider)
        auth._getGMT = lambda: date_of(vector)
        auth.sign_request(*asked, body)

    assert headers.pop("Authorization") == vector["authorization"]
    assert headers | vector["headers"] == vector["headers"] | after_signing(vector)


def date_of(vector: dict[str, Any]) -> str:
    headers = vector["headers"]
    return str(headers.get("Date") or headers["x-log-date"])


def after_signing(vector: dict[str, Any]) -> dict[str, str]:
    """What the SDK sends although the vector does not: nothing of it is signed."""
    if vector["version"] == "v4":
        return {}
    return {"Date": date_of(vector), "x-log-date": date_of(vector)}


@signed_by("tea")
def test_the_tea_client_signs_so_or_the_vector_says_why_not(vector: dict[str, Any]) -> None:
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    pair = (vector["key"]["id"], vector["key"]["secret"])
    asked = (vector["path"], vector["method"], vector["query"], headers)
    if vector["version"] == "v4":
        said = tea_4(vector, headers, pair)
    else:
        said = TeaSigner().get_authorization(*asked, *pair)

    assert (said == vector["authorization"]) == ("tea" not in vector.get("not_by", {}))


def tea_4(vector: dict[str, Any], headers: dict[str, str], pair: tuple[str, str]) -> str:
    context = spi.InterceptorContext(
        request=spi.InterceptorContextRequest(
            method=vector["method"],
            pathname=vector["path"],
            query=vector["query"],
            headers=headers,
        ),
        configuration=spi.InterceptorContextConfiguration(region_id=vector["region"]),
    )
    said = (headers["x-log-date"], headers["x-log-content-sha256"])
    return str(TeaSigner().get_authorization_v4(context, *said, *pair))


def test_the_vectors_name_what_no_client_signs() -> None:
    reasons = {(v["version"], client) for v in VECTORS for client in v.get("not_by", {})}

    assert len({title(vector) for vector in VECTORS}) == len(VECTORS)
    assert reasons == {("v1-sha1", "tea"), ("v1-sha256", "tea"), ("v4", "tea")}
