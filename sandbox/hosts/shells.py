"""How a host's login shell takes a command: as it should, or in one of the ways that go wrong.

A disk that is full or read-only is real for a command: it runs where it alone sees one, and what it
sees goes when it ends. That needs the right to make a mount namespace.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

Shell = Callable[["Path", str], list[str]]  # from a host's root and a command to what is run

BANNER = "*** Authorized use only. Activity is logged. ***\nNotice: changed in user_defined_id\n"
NO_LOGIN = "This account is currently not available."
# A pid file's folder is a file system of its own on a host, so it stays as it is.
READ_ONLY = r"""
set -e
own=$PATH PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=$1 run=$2; shift 2
mount --bind "$root/var/run" "$run"
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --bind "$run" "$root/var/run"
PATH=$own
cd "$root"
exec /bin/sh -c "$1"
"""
# Blocks and inodes are both used up, so that not even an empty file can be made.
FULL = r"""
set -e
own=$PATH PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=$1 run=$2; shift 2
mount --bind "$root/var/run" "$run"
small=$run.small
mount -t tmpfs -o size=64k,nr_inodes=40 none "$small"
mkdir "$small/up" "$small/work"
mount -t overlay -o "lowerdir=$root,upperdir=$small/up,workdir=$small/work" overlay "$root"
head -c 1000000 /dev/zero >"$small/filled" 2>/dev/null || :
n=0
while mkdir "$small/$n" 2>/dev/null; do n=$((n + 1)); done
mount --bind "$run" "$root/var/run"
PATH=$own
cd "$root"
exec /bin/sh -c "$1"
"""


def plain(_root: Path, command: str) -> list[str]:
    """Run it."""
    return ["/bin/sh", "-c", command]


def with_banner(_root: Path, command: str) -> list[str]:
    """Print something first, as a start-up file does that does not ask who is there."""
    return ["/bin/sh", "-c", 'printf %s "$1"; exec /bin/sh -c "$2"', "sh", BANNER, command]


def silent(_root: Path, _command: str) -> list[str]:
    """Do nothing and call it a success."""
    return ["/bin/true"]


def no_login(_root: Path, _command: str) -> list[str]:
    """Say that the account is not for logging in."""
    return ["/bin/sh", "-c", 'echo "$1"; exit 1', "sh", NO_LOGIN]


def on_read_only(root: Path, command: str) -> list[str]:
    """Run it where the host's whole disk is read-only."""
    return _apart(READ_ONLY, root, command)


def on_full(root: Path, command: str) -> list[str]:
    """Run it where there is no room on the host's disk."""
    return _apart(FULL, root, command)


@cache
def can_mount() -> bool:
    """Say whether this machine lets us have a mount namespace."""
    try:
        tried = subprocess.run(
            [*_namespace(), "mount", "-t", "tmpfs", "none", "/mnt"],
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return False
    return tried.returncode == 0


def _apart(script: str, root: Path, command: str) -> list[str]:
    if not can_mount():
        return plain(root, command)
    aside = root.with_name(f"aside-{root.name}")
    aside.mkdir(exist_ok=True)
    aside.with_name(aside.name + ".small").mkdir(exist_ok=True)
    return [*_namespace(), "/bin/sh", "-c", script, "sh", str(root), str(aside), command]


def _namespace() -> list[str]:
    rights = [] if os.getuid() == 0 else ["-r"]
    return ["unshare", "-m", *rights]
