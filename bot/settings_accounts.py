"""The part of the settings that names the two accounts of the log service."""

from __future__ import annotations

from dataclasses import dataclass

from bot.secret import Secret, Secrets
from bot.settings_read import Table, holds_password


@dataclass(frozen=True)
class AccountSettings:
    """One account's service and the key that opens it."""

    endpoint: str  # with its scheme
    region: str  # "" where it was not given
    proxy: str  # URL, or ""
    access_key_id: Secret
    access_key_secret: Secret


def read_account(accounts: Table, side: str, secrets: Secrets) -> AccountSettings:
    names = ("access_key_id", "access_key_secret")
    files = (f"{name}_file" for name in names)
    table = accounts.table(side, "endpoint", "region", "proxy", *names, *files)
    variable = f"LOGMIGRATE_{side.upper()}"
    return AccountSettings(
        endpoint=_endpoint(table),
        region=_region(table),
        proxy=_proxy(table),
        access_key_id=secrets.need(table, names[0], f"{variable}_ACCESS_KEY_ID"),
        access_key_secret=secrets.need(table, names[1], f"{variable}_ACCESS_KEY_SECRET"),
    )


def _endpoint(table: Table) -> str:
    rule = "it must be a host name such as cn-hangzhou.log.aliyuncs.com"
    given = table.matching("endpoint", r"(https?://)?[A-Za-z0-9.-]+(:\d+)?", rule)
    return given if "://" in given else f"https://{given}"


def _region(table: Table) -> str:
    """A guard against a slip: the service's own endpoints start with their region."""
    region, host = table.text("region", ""), table.text("endpoint").split("://")[-1]
    if host.endswith(".aliyuncs.com") and not host.startswith(region):
        raise table.wrong("region", f"is {region!r}, but the endpoint is {host}")
    return region


def _proxy(table: Table) -> str:
    if holds_password(table.text("proxy", "")):  # first: the other complaint would print it
        why = "holds a password, which does not belong in this file; let the proxy know this host"
        raise table.wrong("proxy", why)
    return table.matching("proxy", r"https?://[^\s/]+/?", "it must be a URL: http://host:port", "")
