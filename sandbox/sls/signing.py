"""Signatures, version 1: HMAC-SHA1 over method, body digest, type, date, headers, resource."""

from __future__ import annotations

import base64
import hashlib
import hmac
from email.utils import parsedate_to_datetime

from sandbox.sls import errors
from sandbox.sls.errors import SlsError
from sandbox.sls.requests import Request

SKEW = 900.0


def credentials(request: Request) -> tuple[str, str]:
    """Access key id and signature out of the Authorization header."""
    header = request.headers.get("authorization", "")
    if not header:
        raise SlsError(400, "MissAccessKeyId", "authorization does not exist in header")
    if header.startswith("SLS4-HMAC-SHA256"):
        raise errors.not_implemented("signature version 4 yet: sign with version 1")
    if "x-acs-security-token" in request.headers:
        raise errors.not_implemented("STS tokens yet: sign with a plain access key")
    scheme, _, pair = header.partition(" ")
    key_id, colon, signature = pair.partition(":")
    if scheme != "LOG" or not colon or not signature:
        raise errors.parameter("authorization pair is invalid")
    if not key_id:
        raise SlsError(400, "MissAccessKeyId", "the authorization header names no access key")
    return key_id, signature


def claimed_date(request: Request) -> str:
    """The date as signed: `x-log-date`, which proxies leave alone, goes before Date."""
    date = request.headers.get("x-log-date") or request.headers.get("date")
    if not date:
        raise SlsError(400, "MissingDate", "date does not exist in header")
    return date


def check_time(request: Request, now: float) -> None:
    """Refuse a request signed more than 15 minutes away from `now` (real time at any speed)."""
    text = claimed_date(request)
    try:
        then = parsedate_to_datetime(text).timestamp()
    except ValueError as error:
        raise SlsError(400, "InvalidDateFormat", f"Date {text!r} must follow RFC 822") from error
    if abs(now - then) > SKEW:
        away = f"{abs(now - then):.0f} s away from the server's time"
        raise SlsError(400, "RequestTimeExpired", f"request time {text} is {away}: set the clock")


def check_signature(request: Request, secret: str, given: str) -> None:
    """Compute the signature again; raises SignatureNotMatch."""
    expected = sign(string_to_sign(request), secret)
    digest = request.headers.get("content-md5")
    genuine = digest is None or digest == body_digest(request.body)
    if not genuine or not _same(expected, given):
        raise SlsError(401, "SignatureNotMatch", f"signature {given} not match")


def sign(text: str, secret: str) -> str:
    """Base64 of HMAC-SHA1."""
    said = text.encode("utf-8", "surrogateescape")
    return base64.b64encode(hmac.digest(secret.encode(), said, "sha1")).decode()


def string_to_sign(request: Request) -> str:
    """The canonical form of the request."""
    headers = request.headers
    lines = [
        request.method,
        headers.get("content-md5", ""),
        headers.get("content-type", ""),
        claimed_date(request),
        *_signed_headers(request),
    ]
    return "\n".join(lines) + "\n" + _resource(request)


def body_digest(body: bytes) -> str:
    """Content-MD5 as the service wants it: upper-case hex."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest().upper()


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape"))


def _signed_headers(request: Request) -> list[str]:
    return [f"{name}:{request.headers[name]}" for name in sorted(request.headers) if _signed(name)]


def _signed(name: str) -> bool:
    # The official client adds x-log-date after it has signed, so it cannot be part of the text.
    if name == "x-log-date" or name.startswith("x-log-meta-"):
        return False
    return name.startswith(("x-log-", "x-acs-"))


def _resource(request: Request) -> str:
    if not request.pairs:
        return request.path
    return request.path + "?" + "&".join(f"{key}={value}" for key, value in sorted(request.pairs))
