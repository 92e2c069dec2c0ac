"""The part of the settings that names Redis and the keys of what lies in it."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from urllib.parse import urlsplit

from bot.redis_address import Address
from bot.secret import Secret, Secrets
from bot.settings_read import Table, holds_password

REDIS = (
    *("url", "url_file", "sentinels", "sentinel_password", "sentinel_password_file", "ca_file"),
)
# An option that the library does not know would end the process, and one may be a password.
PLAIN = r"unix:[^?]+([?]db=\d+)?|rediss?://[^/?#]+(/\d*)?"


def read_redis(table: Table, secrets: Secrets) -> Address | None:
    """Where the Redis is; None where none is named."""
    url = _url(table, secrets)
    sentinels = tuple(_sentinel(table, n, text) for n, text in enumerate(table.texts("sentinels")))
    password = secrets.find(table, "sentinel_password", "LOGMIGRATE_SENTINEL_PASSWORD")
    if url is None:
        if sentinels:
            raise table.wrong("sentinels", "need url: redis://<the name they know the server by>/0")
        return None
    if sentinels and url.plain.startswith("unix:"):
        raise table.wrong("sentinels", "find servers by name; url must start with redis[s]://")
    return Address(url.plain, sentinels, password.plain if password else "", _ca(table, url))


def _url(table: Table, secrets: Secrets) -> Secret | None:
    """A URL with a password in it is a secret; one without may stand in the file."""
    if table.has("url") and not holds_password(table.text("url")):
        url: Secret | None = Secret(table.text("url"))
    else:
        url = secrets.find(table, "url", "LOGMIGRATE_REDIS_URL")
    if url and not re.match(r"(redis|rediss|unix)://.", url.plain):
        raise table.wrong("url", "must start with redis://, rediss:// or unix://")
    if url and not _is_readable(url.plain):
        why = "its port is no number; in a password write / as %2F, @ as %40, # as %23, ? as %3F"
        raise table.wrong("url", why)
    if url and not re.fullmatch(PLAIN, url.plain):
        raise table.wrong(
            "url", "must end with the database's number; no options are taken after ?"
        )
    return url


def _sentinel(table: Table, n: int, text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise table.wrong_at("sentinels", n, f"is {text!r}; it must be host:port, usually :26379")
    return host.strip("[]"), int(port)


def _ca(table: Table, url: Secret) -> Path | None:
    if not table.has("ca_file"):
        return None
    path = table.file("ca_file")
    if not url.plain.startswith("rediss:"):
        raise table.wrong("ca_file", "counts for encrypted connections only: rediss://")
    if not path.is_file():
        raise table.wrong("ca_file", f"{path}: no such file")
    return path


def _is_readable(url: str) -> bool:
    """A password with a bare "/" in it would be taken for the port, and told to everybody."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def read_snapshot_keys(top: Table, secrets: Secrets) -> tuple[Secret, ...]:
    found = secrets.need(top, "snapshot_keys", "LOGMIGRATE_SNAPSHOT_KEYS")
    keys = tuple(Secret(key) for key in re.split(r"[,\s]+", found.plain) if key)
    for n, key in enumerate(keys, start=1):
        if not _is_fernet_key(key.plain):
            why = "is no Fernet key; make one with: openssl rand -base64 32 | tr '+/' '-_'"
            raise top.wrong("snapshot_keys", f"number {n} {why}")
    if not keys:
        raise top.wrong("snapshot_keys", "holds no key")
    return keys


def _is_fernet_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False
