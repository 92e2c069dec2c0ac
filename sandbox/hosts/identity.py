"""Who may collect from a host: the account ids and the custom ids in the host's own folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.hosts.root import CUSTOM_IDS, USERS
from sandbox.hosts.versions import TABLE, EnvIds, Traits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.hosts.disk import Disk

# Ids are main-account numbers; the agent's disk buffer takes no more than 16 characters
# (DiskBufferWriter.cpp), so an editor's left-over such as `1234~` names no account.
ACCOUNT_ID = re.compile(r"\d{1,16}")


@dataclass(frozen=True)
class Identity:
    """The accounts a heartbeat is meant for and the custom ids it carries."""

    accounts: frozenset[str]
    ids: tuple[str, ...]


def read_identity(
    disk: Disk,
    own_account: str,
    env: Mapping[str, str] | None = None,
    row: Traits = TABLE[0],
) -> Identity:
    """Return the host's identity; `own_account` owns the ECS and needs no file.

    Source: help page on choosing a network, table "user identifier needed".
    """
    env = env or {}
    accounts = account_files(disk) | env_accounts(env) | {own_account}
    return Identity(accounts, joined_ids(custom_ids(disk), env_ids(env, row), row))


def env_accounts(env: Mapping[str, str]) -> frozenset[str]:
    """Return the one account of ALIYUN_LOGTAIL_USER_ID, beside those of the files.

    Sources: core/config_manager/ConfigManagerBase.cpp ReloadLogtailSysConf of 1.8.8 (adds to the
    files'; it would take several between commas); help page: a container supports one id alone.
    """
    named = env.get("ALIYUN_LOGTAIL_USER_ID", "").strip(" ,")
    return frozenset({named} if ACCOUNT_ID.fullmatch(named) else ())


def env_ids(env: Mapping[str, str], row: Traits) -> tuple[str, ...]:
    """Return the custom ids of the environment, between commas; the version's first name counts.

    Source: core/app_config/AppConfig.cpp, GetEnv(LOONG_USER_DEFINED_ID, …) before the old name.
    """
    named = next((env[name] for name in row.env_names if name in env), "")
    return tuple(one for one in (part.strip() for part in named.split(",")) if one)


def joined_ids(files: tuple[str, ...], env: tuple[str, ...], row: Traits) -> tuple[str, ...]:
    """Return both: 1.8.8 adds the environment's ids to the file's, after them.

    Source: ReloadLogtailSysConf of 1.8.8. From 2.0 on that code is not public; 2.0 is taken to do
    the same, and of LoongCollector it is said that the environment takes the file's place.
    """
    if env and row.env_ids is EnvIds.REPLACE:
        return tuple(dict.fromkeys(env))
    return tuple(dict.fromkeys((*files, *env)))


def account_files(disk: Disk) -> frozenset[str]:
    """Return the ids of `users/`: the file names count, the contents do not.

    Source: help page "configure a user identifier". No folder is no id.
    """
    files, _ = disk.listing(USERS)
    names = (file.path.rsplit("/", 1)[1] for file in files)
    return frozenset(name for name in names if ACCOUNT_ID.fullmatch(name))


def custom_ids(disk: Disk) -> tuple[str, ...]:
    """Return the ids of `user_defined_id`, one a line; empty lines are none.

    Source: help page "create a custom identifier-based machine group". A carriage return or a
    blank stays part of the id, so that it matches no group: the heartbeat help page lists both
    among the causes of a missing heartbeat.
    """
    text = disk.read(CUSTOM_IDS) or b""
    lines = text.decode(errors="replace").split("\n")
    return tuple(dict.fromkeys(line for line in lines if line.strip()))
