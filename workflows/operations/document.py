"""The operations with an app's names and bodies filled in: the file beside a plan. Markdown.

People read it before they agree, in the channel, where Slack shows it as text; and so do reviews
and tickets. What a program may want, the bodies, stands in it as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflows.collection.secret import hidden
from workflows.model import Facts, Job
from workflows.operations.operation import Operation
from workflows.operations.table import PHASES, counted, phase_of

UNKNOWN = "(not known yet)"
MOST_HOSTS = 20  # named in one line
FOLDED = 200  # characters


class Names(dict[str, str]):
    """What the braces in `acts` stand for; a name that is not known yet says so."""

    def __missing__(self, key: str) -> str:
        return UNKNOWN


def document(job: Job, lines: Iterable[str], digest: str) -> str:
    """What each row and each operation would do for this app, by what the plan's checks saw."""
    known = {record.name: record.before for record in job.records}
    names = names_of(job, known)
    rows = [f"{number}. {_indented(line)}" for number, line in enumerate(lines, 1)]
    phases = [_phase(str(n), title, names, known) for n, title in enumerate(PHASES)]
    head = (
        f"# Plan `{digest}` for {job.app}, job {job.id}\n\nNothing was changed. What looks like a "
    )
    head += "secret is hidden here; it is carried over all the same."
    parts = [head, "## What each step would do", "\n".join(rows), *phases, counted()]
    return "\n\n".join(parts) + "\n"


def names_of(job: Job, known: Mapping[str, Facts]) -> Names:
    """By the names that `acts` uses; from the settings, and from what the checks saw."""
    names = Names({key.replace(".", "_"): name for key, name in job.names.items() if name})
    collections = known.get("source", {}).get("collections") or []
    found, hosts = known.get("source", {}).get("found") or {}, known.get("hosts", {})
    told = {
        "app": job.app,
        "source_configs": _listed(one["source"] for one in collections),
        "target_configs": _listed(one["target"] for one in collections),
        "source_groups": _listed(sorted({g for one in collections for g in one["groups"]})),
        "hosts": _few([host["name"] for host in hosts.get("roster", ())]),
        "account": str(hosts.get("account", "")),
        "region": str(found.get("region", "")) if isinstance(found, Mapping) else "",
    }
    names.update({key: name for key, name in told.items() if name})
    return names


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _few(hosts: Sequence[str]) -> str:
    more = len(hosts) - MOST_HOSTS
    return _listed(hosts[:MOST_HOSTS]) + (f" and {more} more" if more > 0 else "")


def folded(line: str) -> str:
    """What is strung together by semicolons, line by line where it is long."""
    return line if len(line) < FOLDED else line.replace("; ", "\n")


def _indented(line: str) -> str:
    return folded(line.strip()).replace("\n", "\n   - ")


def _phase(number: str, title: str, names: Names, known: Mapping[str, Facts]) -> str:
    told = [_operation(one, names, known) for one in phase_of(number)]
    return "\n\n".join([f"## {number}. {title}", *told])


def _operation(one: Operation, names: Names, known: Mapping[str, Facts]) -> str:
    lines = [f"### {one.number} {one.title}", ""]
    if one.missing:
        lines.append(f"- not done: {one.missing}")
    lines += [
        f"- row: {one.row or 'none'}",
        f"- on: {one.acts.format_map(names)}",
        f"- call: {one.call}",
        f"- taken back: {'yes' if one.undo else one.no_undo}",
    ]
    body = _at(known, one.body) if one.body else None
    return "\n".join(lines) + (f"\n\n{_json(body)}" if body else "")


def _at(known: Mapping[str, Any], path: str) -> Any:
    found: Any = known
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _json(body: Any) -> str:
    return f"```json\n{json.dumps(hidden(body), indent=2, ensure_ascii=False)}\n```"
