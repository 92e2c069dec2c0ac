"""Nothing gets into a script but our own shell and quoted values."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workflows.steps
from workflows.steps.on_host.shell import Script, Secret, Shell, Word

PRINT = Shell('printf %s "$value"')
STEPS = Path(workflows.steps.__path__[0])


@given(value=st.text(st.characters(blacklist_characters="\0", codec="utf-8"), max_size=20))
def test_a_value_arrives_as_it_was(value: str) -> None:
    script = Script(PRINT, (), (("value", Word(value)),))

    out = subprocess.run(["/bin/sh", "-s"], input=script.sent.encode(), capture_output=True).stdout

    assert out == value.encode()


def test_a_secret_is_sent_and_not_printed() -> None:
    script = Script(PRINT, (), (("value", Word(Secret("hunter2"))),))

    assert "hunter2" in script.sent
    assert "hunter2" not in f"{script} {script!r} {Secret('hunter2')!r}"
    assert "value=***" in str(script)


@pytest.mark.parametrize("part", ["rm -rf /", Word("rm")])
def test_only_shell_of_ours_is_a_part(part: Shell) -> None:
    with pytest.raises(TypeError, match="only Shell and Word"):
        Script(PRINT, (part,), ())


def test_only_a_word_is_a_value() -> None:
    raw: Word = "$(id)"  # type: ignore[assignment]

    with pytest.raises(TypeError, match="only Shell and Word"):
        Script(PRINT, (), (("value", raw),))


def test_a_name_cannot_bring_shell_along() -> None:
    with pytest.raises(ValueError, match="no variable's name"):
        Script(PRINT, (), (("x; id; y", Word("1")),))


def test_a_nul_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        Word("a\0b")


def test_shell_is_made_of_constants_alone() -> None:
    made = [
        (path.name, call.lineno, call.args)
        for path in STEPS.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Shell"
    ]
    wrong = [
        f"{name}:{line}"
        for name, line, args in made
        if len(args) != 1 or not isinstance(args[0], ast.Constant)
    ]

    assert made
    assert wrong == []
