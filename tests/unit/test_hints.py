"""Ways out of a stopped job, and what becomes of them in a plan."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import workflows
from workflows.hints import by_settings, for_a_plan

HOME = Path(workflows.__file__).parent
PRESSED = re.compile(r"Retry|Roll back|start again")


def said() -> Iterator[str]:
    """Each piece of text in the product's rows and checks that speaks of going on or back."""
    for folder in ("steps", "lint", "collection"):
        for path in sorted((HOME / folder).rglob("*.py")):
            if "history" in path.parts:  # its rows are in no plan
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and PRESSED.search(str(node.value)):
                    yield str(node.value)


@pytest.mark.parametrize(
    ("hint", "planned"),
    [
        ("Retry looks again.", "Plan again."),
        ("Make it equal and Retry; or Roll back.", "Make it equal and plan again."),
        (
            "Make it equal and Retry; or Roll back, set apps.a.x to a free name, and start again.",
            "Make it equal and plan again; or set apps.a.x to a free name, and plan again.",
        ),
        (by_settings("correct apps.a.x"), "Correct apps.a.x, and plan again."),
        ("Its hosts: h1. Roll back, and start again.", "Its hosts: h1. Plan again."),
        ("Give it to log:ListConfig.", "Give it to log:ListConfig."),
        ("", ""),
    ],
)
def test_a_plan_is_made_again_where_a_job_is_retried_or_begun_anew(hint: str, planned: str) -> None:
    assert for_a_plan(hint) == planned


def test_no_way_out_speaks_of_buttons_that_a_plan_does_not_have() -> None:
    hints = tuple(said())

    assert len(hints) > 30
    assert [hint for hint in hints if PRESSED.search(for_a_plan(hint))] == []
