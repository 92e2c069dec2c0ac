"""On requests that nobody chose, the server, both clients and a signature by hand agree."""

from __future__ import annotations

import string
from typing import Any
from urllib.parse import quote, urlencode

from alibabacloud_gateway_sls.client import Client as TeaSigner
from alibabacloud_gateway_spi import models as spi
from aliyun.log.auth import AuthV1, AuthV4
from aliyun.log.credentials import StaticCredentialsProvider
from hypothesis import given, settings
from hypothesis import strategies as some

from sandbox.sls import signing
from sandbox.sls.requests import Request
from tests.contract.sls.hand_signed import version_1, version_4
from tests.contract.sls.world import ENDPOINT

PAIR = ("a-key", "a-secret")
REGION = "cn-hangzhou"
NAMES = some.text(string.ascii_letters + "_-.", min_size=1, max_size=8)
TEXTS = some.text(some.characters(exclude_categories=["Cs"]), max_size=20)
REQUESTS = some.tuples(
    some.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    some.builds("/{}".format, some.text("ab/ +%*~é日", max_size=8)),
    some.dictionaries(NAMES, TEXTS, max_size=4),
    some.binary(max_size=8),
)


def taken(
    asked: tuple[str, str, dict[str, str], bytes], headers: dict[str, str], said: str, *, plus: bool
) -> bool:
    """Whether the server takes the signature; the query is sent with `+` or `%20` for a space."""
    method, path, query, body = asked
    sent = urlencode(query, quote_via=quote_plus_or_not(plus=plus))
    received = {name.lower(): value for name, value in headers.items()} | {"authorization": said}
    request = Request(method, f"{quote(path)}?{sent}", received, body)
    signing.check_signature(request, PAIR[1], signing.credentials(request)[1])
    return True


def quote_plus_or_not(*, plus: bool) -> Any:
    def quoted(text: str, *_: Any) -> str:
        return quote(text, safe="").replace("%20", "+" if plus else "%20")

    return quoted


def bare(body: bytes) -> dict[str, str]:
    kind = {"Content-Type": "application/json"} if body else {}
    return {"Host": f"web.{ENDPOINT}", "x-log-apiversion": "0.6.0", **kind}


@settings(deadline=None)
@given(asked=REQUESTS, plus=some.booleans())
def test_all_agree_on_version_1(
    asked: tuple[str, str, dict[str, str], bytes], *, plus: bool
) -> None:
    method, path, query, body = asked
    headers = bare(body)
    AuthV1(StaticCredentialsProvider(*PAIR)).sign_request(method, path, query, headers, body)
    said = headers.pop("Authorization")
    tea = {name.lower(): value for name, value in headers.items() if name != "x-log-date"}
    tea = {"content-md5": ""} | tea | {"x-log-signaturemethod": "hmac-sha256"}
    tea_said = TeaSigner().get_authorization(path, method, query, tea, *PAIR)

    assert taken(asked, headers, said, plus=plus)
    assert taken(asked, tea, tea_said, plus=plus)
    assert version_1(method, path, query, headers, PAIR) == said
    assert version_1(method, path, query, tea, PAIR) == tea_said


@settings(deadline=None)
@given(asked=REQUESTS, plus=some.booleans())
def test_all_agree_on_version_4(
    asked: tuple[str, str, dict[str, str], bytes], *, plus: bool
) -> None:
    method, path, query, body = asked
    headers = bare(body)
    auth = AuthV4(StaticCredentialsProvider(*PAIR), REGION)
    auth.sign_request(method, path, query, headers, body)
    said = headers.pop("Authorization")
    context = spi.InterceptorContext(
        request=spi.InterceptorContextRequest(
            method=method,
            pathname=path,
            query=query,
            headers={name.lower(): value for name, value in headers.items()},
        ),
        configuration=spi.InterceptorContextConfiguration(region_id=REGION),
    )
    signed = (headers["x-log-date"], headers["x-log-content-sha256"])

    assert taken(asked, headers, said, plus=plus)
    assert TeaSigner().get_authorization_v4(context, *signed, *PAIR) == said
    assert version_4(method, path, query, headers, PAIR, REGION) == said
