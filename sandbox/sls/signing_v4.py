"""Signatures, version 4: HMAC-SHA256 with a key for one day, one region and this service."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from sandbox.sls import errors
from sandbox.sls.errors import SlsError
from sandbox.sls.requests import Request

ALGORITHM = "SLS4-HMAC-SHA256"

_AUTHORIZATION = re.compile(
    ALGORITHM + r" Credential=(?P<key_id>[^/,\s]*)/(?P<date>[^/,\s]+)/(?P<region>[^/,\s]+)"
    r"/sls/aliyun_v4_request, ?Signature=(?P<signature>[^,\s]+)"
)
_TIME = re.compile(r"[0-9]{8}T[0-9]{6}Z")


@dataclass(frozen=True)
class Credential:
    """What the Authorization header says; `date` is yyyymmdd."""

    key_id: str
    date: str
    region: str
    signature: str

    @property
    def scope(self) -> str:
        """Where and when the signature counts."""
        return f"{self.date}/{self.region}/sls/aliyun_v4_request"


def used(request: Request) -> bool:
    """Whether the request is signed with version 4, rightly or not."""
    return request.headers.get("authorization", "").partition(" ")[0] == ALGORITHM


def credential(request: Request) -> Credential:
    """The Authorization header, read; raises ParameterInvalid."""
    match = _AUTHORIZATION.fullmatch(request.headers["authorization"])
    if match is None:
        raise errors.parameter("authorization pair is invalid")
    return Credential(**match.groupdict())


def signed_at(request: Request) -> float:
    """Seconds since the epoch of `x-log-date`; Date plays no part in this version."""
    text = request.headers.get("x-log-date", "")
    if not text:
        raise SlsError(400, "MissingDate", "x-log-date does not exist in header")
    try:
        if not _TIME.fullmatch(text):
            raise ValueError(text)
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        wrong = f"x-log-date {text!r} must be written as 20261122T170000Z, in UTC"
        raise SlsError(400, "InvalidDateFormat", wrong) from error


def check_scope(request: Request) -> None:
    """Refuse a signature for another region than the endpoint's, or for another day."""
    said, region = credential(request), request.host.region
    if region and said.region != region:
        raise errors.parameter("The signing region in credential is invalid")
    if said.date != request.headers["x-log-date"][:8]:
        raise errors.parameter("The signing date in credential is not that of x-log-date")


def genuine_body(request: Request) -> bool:
    """Whether the body is the one of `x-log-content-sha256`; raises if that is missing."""
    said = request.headers.get("x-log-content-sha256")
    if said is None:
        raise errors.parameter("x-log-content-sha256 does not exist in header")
    return said == hashlib.sha256(request.body).hexdigest()


def expected(request: Request, secret: str) -> str:
    """The signature that the request must carry, in hex."""
    said = credential(request)
    key = f"aliyun_v4{secret}".encode()
    for part in said.scope.split("/"):
        key = hmac.digest(key, _bytes(part), "sha256")
    digest = hashlib.sha256(_bytes(canonical(request))).hexdigest()
    text = f"{ALGORITHM}\n{request.headers['x-log-date']}\n{said.scope}\n{digest}"
    return hmac.digest(key, _bytes(text), "sha256").hex()


def canonical(request: Request) -> str:
    """The canonical form of the request; which headers it holds is not said but computed."""
    names = [name for name in sorted(request.headers) if _signed(name)]
    return "\n".join(
        (
            request.method,
            request.path,
            _query(request),
            *(f"{name}:{request.headers[name].strip()}" for name in names),
            "",
            ";".join(names),
            request.headers["x-log-content-sha256"],
        )
    )


def _query(request: Request) -> str:
    # Values are signed encoded, unlike in version 1, and however they were sent: a space is %20,
    # never a plus. An empty value goes without its equals sign.
    pairs = ((key, quote(value, safe="~")) for key, value in sorted(request.pairs))
    return "&".join(f"{key}={value}" if value else key for key, value in pairs)


def _signed(name: str) -> bool:
    # Unlike in version 1 the Host counts, and x-log-date: it is set before the client signs.
    if name.startswith("x-log-meta-"):
        return False
    return name in ("content-type", "host") or name.startswith(("x-log-", "x-acs-"))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
