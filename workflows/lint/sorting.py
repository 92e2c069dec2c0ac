"""Findings in an order that does not depend on how they were found."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.lint import Finding, Level

_LEVELS = list(Level)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each once; errors first, then by object and field."""
    return tuple(sorted(set(findings), key=_place))


def _place(one: Finding) -> tuple[int, str, str, str, str]:
    return (_LEVELS.index(one.level), one.thing, one.path, one.text, one.hint)
