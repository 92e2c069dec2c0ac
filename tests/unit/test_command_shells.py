"""The scripts in the shells that hosts have, one after another and at the same time."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.needs import program
from tests.unit.shell_kit import (
    ACCOUNT,
    OURS,
    add,
    book,
    facts,
    last_word,
    said,
    tree,
    undo,
)
from workflows.apps import Host
from workflows.ports import Command
from workflows.steps.on_host.commands import AddIdentity, HostFacts, Look


@pytest.mark.parametrize("name", ["dash", "bash", "busybox"])
def test_each_shell_adds_once_and_takes_back(
    name: str, host: Host, id_file: Path, tmp_path: Path
) -> None:
    how = shell(name, tmp_path)
    id_file.write_bytes(b"other\nno newline \xff")
    untouched, before = tree(host), HostFacts.parse(said(Look(host, ACCOUNT, OURS), **how))
    steps = (add(host),) * 2 + (undo(host, before),) * 2

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
def test_moves_at_the_same_time_add_each_its_line_and_take_back_no_other(
    name: str, host: Host, id_file: Path, tmp_path: Path
) -> None:
    how = shell(name, tmp_path)
    id_file.write_text("theirs")
    apps = [("b", "one"), ("c", "two"), ("d", "two")]
    before = facts(host)
    untouched = tree(host)

    added = at_once([AddIdentity(host, app, ACCOUNT, custom) for app, custom in apps], how)
    lines = id_file.read_text().split()
    gone = at_once([undo(host, before, *each) for each in apps[:2]], how)
    left = id_file.read_text(), book(host)[-2:]
    last = at_once([undo(host, before, *apps[2])], how)

    assert (added, gone, last) == ([(0, "")] * 3, [(0, "")] * 2, [(0, "")])
    assert sorted(lines) == ["one", "theirs", "two"]
    assert left == ("theirs\ntwo\n", [f"use d account {ACCOUNT}", "use d custom two"])
    assert tree(host) == untouched


def at_once(commands: Sequence[Command], how: dict[str, str]) -> list[tuple[int, str]]:
    """Start all, then give each its script; how each ended, with its trouble."""
    env = {"PATH": how.get("path", os.environ["PATH"])}
    moves = [subprocess.Popen([how["shell"], "-s"], env=env, **PIPES) for _ in commands]
    for move, command in zip(moves, commands, strict=True):
        assert move.stdin
        with move.stdin:
            move.stdin.write(command.script)
    return [(move.wait(40), read(move)) for move in moves]


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
    script = add(host).script
    for length in range(0, len(script) - len("main </dev/null\n"), 97):
        subprocess.run(["/bin/sh", "-s"], input=script[:length].encode(), capture_output=True)

    assert tree(host) == {}
