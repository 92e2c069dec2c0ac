"""Accounts and their access keys: who may call, and what a key is denied."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """An access key; `denied` holds RAM actions such as `log:DeleteConfig`."""

    id: str
    secret: str
    denied: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Account:
    """A main account: its id (the name of the file under `users/`), home region and keys."""

    id: str
    region: str
    keys: tuple[Key, ...]


def keyring(accounts: tuple[Account, ...]) -> dict[str, tuple[Account, Key]]:
    """Every access key id with its owner; an id that occurs twice is an error."""
    ring: dict[str, tuple[Account, Key]] = {}
    for account in accounts:
        for key in account.keys:
            if key.id in ring:
                message = f"access key {key.id} is given twice: give every key an id of its own"
                raise ValueError(message)
            ring[key.id] = (account, key)
    return ring
