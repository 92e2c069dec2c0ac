"""The table of the agent's rules is complete, and RULES.md is that table."""

from __future__ import annotations

import importlib
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from sandbox.hosts import rules
from sandbox.hosts.rule import Rule
from sandbox.hosts.rules import RULES, markdown

HERE = Path(__file__).parent
SOURCE = re.compile(r"core/[\w/]+\.(cpp|h)( .+)?|help: .+")


def there(dotted: str) -> bool:
    """Say whether a dotted name leads to something: a module, then attributes of it."""
    parts = dotted.split(".")
    cut = next(cut for cut in range(len(parts), 0, -1) if find_spec_of(parts[:cut]))
    found: object = importlib.import_module(".".join(parts[:cut]))
    for name in parts[cut:]:
        found = getattr(found, name, None)
    return found is not None


def find_spec_of(parts: list[str]) -> bool:
    """Say whether these parts are a module."""
    try:
        return find_spec(".".join(parts)) is not None
    except ModuleNotFoundError:  # a part before the last is no package
        return False


def test_there_are_at_least_25_rules_and_each_has_its_own_name() -> None:
    names = {rule.name for rule in RULES}

    assert len(names) == len(RULES) >= 25


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_names_a_source_a_function_and_a_test_that_exist(rule: Rule) -> None:
    file, test = rule.test.split("::")

    assert all(SOURCE.fullmatch(part) for part in rule.source.split("; "))
    assert there(rule.function)
    assert f"def {test}(" in (HERE / file).read_text(encoding="utf-8")
    assert rule.says.endswith(".")


def test_a_name_that_leads_nowhere_is_found_out() -> None:
    found = [there(f"sandbox.hosts.{name}") for name in ("rule", "rule.Rule", "rule.Law", "law")]

    assert found == [True, True, False, False]


def test_rules_md_is_the_table() -> None:
    written = Path(rules.__file__).with_name("RULES.md").read_text(encoding="utf-8")

    assert written == markdown(), "write it anew: python -m sandbox.hosts.rules > …/RULES.md"
