"""Signatures of the RPC style, version 1.0: HMAC-SHA1 over the sorted query."""

from __future__ import annotations

import base64
import calendar
import hmac
import time
from collections.abc import Mapping
from urllib.parse import quote

from sandbox.sts.credential import ISO
from sandbox.sts.errors import StsError, missing

SKEW = 900.0
COMMON = {
    "Version": "2015-04-01",
    "Format": "JSON",
    "SignatureMethod": "HMAC-SHA1",
    "SignatureVersion": "1.0",
}


def text_to_sign(method: str, query: Mapping[str, str]) -> str:
    """The canonical form of the request."""
    pairs = sorted((key, value) for key, value in query.items() if key != "Signature")
    said = "&".join(f"{_encoded(key)}={_encoded(value)}" for key, value in pairs)
    return f"{method}&{_encoded('/')}&{_encoded(said)}"


def signature(text: str, secret: str) -> str:
    """Base64 of the HMAC; the key is the secret with an ampersand."""
    digest = hmac.digest(f"{secret}&".encode(), text.encode(), "sha1")
    return base64.b64encode(digest).decode()


def check(method: str, query: Mapping[str, str], secret: str) -> None:
    """Compute it again; raises SignatureDoesNotMatch, which tells what was signed, as STS does."""
    text = text_to_sign(method, query)
    if not hmac.compare_digest(signature(text, secret), query["Signature"]):
        said = f"Specified signature is not matched with our calculation. server string to sign is:{text}"
        raise StsError(400, "SignatureDoesNotMatch", said)


def check_time(query: Mapping[str, str], now: float) -> None:
    """Refuse a request that was made more than 15 minutes away from `now`."""
    try:
        parsed = time.strptime(query["Timestamp"], ISO)
    except ValueError:
        text = "Specified time stamp or date value is not well formatted."
        raise StsError(400, "InvalidTimeStamp.Format", text) from None
    if abs(calendar.timegm(parsed) - now) > SKEW:
        text = "Specified time stamp or date value is expired."
        raise StsError(400, "InvalidTimeStamp.Expired", text)


def check_common(query: Mapping[str, str], *, signed: bool) -> None:
    """Refuse what every request must say and this one does not."""
    needed = ["Action", "Version", "Timestamp"]
    needed += ["AccessKeyId", "Signature", "SignatureNonce", *COMMON] if signed else []
    for name in needed:
        if name not in query:
            raise missing(name)
    for name, value in COMMON.items():
        if query.get(name, value) != value:
            text = f"The specified parameter {name} is {query[name]}; this double knows {value}."
            raise StsError(400, f"InvalidParameter.{name}", text)


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
