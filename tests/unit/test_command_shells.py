"""The scripts in the shells that hosts have, one after another and at the same time."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.needs import program
from tests.unit.shell_kit import (
    ACCOUNT,
    OURS,
    last_word,
    said,
    tree,
    undo,
)
from workflows.apps import Host
from workflows.steps.commands import AddIdentity, HostFacts, Look


@pytest.mark.parametrize("name", ["dash", "bash", "busybox"])
def test_each_shell_adds_once_and_takes_back(
    name: str, host: Host, id_file: Path, tmp_path: Path
) -> None:
    how = shell(name, tmp_path)
    id_file.write_bytes(b"other\nno newline \xff")
    untouched, before = tree(host), HostFacts.parse(said(Look(host, ACCOUNT, OURS), **how))
    steps = (AddIdentity(host, ACCOUNT, OURS),) * 2 + (undo(host, before),) * 2

    words = [last_word(step, **how) for step in steps]

    assert words == ["changed", "same", "changed", "same"]
    assert tree(host) == untouched


def shell(name: str, tmp_path: Path) -> dict[str, str]:
    """How to run a script by this shell, as keyword arguments of the kit."""
    found = program(name)
    return only_busybox(tmp_path) if name == "busybox" else {"shell": found}


def only_busybox(tmp_path: Path) -> dict[str, str]:
    """A PATH with nothing but busybox's tools; Debian's has no flock, so mkdir locks there."""
    tools = tmp_path / "tools"
    tools.mkdir()
    subprocess.run(["busybox", "--install", "-s", str(tools)], check=True)
    return {"shell": str(tools / "sh"), "path": str(tools)}


@pytest.mark.parametrize("name", ["bash", "busybox"])
def test_two_moves_at_once_add_two_lines(
    name: str, host: Host, id_file: Path, tmp_path: Path
) -> None:
    how = shell(name, tmp_path)
    env = {"PATH": how.get("path", os.environ["PATH"])}
    ids = [f"app-{n}" for n in range(3)]

    moves: list[subprocess.Popen[str]] = [
        subprocess.Popen([how["shell"], "-s"], env=env, **PIPES) for _ in ids
    ]
    for move, custom_id in zip(moves, ids, strict=True):
        assert move.stdin
        with move.stdin:
            move.stdin.write(AddIdentity(host, ACCOUNT, custom_id).script)
    ends = [(move.wait(40), read(move)) for move in moves]

    assert ends == [(0, "")] * len(ids)
    assert sorted(id_file.read_text().split()) == ids
    assert sorted(path.name for path in Path(host.conf_dir).iterdir()) == [
        "user_defined_id",
        "users",
    ]


PIPES: dict[str, Any] = {
    "stdin": subprocess.PIPE,
    "stderr": subprocess.PIPE,
    "stdout": subprocess.DEVNULL,
    "text": True,
}


def read(move: subprocess.Popen[str]) -> str:
    assert move.stderr
    with move.stderr:
        return move.stderr.read()


def test_a_script_that_arrives_cut_off_changes_nothing(host: Host) -> None:
    script = AddIdentity(host, ACCOUNT, OURS).script
    for length in range(0, len(script) - len("main </dev/null\n"), 97):
        subprocess.run(["/bin/sh", "-s"], input=script[:length].encode(), capture_output=True)

    assert tree(host) == {}
