"""What `plan` says: each step looked at, nothing changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workflows.errors import JobError, NotYet, StoreAway, Unavailable
from workflows.hints import for_a_plan
from workflows.model import Facts, Job, JobKind
from workflows.step import Approval, Context, Step, Workflow

# What differs from one look to the next although nothing was changed: the service's stamps, and
# the moment of a look itself.
STAMPS = frozenset({"createTime", "lastModifyTime", "modifyTime"})
MOMENTS = frozenset({"at", "from", "soak_until", "figures", "heard"})
TOLD = "findings"  # sentences about what was seen
_COUNT = r"\d[\d,.]*"
_PASSING = re.compile(
    rf"\d{{4}}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?( ?UTC|Z)?|\d\d:\d\d:\d\dZ|{_COUNT} ?(s|min|h) ago"
    rf"|in {_COUNT} (s|min|h)\b|{_COUNT} (of {_COUNT} )?(\w+ )?(line|sample)s?\b"
    rf"|{_COUNT} = {_COUNT}|(?m:^forecast, .*$)"
)


@dataclass(frozen=True)
class Drawn:
    """A plan: a line or more for each row, and what every check saw, by row."""

    lines: tuple[str, ...]
    known: Mapping[str, Facts]

    @property
    def digest(self) -> str:
        """The same for the same state, whenever one looks; another as soon as a field differs."""
        seen = {
            row: {key: value for key, value in before.items() if key not in MOMENTS}
            for row, before in self.known.items()
        }
        stable = [_lasting(self.lines, told=True), _lasting(seen)]
        written = json.dumps(stable, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(written.encode()).hexdigest()[:12]

    def kept(self, job: Job) -> Job:
        """The job with what was seen, closed like every snapshot; its file is made of it."""
        for name, before in self.known.items():
            job = job.noted(name, before=before)
        return job


def draw(workflow: Workflow, context: Context) -> Drawn:
    """Look at each row: already so, what it would do, or what stands in its way.

    Where the first row only looks and does not get through, the others have nothing to go by.
    """
    known: dict[str, Facts] = {}  # later steps build upon what the earlier ones saw
    context = replace(context, known=known)
    lines: list[str] = []
    rows = workflow.rows(JobKind.PLAN, context.route)
    for row in rows:
        lines.append(_line(row, context, known, lines))
        if row is rows[0] and isinstance(row, Step) and _lost(row, known):
            rest = (f"{later.title.rstrip('?')}: not looked at before that" for later in rows[1:])
            return Drawn((*lines, *rest), known)
    return Drawn(tuple(lines), known)


def _lost(row: Step, known: Mapping[str, Facts]) -> bool:
    return row.looks and row.name not in known


def _line(
    row: Step | Approval, context: Context, known: dict[str, Facts], before: Sequence[str]
) -> str:
    if isinstance(row, Approval):
        asked, *shown = _question(row, context)
        said = _pieces(before)  # a card must say it all; a plan need not say it twice
        return "\n".join([asked, *(line for line in shown if not _pieces([line]) <= said)])
    context.say(row.title)
    return f"{row.title}: {_outlook(row, context, known)}"


def _pieces(lines: Sequence[str]) -> set[str]:
    return {piece for line in lines for piece in re.split(r"; |\n", line)}


def _question(approval: Approval, context: Context) -> Iterator[str]:
    """That somebody is asked, and to what they would agree, as far as that can be told now."""
    try:
        if not approval.needed(context):
            yield f"{approval.title} Not needed."
            return
        shown = approval.show(context).lines
    except (Unavailable, StoreAway):
        raise
    except JobError:
        shown = ()
    yield f"{approval.title} An approver other than the requester decides."
    yield from shown


def _outlook(step: Step, context: Context, known: dict[str, Facts]) -> str:
    try:
        before = step.check(context)
        known[step.name] = before
        try:
            found = step.verify(context, before).text
            return found if step.looks else f"already so, {found}"
        except NotYet:
            return step.would(context, before)
    except (Unavailable, StoreAway):
        raise
    except JobError as trouble:
        return _in_the_way(str(trouble).rstrip("."), for_a_plan(trouble.hint))


def _in_the_way(text: str, hint: str) -> str:
    """In one line, or with the hint below where there are more."""
    if "\n" in text:
        return "\n".join(filter(None, (f"in the way: {text}", hint)))
    return f"in the way: {text}. {hint}".rstrip()


def _lasting(seen: Any, *, told: bool = False) -> Any:
    """Without stamps; and without counts in what is `told` about it, but never in the thing."""
    if isinstance(seen, dict):
        kept = {key: value for key, value in seen.items() if key not in STAMPS}
        return {key: _lasting(value, told=told or key == TOLD) for key, value in kept.items()}
    if isinstance(seen, list | tuple):
        return [_lasting(value, told=told) for value in seen]
    return _PASSING.sub("…", seen) if told and isinstance(seen, str) else seen
