"""The part of the settings that names Redis and the keys of what lies in it."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import urlsplit

from bot.secret import Secret, Secrets
from bot.settings_read import Table, holds_password


def read_redis(table: Table, secrets: Secrets) -> Secret | None:
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
    return url


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
