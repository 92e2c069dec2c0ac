"""All operations, and the table of them that people read."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.operations.discover import DISCOVER
from workflows.operations.handover import HANDOVER
from workflows.operations.history import HISTORY
from workflows.operations.hosts import HOSTS
from workflows.operations.operation import Operation
from workflows.operations.target import TARGET

OPERATIONS = (*DISCOVER, *HOSTS, *TARGET, *HANDOVER, *HISTORY)
PHASES = (
    "Look at everything, plan",
    "The hosts' identity",
    "Machine group and heartbeat",
    "Logstore and index",
    "Config",
    "Hand-over",
    "Approval, and the end of the source's config",
    "Lines from before",
)


def table() -> str:
    """Markdown: a table per phase, and how many operations are done."""
    parts = [_phase(str(number), title) for number, title in enumerate(PHASES)]
    return "\n\n".join([*parts, counted()])


def counted() -> str:
    """How many of the operations the product does whole."""
    done = sum(operation.done for operation in OPERATIONS)
    return f"operations: {done} of {len(OPERATIONS)}"


def phase_of(number: str) -> tuple[Operation, ...]:
    return tuple(one for one in OPERATIONS if one.number.startswith(f"{number}."))


def _phase(number: str, title: str) -> str:
    head = (
        "| | operation | row | call | done by | proven by | taken back by |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    )
    return "\n".join([f"## {number}. {title}", "", *head, *map(_row, phase_of(number))])


def _row(one: Operation) -> str:
    title = one.title if one.done else f"{one.title}. *Missing: {one.missing}*"
    verify = _code([one.verify]) if one.verify else one.unverified
    undo = _code([one.undo]) if one.undo else one.no_undo
    cells = (one.number, title, one.row or "–", one.call, _code(one.does) or "–", verify, undo)
    return f"| {' | '.join(cells)} |"


def _code(paths: Iterable[str]) -> str:
    return ", ".join(f"`{path}`" for path in paths)
