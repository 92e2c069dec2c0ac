"""The private key that the bot logs in with, loaded once and never shown."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from paramiko import PKey, SSHException

from bot.ssh_target import SshTarget, SshTrouble, reason_of


def user_key(target: SshTarget) -> PKey:
    """The key of the target, from memory while its file stays as it is. Raises SshTrouble."""
    what = f"reading the key {target.key_file} for {target.name}"
    try:
        stat = target.key_file.stat()
        if stat.st_uid == os.getuid() and stat.st_mode & 0o077:
            mode = f"{stat.st_mode & 0o777:04o}"
            raise SshTrouble(f"{what}: its mode {mode} lets others in; chmod 600 {target.key_file}")
        return _load(target.key_file, (stat.st_ino, stat.st_mtime_ns, stat.st_size))
    except OSError as error:
        raise SshTrouble(f"{what}: {reason_of(error)}") from error
    except TypeError as error:  # cryptography's word for "a passphrase is needed"
        raise SshTrouble(f"{what}: it is encrypted; give the bot a key without one") from error
    except (ValueError, SSHException, UnsupportedAlgorithm) as error:
        raise SshTrouble(f"{what}: it is no private key that can be used") from error


@lru_cache(maxsize=64)
def _load(path: Path, _stamp: tuple[int, int, int]) -> PKey:
    return PKey.from_path(path)
