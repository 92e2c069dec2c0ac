"""The rules of the agent's model: what each says, where it comes from, which code and test hold it.

`python -m sandbox.hosts.rules` prints the table as Markdown; a test holds RULES.md to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.hosts.rule import Rule
from sandbox.hosts.rules_files import FILES
from sandbox.hosts.rules_host import HOST
from sandbox.hosts.rules_limits import LIMITS
from sandbox.hosts.rules_lines import LINES

if TYPE_CHECKING:
    from collections.abc import Iterable

PARTS = (
    ("The host and the agent's life", HOST),
    ("Limits, clocks and ages", LIMITS),
    ("Files and places", FILES),
    ("Lines", LINES),
)
RULES: tuple[Rule, ...] = tuple(rule for _, rules in PARTS for rule in rules)
HEAD = """# Rules of the agent's model

What the model of Logtail and LoongCollector does, and why. A source that begins with `core/` is a
file of github.com/alibaba/loongcollector at the tags v1.8.8, v2.0.7, v3.0.5 or v3.3.5; `help:` is a
page of Alibaba Cloud's documentation. Functions lie in `sandbox`, tests in `tests/unit`.

Where the sources leave a question open, it is a switch: `Machine.delivered_in` (where delivered
configs lie from 2.0 on), `env_ids` in `versions.TABLE`, `overload_kills` of an agent (does the
restart end cleanly). What a byte costs in CPU is a model: `strain.Cost`.

Not modelled: the end of a place after 30 days, the buffer files of what is not
sent, containers. A place is what was sent, where the real agent keeps what was read and not sent in
memory: killed while lines are refused it may lose those. Files are not held open, so what nobody
had read of a removed one is lost (the journal says so). After a restart the real agent works by the
configs on its disk until it hears of new ones; this one waits for its first heartbeat. The agent is
no process of the machine; the tools of the host (`ps` and others in its usr/local/bin) show it as two.

Written by `python -m sandbox.hosts.rules`.
"""


def markdown() -> str:
    """Return the whole table."""
    parts = [f"## {title}\n\n{_table(rules)}" for title, rules in PARTS]
    return "\n".join((HEAD, *parts))


def _table(rules: Iterable[Rule]) -> str:
    head = ("rule", "says", "source", "versions", "function", "test")
    lines = [_line(head), _line("---" for _ in head)]
    return "".join((*lines, *(_line(_cells(rule)) for rule in rules)))


def _cells(rule: Rule) -> tuple[str, ...]:
    function = rule.function.removeprefix("sandbox.")
    return (rule.name, rule.says, rule.source, rule.versions, f"`{function}`", f"`{rule.test}`")


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


if __name__ == "__main__":
    print(markdown(), end="")
