"""Signatures: which version, whose, when; and version 1 itself, one HMAC over the request."""

from __future__ import annotations

import base64
import hashlib
import hmac
from email.utils import parsedate_to_datetime

from sandbox.sls import errors, signing_v4
from sandbox.sls.errors import SlsError
from sandbox.sls.requests import Request

SKEW = 900.0


def credentials(request: Request) -> tuple[str, str]:
    """Access key id and signature out of the Authorization header."""
    header = request.headers.get("authorization", "")
    if not header:
        raise SlsError(400, "MissAccessKeyId", "authorization does not exist in header")
    if signing_v4.used(request):
        said = signing_v4.credential(request)
        key_id, signature = said.key_id, said.signature
    else:
        key_id, signature = _pair(header)
    if not key_id:
        raise SlsError(400, "MissAccessKeyId", "the authorization header names no access key")
    return key_id, signature


def _pair(header: str) -> tuple[str, str]:
    scheme, _, pair = header.partition(" ")
    key_id, colon, signature = pair.partition(":")
    if scheme != "LOG" or not colon or not signature:
        raise errors.parameter("authorization pair is invalid")
    return key_id, signature


def claimed_date(request: Request) -> str:
    """The date as signed: `x-log-date`, which proxies leave alone, goes before Date."""
    date = request.headers.get("x-log-date") or request.headers.get("date")
    if not date:
        raise SlsError(400, "MissingDate", "date does not exist in header")
    return date


def check_time(request: Request, now: float) -> None:
    """Refuse a request signed more than 15 minutes away from `now` (real time at any speed)."""
    then = signing_v4.signed_at(request) if signing_v4.used(request) else _signed_at(request)
    text = claimed_date(request)
    if abs(now - then) > SKEW:
        away = f"{abs(now - then):.0f} s away from the server's time"
        raise SlsError(400, "RequestTimeExpired", f"request time {text} is {away}: set the clock")


def _signed_at(request: Request) -> float:
    text = claimed_date(request)
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError) as error:
        raise SlsError(400, "InvalidDateFormat", f"Date {text!r} must follow RFC 822") from error


def check_signature(request: Request, secret: str, given: str) -> None:
    """Compute the signature again; raises SignatureNotMatch, in version 4 also ParameterInvalid."""
    if signing_v4.used(request):
        signing_v4.check_scope(request)
        genuine = signing_v4.genuine_body(request)
        expected = signing_v4.expected(request, secret)
    else:
        genuine = _genuine_body(request)
        method = request.headers["x-log-signaturemethod"]
        expected = sign(string_to_sign(request), secret, method)
    if not genuine or not _same(expected, given):
        raise SlsError(401, "SignatureNotMatch", f"signature {given} not match")


def sign(text: str, secret: str, method: str = "hmac-sha1") -> str:
    """Base64 of the HMAC that `method`, `x-log-signaturemethod`, names."""
    said = text.encode("utf-8", "surrogateescape")
    return base64.b64encode(hmac.digest(secret.encode(), said, method[5:])).decode()


def string_to_sign(request: Request) -> str:
    """The canonical form of the request in version 1."""
    headers = request.headers
    lines = [
        request.method,
        headers.get("content-md5", ""),
        headers.get("content-type", ""),
        claimed_date(request),
        *_signed_headers(request),
    ]
    return "\n".join(lines) + "\n" + _resource(request)


def _genuine_body(request: Request) -> bool:
    digest = request.headers.get("content-md5")
    # Without a body the official SDK leaves the header out, and the Tea client sends it empty.
    if digest is None or not (digest or request.body):
        return True
    return digest == body_digest(request.body)


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
