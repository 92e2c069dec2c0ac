"""A real sshd for the tests of the bot's SSH, one per module."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.ssh import SshTarget
from tests.contract.openssh import ADDRESS, OpenSsh, need_sshd


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    need_sshd()
    sshd = OpenSsh(tmp_path_factory.mktemp("sshd"))
    yield sshd
    sshd.stop()


@pytest.fixture
def target(sshd: OpenSsh) -> SshTarget:
    return SshTarget("h2", ADDRESS, sshd.port, sshd.user, sshd.key_file)


@pytest.fixture
def known(sshd: OpenSsh, tmp_path: Path) -> Path:
    return Path(shutil.copy(sshd.known_hosts, tmp_path / "known_hosts"))
