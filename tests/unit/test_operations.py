"""The 49 operations: each names what exists, and the page of them is what the program prints."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from workflows.logmigrate import LOGMIGRATE
from workflows.operations.operation import Operation
from workflows.operations.table import OPERATIONS, PHASES, counted, table

DOCS = Path(__file__).parents[2] / "docs"
IN_PHASES = (6, 6, 5, 5, 7, 6, 7, 7)
ANYWHERE = {"", "plan", "diagnosis", "every row"}
EVERY = (*LOGMIGRATE.steps, *(row for rows in LOGMIGRATE.also.values() for row in rows))


def found(path: str) -> Any:
    """What a dotted path leads to: a module, or something in it."""
    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        try:
            thing: Any = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for name in parts[end:]:
            thing = getattr(thing, name)
        return thing
    raise AssertionError(path)


def test_there_are_as_many_operations_as_the_procedure_has() -> None:
    numbers = [one.number for one in OPERATIONS]
    expected = [f"{p}.{n}" for p, count in enumerate(IN_PHASES) for n in range(1, count + 1)]

    assert numbers == expected
    assert len(numbers) == 49
    assert len(PHASES) == len(IN_PHASES)


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: one.number)
def test_every_function_that_an_operation_names_exists(one: Operation) -> None:
    assert [path for path in one.functions if not found(path)] == []


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: one.number)
def test_an_operation_lies_in_rows_that_there_are(one: Operation) -> None:
    rows = {row.name for row in EVERY}

    assert set(one.row.split(", ")) <= rows | ANYWHERE
    assert one.row or one.missing


def test_the_undo_of_an_operation_is_that_of_its_rows() -> None:
    for one in OPERATIONS:
        undoing = one.undo and one.row not in ANYWHERE
        rows = [LOGMIGRATE[name] for name in one.row.split(", ")] if undoing else []

        assert all(getattr(row, "undo", None) for row in rows), one.number


def test_an_operation_without_proof_or_undo_or_reason_cannot_be_made() -> None:
    with pytest.raises(TypeError, match=r"9\.9 needs its proof"):
        Operation(number="9.9", title="x", call="x", does=("workflows",))
    with pytest.raises(TypeError, match=r"9\.9 needs what does it"):
        Operation(number="9.9", title="x", call="x", unverified="x", no_undo="x")


def test_what_is_missing_is_not_counted() -> None:
    missing = [one for one in OPERATIONS if one.missing]

    assert missing
    assert counted() == f"operations: {49 - len(missing)} of 49"
    for one in missing:
        assert f"*Missing: {one.missing}*" in table()


def test_the_page_is_what_the_program_prints(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["operations"])
    printed = capsys.readouterr().out

    assert status == 0
    assert printed.splitlines()[-1].startswith("operations: ")
    written = (DOCS / "operations.md").read_text(encoding="utf-8")
    assert written.endswith(f"\n{printed}"), "logmigrate operations prints what belongs there"
