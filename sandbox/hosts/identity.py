"""Who may collect from a host: the account ids and the custom ids in the host's own folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.hosts.root import CUSTOM_IDS, USERS

if TYPE_CHECKING:
    from pathlib import Path

# Ids are main-account numbers; the agent's disk buffer takes no more than 16 characters
# (DiskBufferWriter.cpp), so an editor's left-over such as `1234~` names no account.
ACCOUNT_ID = re.compile(r"\d{1,16}")


@dataclass(frozen=True)
class Identity:
    """The accounts a heartbeat is meant for and the custom ids it carries."""

    accounts: frozenset[str]
    ids: tuple[str, ...]


def read_identity(root: Path, own_account: str) -> Identity:
    """Return the host's identity; `own_account` owns the ECS and needs no file.

    Source: help page on choosing a network, table "user identifier needed".
    """
    return Identity(account_files(root) | {own_account}, custom_ids(root))


def account_files(root: Path) -> frozenset[str]:
    """Return the ids of `users/`: the file names count, the contents do not.

    Source: help page "configure a user identifier". No folder is no id.
    """
    folder = root / USERS
    if not folder.is_dir():
        return frozenset()
    names = (entry.name for entry in folder.iterdir() if entry.is_file())
    return frozenset(name for name in names if ACCOUNT_ID.fullmatch(name))


def custom_ids(root: Path) -> tuple[str, ...]:
    """Return the ids of `user_defined_id`, one a line; empty lines are none.

    Source: help page "create a custom identifier-based machine group". A carriage return or a
    blank stays part of the id, so that it matches no group: the heartbeat help page lists both
    among the causes of a missing heartbeat.
    """
    path = root / CUSTOM_IDS
    if not path.is_file():
        return ()
    lines = path.read_bytes().decode(errors="replace").split("\n")
    return tuple(dict.fromkeys(line for line in lines if line.strip()))
