"""What a host forbids is named, and nothing is half done."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import needs
from tests.unit.shell_kit import (
    ACCOUNT,
    OURS,
    add,
    tree,
    trouble,
)
from workflows.apps import Host
from workflows.steps.on_host.commands import Look


@pytest.fixture
def poor() -> dict[str, Any]:
    """How a script runs with no right to pass over file modes, though the tests run as root."""
    return {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}


@pytest.fixture
def open_host() -> Iterator[Host]:
    """A host's folders where another user can get at them, as pytest's own are private."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        Path(folder, "user_defined_id").write_text("other\n")
        yield Host("h1", folder, folder)


def test_a_read_only_folder_is_named_and_nothing_is_changed(
    open_host: Host, poor: dict[str, Any]
) -> None:
    Path(open_host.conf_dir).chmod(0o555)
    untouched = tree(open_host)

    word = trouble(add(open_host), **poor)

    assert open_host.conf_dir in word
    assert word.endswith("permission denied")
    assert tree(open_host) == untouched


def test_an_unreadable_file_is_named_and_not_taken_for_an_absent_one(
    open_host: Host, poor: dict[str, Any]
) -> None:
    path = Path(open_host.conf_dir, "user_defined_id")
    path.chmod(0)

    words = [
        trouble(Look(open_host, ACCOUNT, OURS), **poor),
        trouble(add(open_host), **poor),
    ]

    assert words == [f"reading {path}: permission denied"] * 2


def test_a_folder_that_cannot_be_entered_is_not_taken_for_an_empty_one(
    open_host: Host, poor: dict[str, Any]
) -> None:
    users = Path(open_host.conf_dir, "users")
    users.mkdir()
    (users / ACCOUNT).touch()
    users.chmod(0)

    word = trouble(Look(open_host, ACCOUNT, OURS), **poor)

    users.chmod(0o755)
    assert word == f"looking at {users}/{ACCOUNT}: permission denied"


def test_the_owner_is_never_changed_silently(open_host: Host, poor: dict[str, Any]) -> None:
    needs.root()  # nobody else can give a file to another user
    Path(open_host.conf_dir).chmod(0o777)

    word = trouble(add(open_host), **poor)

    assert "keeping the owner" in word
    assert "sudo = true" in word
