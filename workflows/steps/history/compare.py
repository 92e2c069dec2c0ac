"""The past of both sides compared: counts and checksums by span of time and host, three-valued.

Lines count by their own time, from a quarter of an hour after the window's start (before that, lines
of the window and older ones lie side by side) up to the edge from which on the move itself has
proven that both sides hold the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflows.errors import StepFailed
from workflows.model import Evidence, Facts, quoted
from workflows.proof.cells import Cell
from workflows.proof.comparison import Comparison, Differing, HostCount, Minute
from workflows.proof.verdict import Judged, Verdict, judged
from workflows.step import Context
from workflows.steps.behind import clock
from workflows.steps.filling import many
from workflows.steps.history.drill import drilled
from workflows.steps.history.sums import Key, Sums, fresh, summed

INCONCLUSIVE = "Nothing is known to lack. Roll back ends the job; what is copied stays."


def begin(context: Context) -> Facts:
    """`before`: nothing is summed up yet."""
    return {"sums": fresh(context).facts}


def anew(context: Context, before: Facts) -> None:
    """Whoever tries again wants to know how it is now."""
    context.keep(begin(context))


def equal(context: Context, before: Facts) -> Evidence:
    """Equal, or StepFailed with where they differ and what of it."""
    sums = summed(context, Sums.of(before["sums"]))
    found = _comparison(context, sums)
    verdict = judged(found, (), {}, 1, 1)
    if verdict.verdict is Verdict.INCONCLUSIVE:
        raise StepFailed(f"inconclusive: {_nothing(sums)}", INCONCLUSIVE)
    if not verdict.green:
        raise StepFailed(_different(found), _way_out(context, found))
    text = (
        f"equal: {many(found.target)} on both sides, of {len(verdict.hosts)} hosts, from "
        f"{clock(found.start)} to {clock(found.end)}, every {sums.span} s"
    )
    return Evidence(text, facts=_facts(found, verdict))


def _comparison(context: Context, sums: Sums) -> Comparison:
    source, target = sums.cells["source"], sums.cells["target"]
    hosts = {host for _, host in source}
    keys = sorted(key for key in {*source, *target} if key[1] in hosts)
    unequal = [key for key in keys if not _minus(target, source, key).nothing]
    more = [_minus(target, source, key).lines for key in unequal]
    lacking = drilled(context, [(at, at + sums.span, host) for at, host in unequal])
    return Comparison(
        engine="pull",
        start=sums.start,
        end=sums.end,
        minutes=_minutes(keys, source, target, set(unequal)),
        hosts=_hosts(context, keys, source, target, set(unequal)),
        differing=tuple(
            Differing(at, _name(context, host), "", _lines(source, (at, host)), n)
            for at, host in unequal[:100]
            for n in [_lines(target, (at, host))]
        ),
        doubled=sum(n for n in more if n > 0),
        strange=sum(cell.lines for key, cell in target.items() if key[1] not in hosts),
        samples=lacking,
    )


def _minus(one: Mapping[Key, Cell], other: Mapping[Key, Cell], key: Key) -> Cell:
    return one.get(key, Cell()).minus(other.get(key, Cell()))


def _lines(cells: Mapping[Key, Cell], key: Key) -> int:
    return cells.get(key, Cell()).lines


def _minutes(
    keys: Iterable[Key], source: Mapping[Key, Cell], target: Mapping[Key, Cell], unequal: set[Key]
) -> tuple[Minute, ...]:
    found: dict[int, list[Key]] = {}
    for key in keys:
        found.setdefault(key[0], []).append(key)
    return tuple(
        Minute(
            at,
            sum(_lines(source, key) for key in each),
            sum(_lines(target, key) for key in each),
            equal=not unequal & set(each),
        )
        for at, each in found.items()
    )


def _hosts(
    context: Context,
    keys: Iterable[Key],
    source: Mapping[Key, Cell],
    target: Mapping[Key, Cell],
    unequal: set[Key],
) -> tuple[HostCount, ...]:
    found: dict[str, list[Key]] = {}
    for key in keys:
        found.setdefault(key[1], []).append(key)
    return tuple(
        HostCount(
            _name(context, host),
            sum(_lines(source, key) for key in each),
            sum(_lines(target, key) for key in each),
            equal=not unequal & set(each),
        )
        for host, each in sorted(found.items())
    )


def _name(context: Context, address: str) -> str:
    """Hosts of the past may be gone: then the address is all there is."""
    return str(context.asked.get("hosts", {}).get(address, address))


def _different(found: Comparison) -> str:
    lacking = sum(max(0, one.source - one.target) for one in found.differing)
    parts = [f"{many(lacking)} lack in the target"] * bool(lacking)
    parts += [f"{many(found.doubled)} are there more than once"] * bool(found.doubled)
    parts += [
        f"{quoted(one.host)} {clock(one.minute)} source {one.source}, target {one.target} lines"
        for one in found.differing[:3]
    ]
    return f"different from {clock(found.differing[0].minute)} on: " + "; ".join(
        [*parts, *found.samples]
    )


def _way_out(context: Context, found: Comparison) -> str:
    again = f"/logmigrate history {context.app.name} copies what still lacks, and nothing twice"
    if any(one.source > one.target for one in found.differing):
        return f"Retry compares anew. Or Roll back, and then {again}."
    return (
        "Nothing is lost: a job of the service writes a batch anew where it was cut off. A line "
        "cannot be taken out of a logstore. Roll back ends this and deletes the copying job."
    )


def _nothing(sums: Sums) -> str:
    if sums.start >= sums.end:
        return "the time that was copied is too short, or its lines too old, to be compared"
    return f"no line of {clock(sums.start)} to {clock(sums.end)} on either side"


def _facts(found: Comparison, verdict: Judged) -> Facts:
    return {
        "comparison": found.facts,
        "verdict": str(verdict.verdict),
        "judged": {"why": verdict.why, "hosts": list(verdict.hosts), "idle": []},
    }


def would(context: Context, before: Facts) -> str:
    return "compare the past of both sides"


def nothing_to_undo(context: Context, before: Facts) -> str:
    return "comparing changed nothing"
