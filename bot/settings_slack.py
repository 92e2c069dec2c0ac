"""The part of the settings that names Slack and the people in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.secret import Secret, Secrets, token
from bot.settings_read import Table
from workflows.apps import People

SLACK = "https://slack.com/api/"
USER = r"[UW][A-Z0-9]{2,}"


@dataclass(frozen=True)
class SlackSettings:
    """`app_token` is there in socket mode, `signing_secret` in http mode."""

    mode: str  # socket or http
    api_base_url: str
    listen: str  # host:port, http mode only
    update_every: float  # seconds between two updates of one message
    bot_token: Secret
    app_token: Secret | None
    signing_secret: Secret | None


def read_slack(top: Table, secrets: Secrets) -> SlackSettings:
    names = ("bot_token", "app_token", "signing_secret")
    keys = ("mode", "api_base_url", "test_double", "listen", "update_every")
    table = top.table("slack", *keys, *names, *(f"{name}_file" for name in names))
    mode = table.choice("mode", ("socket", "http"), "socket")
    bot_token = secrets.need(table, "bot_token", "SLACK_BOT_TOKEN")
    return SlackSettings(
        mode=mode,
        api_base_url=_slack_base(table),
        listen=_listen(table),
        update_every=table.number("update_every", 3.0),
        bot_token=token(bot_token, "xoxb-", table, "bot_token"),
        app_token=_app_token(table, secrets) if mode == "socket" else None,
        signing_secret=(
            secrets.need(table, "signing_secret", "SLACK_SIGNING_SECRET")
            if mode == "http"
            else None
        ),
    )


def _listen(table: Table) -> str:
    address = table.matching("listen", r"\S+:\d{1,5}", "it must be host:port", "127.0.0.1:3000")
    port = int(address.rpartition(":")[2])
    if not 1 <= port <= 65535:
        raise table.wrong("listen", f"port {port}; it must be from 1 to 65535")
    return address


def _app_token(table: Table, secrets: Secrets) -> Secret:
    found = secrets.need(table, "app_token", "SLACK_APP_TOKEN")
    return token(found, "xapp-", table, "app_token")


def _slack_base(table: Table) -> str:
    """Slack itself, unless the file says in so many words that it is a double."""
    url = table.matching("api_base_url", r"https?://\S+/", "it must be a URL that ends in /", SLACK)
    if url != SLACK and not table.flag("test_double", default=False):
        why = f"is not {SLACK}; tokens would go elsewhere. A test double wants test_double = true"
        raise table.wrong("api_base_url", why)
    return url


def read_people(table: Table) -> People:
    approvers = _users(table, "approvers")
    if not approvers:
        raise table.wrong("approvers", "names nobody, so no step could ever be approved")
    return People(frozenset(approvers), frozenset(_users(table, "requesters")))


def _users(table: Table, key: str) -> tuple[str, ...]:
    users = table.texts(key)
    for n, user in enumerate(users):
        if not re.fullmatch(USER, user):
            why = f"{user!r} is no Slack user id; they look like U024BE7LH (Copy member ID)"
            raise table.wrong_at(key, n, why)
    return users
