"""The real sudo: as root, and as somebody who may not."""

from __future__ import annotations

import pwd
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.ssh import SshTarget
from tests import needs
from tests.contract.openssh import OpenSsh
from tests.contract.ssh_kit import refused, run

NOBODY = "nobody"


def test_sudo_itself_runs_what_is_asked_for(target: SshTarget, known: Path) -> None:
    needs.root()
    needs.program("sudo")

    result = run(
        replace(target, sudo=True), known, 'id -u; echo "${SUDO_USER:-no sudo}"; echo changed'
    )

    assert result.ok, result.said
    assert result.changed
    assert result.said.split() == ["0", pwd.getpwuid(0).pw_name, "changed"]


@pytest.fixture
def as_nobody(sshd: OpenSsh, target: SshTarget) -> Iterator[SshTarget]:
    """A user without a right to sudo; sshd, as root, runs what it is asked for as that user."""
    needs.root()
    needs.program("sudo")
    needs.program("setpriv", "util-linux")
    wrapper = sshd.folder / "bin" / "sudo"
    number = pwd.getpwnam(NOBODY).pw_uid
    real = subprocess.run(["which", "sudo"], capture_output=True, text=True, check=True)
    wrapper.write_text(
        f'#!/bin/sh\nexec setpriv --reuid {number} --clear-groups {real.stdout.strip()} "$@"\n'
    )
    wrapper.chmod(0o755)
    yield replace(target, sudo=True, user=target.user)
    wrapper.unlink()


def test_a_user_who_may_not_is_told_with_the_way_out(as_nobody: SshTarget, known: Path) -> None:
    said = refused(run(as_nobody, known))

    assert said.startswith("sudo: ")
    assert "run /bin/sh by sudo without a password, or set sudo = false" in said
