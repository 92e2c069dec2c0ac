"""What a card shows of its evidence, what its button stands for, and what is otherwise by now. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from time import gmtime, strftime

from workflows.model import Evidence, Facts, Plan, Record
from workflows.proof.comparison import Comparison
from workflows.proof.verdict import Verdict

NAMED = 10  # hosts that a line calls by name
QUOTED = 3  # lines of a plan, or sentences, in the word on what changed
LONGEST = 160  # characters of each
EQUAL = "equal: both sides hold the same lines"

ENGINES = {"sql": "sums of the service's own (SQL)", "pull": "reading every line of both sides"}


def digest(plan: Plan, evidence: Evidence) -> str:
    """The name of a card: another line of the plan, or another figure, and it is another one."""
    hosts = [asdict(host) for host in evidence.hosts]
    shown = [plan.lines, evidence.text, evidence.facts, evidence.substance, hosts]
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:12]


def kept(plan: Plan, evidence: Evidence, at: float, fresh: float) -> Facts:
    """What the approval's record keeps of a card; the evidence is fresh for so many seconds.

    Its figures, which may be many, are kept with the event.
    """
    return {
        "shown": digest(plan, evidence),
        "plan": list(plan.lines),
        "substance": list(evidence.substance),
        "at": at,
        "fresh": fresh,
    }


def plan_changed(record: Record, now: Plan) -> str:
    """Which lines the plan has lost and won since the card; "" if none."""
    was = _plan(record)
    if was is None:  # a card of before plans were kept: its name is that of the plan alone
        return "" if now.digest == record.shown else "the plan is no longer the one that was shown"
    if was == now.lines:
        return ""
    gone, came = _apart(was, now.lines)
    parts = [f"{what} {lines}" for what, lines in (("gone is", gone), ("new is", came)) if lines]
    told = "; ".join(parts) or "its lines stand in another order"
    return f"the plan is no longer the one that was shown: {told}"


def _plan(record: Record) -> tuple[str, ...] | None:
    before = record.before
    return tuple(before["plan"]) if before.get("shown") == record.shown else None


def substance_changed(record: Record, now: Evidence) -> str:
    """What the evidence said on the card and says otherwise now; "" if nothing. Counts may grow."""
    if record.before.get("shown") != record.shown:
        return ""
    gone, came = _apart(record.before["substance"], now.substance)
    if not gone and not came:
        return ""
    return (
        f"the evidence is not what was shown: before {gone or 'nothing'}, now {came or 'nothing'}"
    )


def _apart(was: Iterable[str], now: Iterable[str]) -> tuple[str, str]:
    """What stands in one only, either way; a line may be there twice."""
    before, after = Counter(was), Counter(now)
    return _quoted(before - after), _quoted(after - before)


def _quoted(lines: Counter[str]) -> str:
    every = list(lines.elements())
    more = f" and {len(every) - QUOTED} more" if len(every) > QUOTED else ""
    return ", ".join(f"“{_short(line)}”" for line in every[:QUOTED]) + more


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST].rstrip()}…"


def in_full(evidence: Evidence, without: Collection[str]) -> Evidence:
    """With the totals of what was compared, and the hosts that are not in them.

    They have all that the sentence of an equal comparison says, so that is not said twice.
    """
    if "comparison" not in evidence.facts:
        return evidence
    head = EQUAL if evidence.facts.get("verdict") == Verdict.EQUAL else evidence.text
    return replace(evidence, text="\n".join([head, *_totals(evidence.facts, without)]))


def _totals(facts: Facts, without: Collection[str]) -> list[str]:
    found = Comparison.of(facts["comparison"])
    return [
        f"Lines: {_sides(found)} in {len(found.minutes):,} minutes, {span(found)}",
        f"Hosts: {_hosts(facts, without)}",
        f"Missing: {_named(missing(facts)) or 'none'}",
        f"Doubled in the target: {found.doubled:,}{_restarts(found)}; {_others(found)}",
        f"Not counted: {found.overlap:,} lines from before the target's start, {_strange(found)}",
        f"Compared by {ENGINES.get(found.engine, found.engine)}",
    ]


def _sides(found: Comparison) -> str:
    if found.source == found.target:
        return f"source {found.source:,} = target {found.target:,}"
    return f"source {found.source:,}, target {found.target:,}"


def _hosts(facts: Facts, without: Collection[str]) -> str:
    wrote = set(facts["hosts"])
    expected = wrote | {*facts.get("expected", ())}
    parts = [f"{len(wrote):,} of {len(expected):,} compared"]
    parts += [f"idle {_named(facts['idle'])}"] if facts["idle"] else []
    parts += [f"left out {_named(without)}"] if without else []
    return "; ".join(parts)


def missing(facts: Facts) -> list[str]:
    """Hosts that should have written and did on neither side, nor is known why."""
    return sorted({*facts.get("expected", ())} - {*facts["hosts"]} - {*facts["idle"]})


def _restarts(found: Comparison) -> str:
    return f" ({found.restarts:,} as an agent began anew)" if found.restarts else ""


def _others(found: Comparison) -> str:
    return f"repeated in the source: {found.repeated:,}; late: {found.late:,}"


def _strange(found: Comparison) -> str:
    return f"{found.strange:,} of other hosts"


def _named(names: Collection[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - NAMED:,} more" if len(listed) > NAMED else ""
    return ", ".join(listed[:NAMED]) + more


def span(found: Comparison) -> str:
    """`2026-11-23 10:00 to 10:32 UTC`, with the second date and with seconds where they matter."""
    start, end = gmtime(found.start), gmtime(found.end)
    clock = "%H:%M" if start.tm_sec == end.tm_sec == 0 else "%H:%M:%S"
    until = clock if start[:3] == end[:3] else f"%Y-%m-%d {clock}"
    return f"{strftime(f'%Y-%m-%d {clock}', start)} to {strftime(until, end)} UTC"
