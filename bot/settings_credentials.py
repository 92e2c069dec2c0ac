"""What opens an account: an access key, or what a temporary one is got with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.secret import Secret, Secrets
from bot.settings_read import Table, listed

KEY = ("access_key_id", "access_key_secret", "access_key_id_file", "access_key_secret_file")
ROLE = ("role_arn", "role_session_name", "duration", "sts_endpoint")
WAYS: dict[str, tuple[str, ...]] = {  # the values of `credentials`, each with its own settings
    "key": KEY,
    "role": (*KEY, *ROLE, "external_id"),
    "oidc": (*ROLE, "oidc_provider_arn", "oidc_token_file"),
    "ecs": ("role_name",),
}
ALL_KEYS = ("credentials", *dict.fromkeys(key for keys in WAYS.values() for key in keys))
# Temporary keys are renewed 15 minutes before their end; shorter ones would be at every call.
SHORTEST, LONGEST = 1800, 43200


@dataclass(frozen=True)
class AccessKey:
    """Of a RAM user; does not end by itself."""

    id: Secret
    secret: Secret


@dataclass(frozen=True)
class Session:
    """How a role is taken on: its name, who that is in the audit log, for how many seconds."""

    arn: str
    name: str
    duration: int
    sts: str  # endpoint, http:// only where that was written out


@dataclass(frozen=True)
class Role:
    """A role that an access key may take on, also one of another account."""

    session: Session
    key: AccessKey
    external_id: str = ""


@dataclass(frozen=True)
class Federated:
    """A role that whoever holds a token of an OIDC provider may take on, as a pod does."""

    session: Session
    provider_arn: str
    token_file: Path  # read anew each time, as it is replaced before the token ends


@dataclass(frozen=True)
class Instance:
    """The role of the ECS instance that this runs on; "" for whichever it has."""

    role_name: str = ""


Credentials = AccessKey | Role | Federated | Instance


def read_credentials(table: Table, secrets: Secrets, variable: str) -> Credentials:
    """By `credentials`; secrets from files, or from the environment below `variable`."""
    way = table.choice("credentials", tuple(WAYS), "key")
    for key in table.given():
        _refuse_another_way(table, way, key)
    if way == "key":
        return _access_key(table, secrets, variable)
    if way == "role":
        opened_by = _access_key(table, secrets, variable)
        return Role(_session(table), opened_by, _external_id(table))
    if way == "oidc":
        rule = "it must look like acs:ram::1234567890123456:oidc-provider/name"
        arn = table.matching("oidc_provider_arn", r"acs:ram::\d+:oidc-provider/[\w.-]+", rule)
        return Federated(_session(table), arn, _token_file(table))
    rule = "it must be the name of a RAM role"
    return Instance(table.matching("role_name", r"[A-Za-z0-9.@_-]{1,64}", rule, ""))


def _refuse_another_way(table: Table, way: str, key: str) -> None:
    ways = [name for name, keys in WAYS.items() if key in keys]
    if ways and way not in ways:
        only = listed(f'"{name}"' for name in ways)
        raise table.wrong(key, f'belongs to credentials = {only}, and this account has "{way}"')


def _access_key(table: Table, secrets: Secrets, variable: str) -> AccessKey:
    return AccessKey(
        secrets.need(table, "access_key_id", f"{variable}_ACCESS_KEY_ID"),
        secrets.need(table, "access_key_secret", f"{variable}_ACCESS_KEY_SECRET"),
    )


def _session(table: Table) -> Session:
    arn = "it must look like acs:ram::1234567890123456:role/name"
    name = "it must be 2 to 64 letters, digits or . @ - _"
    sts = "it must be a host name such as sts.cn-hangzhou.aliyuncs.com"
    return Session(
        arn=table.matching("role_arn", r"acs:ram::\d+:role/[A-Za-z0-9.@_-]{1,64}", arn),
        name=table.matching("role_session_name", r"[\w.@-]{2,64}", name, "logmigrate"),
        duration=table.whole("duration", 3600, LONGEST, least=SHORTEST),
        sts=table.matching(
            "sts_endpoint", r"(https?://)?[A-Za-z0-9.-]+(:\d+)?", sts, "sts.aliyuncs.com"
        ),
    )


def _external_id(table: Table) -> str:
    rule = "it must be 2 to 1224 letters, digits or + = , . @ : / - _"
    return table.matching("external_id", r"[\w+=,.@:/-]{2,1224}", rule, "")


def _token_file(table: Table) -> Path:
    path = table.file("oidc_token_file")
    if not path.is_file():
        raise table.wrong("oidc_token_file", f"{path}: no such file; mount the token there")
    return path
