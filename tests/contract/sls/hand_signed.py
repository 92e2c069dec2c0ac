"""Signatures written by hand from the documentation: for plain HTTP, and to hold others to.

Nothing here is taken from the server or from a client.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote


def version_1(
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    key: tuple[str, str],
) -> str:
    """The Authorization header; `x-log-signaturemethod` among the headers chooses the digest."""
    said = {name.lower(): value for name, value in headers.items()}
    lines = [method, said.get("content-md5", ""), said.get("content-type", "")]
    lines.append(said.get("date") or said["x-log-date"])
    lines += [f"{name}:{said[name]}" for name in sorted(said) if _ours(name, "x-log-date")]
    pairs = "&".join(f"{name}={query[name]}" for name in sorted(query))
    lines.append(f"{path}?{pairs}" if pairs else path)
    digest = said["x-log-signaturemethod"].removeprefix("hmac-")
    code = hmac.new(key[1].encode(), "\n".join(lines).encode(), digest).digest()
    return f"LOG {key[0]}:{base64.b64encode(code).decode()}"


def version_4(
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    key: tuple[str, str],
    region: str,
) -> str:
    """The Authorization header; the headers must hold x-log-date and x-log-content-sha256."""
    said = {name.lower(): value for name, value in headers.items()}
    names = sorted(name for name in said if _ours(name) or name in ("content-type", "host"))
    pairs = [f"{name}={quote(query[name], safe='~')}".removesuffix("=") for name in sorted(query)]
    lines = [method, path, "&".join(pairs), *(f"{name}:{said[name].strip()}" for name in names)]
    lines += ["", ";".join(names), said["x-log-content-sha256"]]
    moment, scope = said["x-log-date"], [said["x-log-date"][:8], region, "sls", "aliyun_v4_request"]
    secret = b"aliyun_v4" + key[1].encode()
    for part in scope:
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    canonical = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    text = "\n".join(["SLS4-HMAC-SHA256", moment, "/".join(scope), canonical])
    signature = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    return f"SLS4-HMAC-SHA256 Credential={key[0]}/{'/'.join(scope)},Signature={signature}"


def _ours(name: str, but: str = "") -> bool:
    own = name.startswith(("x-log-", "x-acs-")) and not name.startswith("x-log-meta-")
    return own and name != but
