"""Both sides compared, by the engine that can, and judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from workflows.collection.facts_of import own_time
from workflows.errors import Denied, NotYet
from workflows.model import Evidence, Facts, HostResult
from workflows.proof.comparison import Comparison
from workflows.proof.verdict import Judged, Verdict, judged
from workflows.step import Context
from workflows.steps import by_content, by_pull, by_sql
from workflows.steps.config import source_configs
from workflows.steps.doubles import began_anew, searched
from workflows.steps.drill import drilled
from workflows.steps.files import idle, looked
from workflows.steps.rereading import but_reread
from workflows.steps.roster import agents

ROWS = ("stop", "stop?", "proof")  # whose record may have how far a comparison came; newest first
SQL, PULL, CONTENT = "sql", "pull", "content"


@dataclass(frozen=True)
class Compared:
    """What was found, the verdict, and how far it came, as the job keeps it."""

    found: Comparison
    judged: Judged
    state: Facts
    expected: tuple[str, ...] = ()  # hosts that should write
    whole: Comparison | None = None  # with what agents sent again for one side only

    @property
    def evidence(self) -> Evidence:
        """For people, and with all figures."""
        return Evidence(self.text, self.hosts, self.facts, self.substance)

    @property
    def text(self) -> str:
        found = self.found
        span = f"{len(found.minutes)} minutes"
        parts = [f"{self.judged.verdict}: {found.source:,} = {found.target:,} lines in {span}"]
        if not self.judged.green:
            parts = [f"{self.judged.verdict}: {self.judged.why}"]
        return "; ".join([*parts, *_beside(found), *found.samples])

    @property
    def hosts(self) -> tuple[HostResult, ...]:
        rows = [
            HostResult(one.host, one.equal, said=f"{one.source:,} = {one.target:,} lines")
            for one in self.found.hosts
        ]
        idle = [HostResult(name, ok=True, said="wrote nothing") for name in self.judged.idle]
        return (*rows, *idle)

    @property
    def facts(self) -> Facts:
        return {
            "verdict": str(self.judged.verdict),
            "why": self.judged.why,
            "comparison": self.found.facts,
            "hosts": list(self.judged.hosts),
            "idle": list(self.judged.idle),
            "expected": list(self.expected),
        }

    @property
    def substance(self) -> tuple[str, ...]:
        """What must read the same at the click; counts may grow."""
        covered, idle = self.judged.hosts, self.judged.idle
        return (
            f"verdict: {self.judged.verdict}",
            f"hosts compared: {', '.join(covered) or 'none'}",
            f"hosts that wrote nothing: {', '.join(idle) or 'none'}",
            f"lines doubled in the target: {self.found.doubled}",
        )


def compare(context: Context, before: Facts | None = None) -> Compared:
    """Up to the newest settled minute. Raises NotYet after each share of the work.

    `before` is that of the step at work, which the engine may have saved only now.
    """
    found, state = _by_an_engine(context, progress(context, before or {}))
    context.jot({"state": state})
    whole, verdict = found, _judged(context, found, {})
    if verdict.verdict is Verdict.DIFFERENT and found.engine != CONTENT:
        found, whole, state = _but_reread(context, found, state)
        verdict = _judged(context, found, {})
    if verdict.verdict is Verdict.INCONCLUSIVE and (silent := _silent(context, found)):
        verdict = _judged(context, found, idle(looked(context, "silent", silent), found.start))
    if verdict.verdict is Verdict.DIFFERENT:
        found = replace(found, samples=drilled(context, found))
    return Compared(found, verdict, state, _expected(context), whole)


def _but_reread(
    context: Context, found: Comparison, state: Facts
) -> tuple[Comparison, Comparison, Facts]:
    """Without what agents that began anew sent once more for one side only; and with it.

    Only lines that are pulled tell which ones came again.
    """
    seen = looked(context, "reread", {one.host for one in found.differing})
    if found.engine == SQL and context.proving.engine != SQL and began_anew(found, seen, {}):
        found, state = _pulled(context, state)
    return but_reread(context, found, seen, state), found, state


def progress(context: Context, before: Facts) -> Facts:
    """How far an earlier look came; from the first minute that counts on where there was none."""
    rows = [before, *(context.known.get(row, {}) for row in ROWS)]
    if state := next((row["state"] for row in rows if row.get("state")), None):
        kept: Facts = state
        return kept
    length = context.waits.minute
    now = int(context.clock.now()) // length * length
    return {"from": next((row["from"] for row in rows if "from" in row), now)}


def _by_an_engine(context: Context, state: Facts) -> tuple[Comparison, Facts]:
    """SQL until it cannot see the lines whole; then they are pulled, and stay so."""
    if not all(own_time(body) for body in source_configs(context).values()):
        return by_content.compared(context, state)
    if context.proving.engine != PULL and state.get("engine") != PULL:
        try:
            return by_sql.compared(context, state)
        except (by_sql.Unseen, Denied) as why:  # the right to ask is not one that a move needs
            if context.proving.engine == SQL:
                raise NotYet(f"inconclusive: by SQL alone nothing can be told, {why}") from None
    return _pulled(context, state)


def _pulled(context: Context, state: Facts) -> tuple[Comparison, Facts]:
    found, state = by_pull.compared(context, {k: v for k, v in state.items() if k != "sql"})
    return found, {**state, "engine": PULL}


def _judged(context: Context, found: Comparison, idle: Mapping[str, str]) -> Judged:
    return judged(found, _expected(context), idle, context.waits.minutes, context.proving.least)


def _expected(context: Context) -> tuple[str, ...]:
    return tuple(name for name in agents(context) if name not in context.without)


def _silent(context: Context, found: Comparison) -> list[str]:
    heard = {one.host for one in found.hosts if one.source or one.target}
    return [name for name in _expected(context) if name not in heard]


def _beside(found: Comparison) -> list[str]:
    """What is counted apart."""
    told = {
        "in the target from before its start": found.overlap,
        "more than once in the target": found.doubled,
        "read again after an agent's restart": found.restarts,
        "of other hosts left alone": found.strange,
    }
    return [f"{number:,} lines {what}" for what, number in told.items() if number]


def with_doubles(context: Context, compared: Compared) -> Compared:
    """The same with the lines that the target has more than once, which are searched for."""
    whole = compared.whole or compared.found
    more = searched(context, whole, looked(context, "doubles"), compared.state)
    found = replace(
        compared.found, doubled=more.doubled, restarts=more.restarts, repeated=more.repeated
    )
    return replace(compared, found=found)
