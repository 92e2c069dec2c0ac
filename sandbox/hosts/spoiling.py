"""The identity files of a host spoiled in the ways in which people spoil them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.hosts.illness import Illness
from sandbox.hosts.root import CUSTOM_IDS, USERS

if TYPE_CHECKING:
    from pathlib import Path

ENDINGS = {Illness.CUSTOM_ID_CRLF: b"\r", Illness.CUSTOM_ID_BLANK: b" "}


@dataclass(frozen=True)
class Guest:
    """The account that is let in on the hosts, and the custom id by which it knows them."""

    account: str
    custom_id: str


def spoil(root: Path, illness: Illness, guest: Guest) -> None:
    """Spoil the guest's file or line; what is not there yet is made spoiled, never whole."""
    if illness in (Illness.ACCOUNT_FILE_MISSING, Illness.ACCOUNT_FILE_MISNAMED):
        misname = illness is Illness.ACCOUNT_FILE_MISNAMED
        _spoil_account(root / USERS, guest.account, misname=misname)
    else:
        _write_line(root / CUSTOM_IDS, guest.custom_id.encode(), ENDINGS.get(illness))


def restore(root: Path, illness: Illness, guest: Guest) -> None:
    """Make the guest's file or line as it should be."""
    if illness in (Illness.ACCOUNT_FILE_MISSING, Illness.ACCOUNT_FILE_MISNAMED):
        (root / USERS).mkdir(exist_ok=True)
        (root / USERS / f"{guest.account}.txt").unlink(missing_ok=True)
        (root / USERS / guest.account).touch()
    else:
        _write_line(root / CUSTOM_IDS, guest.custom_id.encode(), b"")


def _spoil_account(users: Path, account: str, *, misname: bool) -> None:
    (users / account).unlink(missing_ok=True)
    if misname:
        users.mkdir(exist_ok=True)
        (users / f"{account}.txt").touch()


def _write_line(file: Path, custom_id: bytes, ending: bytes | None) -> None:
    """Have the id once, with this ending, in the place where it is; None is not at all."""
    held = file.read_bytes() if file.exists() else b""
    lines = held.removesuffix(b"\n").split(b"\n") if held else []
    at = next((n for n, line in enumerate(lines) if line.strip() == custom_id), len(lines))
    lines[at : at + 1] = [] if ending is None else [custom_id + ending]
    file.write_bytes(b"".join(line + b"\n" for line in lines))
