"""Requests signed with version 4 by the official client's own code, then changed by a test."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aliyun.log.auth import AuthV4
from aliyun.log.credentials import StaticCredentialsProvider

from sandbox.sls import Key
from tests.contract.sls.world import ENDPOINT, SOURCE_KEY, World, by_hand

REGION = "cn-hangzhou"
V4 = {"auth_version": "v4", "region": REGION}


def sign(
    method: str,
    path: str,
    query: dict[str, str],
    body: bytes,
    key: Key = SOURCE_KEY,
    *,
    at: str = "",
    region: str = REGION,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers as the official client signs them, at the time `at` (now when empty)."""
    headers = {"Host": f"web.{ENDPOINT}", "x-log-apiversion": "0.6.0", **(more or {})}
    headers |= {"Content-Length": str(len(body)), "x-log-bodyrawsize": str(len(body))}
    if body:
        headers["Content-Type"] = "application/json"
    auth: Any = AuthV4(StaticCredentialsProvider(key.id, key.secret, key.token or None), region)
    at = at or written(time.time())
    headers["Authorization"] = auth._do_sign_request(method, path, query, headers, body, at)
    return headers


def written(seconds: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def in_query(query: Mapping[str, str]) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())


def ask(
    world: World,
    target: str = "/configs",
    change: Mapping[str, str | None] | None = None,
    **signing: Any,
) -> tuple[int, str, str]:
    """A GET signed by the official client's code and then changed: status, code, text."""
    path = target.partition("?")[0]
    headers = sign("GET", path, signing.pop("query", {}), b"", **signing)
    return told(by_hand(world.server.port, "GET", target, headers | dict(change or {})))


def told(answer: tuple[int, dict[str, str], Any]) -> tuple[int, str, str]:
    status, _, said = answer
    return status, said.get("errorCode", ""), said.get("errorMessage", "")
