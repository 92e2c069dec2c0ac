"""Both sides compared, by the engine that can, and judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from workflows.collection.facts_of import own_time
from workflows.errors import Denied, NotYet
from workflows.model import Evidence, Facts, HostResult
from workflows.proof.comparison import Comparison
from workflows.proof.verdict import SHOWN, Judged, Verdict, judged
from workflows.step import Context
from workflows.steps import by_content, by_pull, by_sql
from workflows.steps.around import addresses
from workflows.steps.config import source_configs
from workflows.steps.doubles import searched
from workflows.steps.drill import drilled
from workflows.steps.files import idle, looked
from workflows.steps.rereading import but_reread
from workflows.steps.roster import agents
from workflows.steps.sent_again import explained

ROWS = ("stop", "stop?", "proof")  # whose record may have how far a comparison came; newest first
LATELY = 900  # seconds
SQL, PULL, CONTENT = "sql", "pull", "content"
WAY_OUT = {
    Verdict.DIFFERENT: "A line that comes late heals it, then Retry; where one is lost or doubled no "
    "Retry does: Roll back, remove the cause, and start again.",
    Verdict.INCONCLUSIVE: "A host that sends nothing: diagnose it, or start again without it. Lines that "
    "come late at every look: an agent is slow or its clock is behind; put that right, or raise "
    "waits.settle. Then Retry, or Roll back.",
}


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
        sides = f"{found.source:,} = {found.target:,}"
        if found.source != found.target:  # but for what an agent read again for one of them
            sides = f"source {found.source:,}, target {found.target:,}"
        parts = [f"{self.judged.verdict}: {sides} lines in {span}"]
        if not self.judged.green:
            parts = [f"{self.judged.verdict}: {self.judged.why}"]
        return "; ".join([*parts, *_beside(found), *found.samples])

    @property
    def hosts(self) -> tuple[HostResult, ...]:
        rows = [HostResult(one.host, one.equal, said=one.said) for one in self.found.hosts]
        idle = [HostResult(name, ok=True, said="wrote nothing") for name in self.judged.idle]
        return (*rows, *idle)

    @property
    def way_out(self) -> str:
        """Where it stays as it is."""
        return "" if self.judged.green else WAY_OUT[self.judged.verdict]

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
        """What must read the same at the click, each host by itself; counts may grow."""
        return (
            f"verdict: {self.judged.verdict}",
            *(f"{host} was compared" for host in self.judged.hosts),
            *(f"{host} wrote nothing" for host in self.judged.idle),
            f"lines doubled in the target: {self.found.doubled}",
        )


def compare(context: Context, before: Facts | None = None) -> Compared:
    """Up to the newest settled minute. Raises NotYet after each share of the work.

    `before` is that of the step at work, which the engine may have saved only now.
    """
    found, state = _by_an_engine(context, progress(context, before or {}))
    context.remember({"state": state})
    whole, verdict = found, _judged(context, found, {})
    if verdict.verdict is not Verdict.EQUAL and found.engine == CONTENT:
        found, state = explained(context, found, state)
        whole, verdict = found, _judged(context, found, {})
        context.remember({"state": state})
    elif verdict.verdict is Verdict.DIFFERENT:
        found = _but_reread(context, found, state)
        verdict = _judged(context, found, {})
    if verdict.verdict is Verdict.INCONCLUSIVE and (silent := _silent(context, found)):
        verdict = _judged(context, found, idle(looked(context, "silent", silent), found.start))
        verdict = _with_namesakes(context, verdict, silent)
    if verdict.verdict is Verdict.INCONCLUSIVE and (late := _late(found, state)):
        verdict = replace(verdict, why=f"{verdict.why}; often late: {', '.join(late[:SHOWN])}")
    if verdict.verdict is Verdict.DIFFERENT:
        found = replace(found, samples=drilled(context, found))
    return Compared(found, verdict, state, _expected(context), whole)


def _late(found: Comparison, state: Facts) -> list[str]:
    """Hosts of which lines came late lately: their agents are slow, or their clocks behind."""
    lates = state.get("pull", {}).get("lates", {})
    return [host for host, minutes in lates.items() if max(minutes) >= found.end - LATELY]


def _with_namesakes(context: Context, verdict: Judged, silent: list[str]) -> Judged:
    """Names a host that is silent because its lines count as those of another one."""
    names, known = addresses(context), agents(context)
    told = (
        f"{name} has the address {ip} as {names[ip]} has, so nobody can tell whose its lines are: "
        "give its agent one of its own (working_ip)"
        for name in silent
        if names.get(ip := str(known[name]["ip"]), name) != name
    )
    if verdict.green or not (first := next(told, "")):
        return verdict
    return replace(verdict, why=f"{verdict.why}; {first}")


def _but_reread(context: Context, found: Comparison, state: Facts) -> Comparison:
    """Without what agents that began anew sent once more for one side only."""
    seen = looked(context, "reread", {one.host for one in found.differing})
    return but_reread(context, found, seen, state)


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
    """SQL until it cannot see the lines whole; then they are pulled, and stay so.

    What it calls different may only not be indexed (yet), and what came late may be of other hosts,
    so then too the lines themselves decide.
    """
    if not all(own_time(body) for body in source_configs(context).values()):
        return by_content.compared(context, state)
    if context.proving.engine != PULL and state.get("engine") != PULL:
        try:
            found, further = by_sql.compared(context, state)
            equal = all(minute.equal for minute in found.minutes) and not found.late
            if equal or context.proving.engine == SQL:
                return found, further
        except (by_sql.Unseen, Denied) as why:  # the right to ask is not one that a move needs
            if context.proving.engine == SQL:
                raise NotYet(f"inconclusive: by SQL alone nothing can be told, {why}") from None
    return _pulled(context, state)


def _pulled(context: Context, state: Facts) -> tuple[Comparison, Facts]:
    """The state says so itself, also where it is saved in between."""
    return by_pull.compared(context, {k: v for k, v in state.items() if k != "sql"})


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
