"""The part of the settings that names the two accounts of the log service."""

from __future__ import annotations

from dataclasses import dataclass

from bot.secret import Secrets
from bot.settings_credentials import ALL_KEYS, Credentials, read_credentials
from bot.settings_read import Table, holds_password


@dataclass(frozen=True)
class AccountSettings:
    """One account's service and what opens it."""

    endpoint: str  # with its scheme
    region: str  # "" where it was not given
    proxy: str  # URL, or ""
    credentials: Credentials


def read_account(accounts: Table, side: str, secrets: Secrets) -> AccountSettings:
    table = accounts.table(side, "endpoint", "region", "proxy", *ALL_KEYS)
    return AccountSettings(
        endpoint=_endpoint(table),
        region=_region(table),
        proxy=_proxy(table),
        credentials=read_credentials(table, secrets, f"LOGMIGRATE_{side.upper()}"),
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
