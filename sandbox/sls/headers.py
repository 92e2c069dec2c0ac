"""The headers every request must carry, each with the code of its absence."""

from __future__ import annotations

from sandbox.sls import signing_v4
from sandbox.sls.errors import SlsError
from sandbox.sls.requests import NUMBER, Request

API_VERSIONS = ("0.6.0",)
# The second one is what the Tea client signs version 1 with, unless told to use version 4.
SIGNATURE_METHODS = ("hmac-sha1", "hmac-sha256")
CONTENT_TYPES = {"json": "application/json", "protobuf": "application/x-protobuf"}


def check(request: Request, body_kind: str, optional: tuple[str, ...] = ()) -> None:
    """Raise the service's error for the first header that is missing or wrong.

    `body_kind` is `json`, `protobuf`, or empty where a route takes no body; `optional` names
    headers of a body that the official client leaves out on this route.
    """
    _one_of(request, "x-log-apiversion", "APIVersion", API_VERSIONS)
    if not signing_v4.used(request):  # there the Authorization header names the method
        _one_of(request, "x-log-signaturemethod", "SignatureMethod", SIGNATURE_METHODS)
    if request.method in ("POST", "PUT") and "content-length" not in request.headers:
        raise SlsError(411, "MissingContentLength", "the request has no Content-Length")
    if request.body:
        _check_body(request, body_kind, optional)


def _one_of(request: Request, name: str, word: str, known: tuple[str, ...]) -> None:
    value = request.headers.get(name)
    if value is None:
        raise SlsError(400, f"Missing{word}", f"{name} does not exist in header")
    if value not in known:
        raise SlsError(400, f"Invalid{word}", f"{name} {value!r} is not one of {', '.join(known)}")


def _check_body(request: Request, body_kind: str, optional: tuple[str, ...]) -> None:
    kind = request.headers.get("content-type")
    if kind is None and "content-type" not in optional:
        raise SlsError(400, "MissingContentType", "content-type does not exist in header")
    wanted = CONTENT_TYPES.get(body_kind)
    if kind is not None and wanted is not None and kind.partition(";")[0].strip() != wanted:
        raise SlsError(400, "InvalidContentType", f"content-type {kind!r} must be {wanted}")
    size = request.headers.get("x-log-bodyrawsize")
    if size is None and "x-log-bodyrawsize" in optional:
        return
    if size is None:
        raise SlsError(400, "MissingBodyRawSize", "x-log-bodyrawsize does not exist in header")
    if not NUMBER.fullmatch(size):
        what = f"x-log-bodyrawsize {size[:99]!r} is not a number of bytes"
        raise SlsError(400, "InvalidBodyRawSize", what)
