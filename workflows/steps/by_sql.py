"""Both sides compared by the service's own SQL, minute by minute, as far as it shows whole lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace

from workflows.errors import StepFailed
from workflows.model import Facts
from workflows.ports import Sls
from workflows.proof.cells import Cell, Place
from workflows.proof.comparison import Comparison, Differing, HostCount, Minute
from workflows.proof.query import Question, Unseen, question
from workflows.step import Context
from workflows.steps.behind import closed
from workflows.steps.config import source_configs
from workflows.steps.roster import agents

ROWS = 50_000  # of one answer, about; each is a minute of an agent
DIFFERING = 100

__all__ = ["Unseen", "asked_of", "compared"]


@dataclass(frozen=True)
class Sofar:
    """What was compared, as the job keeps it: `done` is the end of the minutes that are equal."""

    start: int
    done: int
    minutes: tuple[tuple[int, int], ...] = ()  # start and lines, of the equal ones
    hosts: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # lines and newest minute
    strange: int = 0
    counted: tuple[int, int] = (0, 0)  # all lines that SQL saw of each side, from `start` to `done`

    @classmethod
    def of(cls, state: Facts) -> Sofar:
        kept = state.get("sql")
        return cls(**kept) if kept else cls(state["from"], state["from"])

    @property
    def state(self) -> Facts:
        return {"from": self.start, "sql": asdict(self)}


@dataclass(frozen=True)
class Rest:
    """From the first minute on that is not equal: those that are not, and both sides by host."""

    minutes: tuple[Minute, ...] = ()
    differing: tuple[Differing, ...] = ()
    hosts: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)  # and newest minute


def compared(context: Context, state: Facts) -> tuple[Comparison, Facts]:
    """See ports of the design: up to the newest settled minute. Raises Unseen, and NotYet."""
    asked, sofar = asked_of(context), Sofar.of(state)
    sofar, late = _still_so(context, sofar)
    end = max(closed(context), sofar.done)
    rest = Rest()
    while sofar.done < end and not rest.minutes:
        stop = min(end, sofar.done + _span(context))
        sofar, rest = _further(context, asked, sofar, stop)
        context.say(f"comparing minutes, {len(sofar.minutes)} of them equal so far")
    if short := _unseen(context, sofar):
        if late:  # not those that came late: all was asked anew just now
            raise Unseen(f"{short} lines are counted that it does not show")
        late = short
    found = _comparison(sofar, rest)
    return replace(found, late=late, start=sofar.start, end=end), sofar.state


def asked_of(context: Context) -> Question:
    """Raises Unseen where SQL does not show the app's lines whole."""
    app = context.app
    made = (context.target.config(one.target, one.form) for one in context.collections)
    bodies = [*source_configs(context).values(), *(body for body in made if body)]
    indexes = (
        context.source.index(app.source.logstore),
        context.target.index(app.target.logstore),
    )
    return question(bodies, indexes)


def _span(context: Context) -> int:
    """Seconds of one answer: whole minutes."""
    return max(1, ROWS // max(1, len(agents(context)))) * context.waits.minute


def _still_so(context: Context, sofar: Sofar) -> tuple[Sofar, int]:
    """From the first minute anew where lines came late for minutes that were equal; how many."""
    late = _unseen(context, sofar)
    return (Sofar(sofar.start, sofar.start), late) if late else (sofar, 0)


def _unseen(context: Context, sofar: Sofar) -> int:
    """Lines that the service counts beyond those that SQL saw.

    They came since, or are from before the fields were analysed, perhaps on both sides.
    """
    if sofar.start >= sofar.done:
        return 0
    app, span = context.app, (sofar.start, sofar.done)
    source = context.source.count(app.source.logstore, *span) - sofar.counted[0]
    return max(0, source, context.target.count(app.target.logstore, *span) - sofar.counted[1])


def _further(context: Context, asked: Question, sofar: Sofar, stop: int) -> tuple[Sofar, Rest]:
    """The minutes up to the first that is not equal, and what those hold that are not."""
    app, length = context.app, context.waits.minute
    source = _cells(context, context.source, app.source.logstore, asked, (sofar.done, stop))
    target = _cells(context, context.target, app.target.logstore, asked, (sofar.done, stop))
    names = _names(context)
    differing = tuple(
        Differing(place.minute, names[place.host], "", _lines(source, place), _lines(target, place))
        for place in sorted({*source, *target})
        if place.host in names and source.get(place) != target.get(place)
    )
    first = min((one.minute for one in differing), default=stop)
    sofar = _added(context, sofar, source, target, first)
    unequal = tuple(
        Minute(at, _of_minute(source, at, names), _of_minute(target, at, names), equal=False)
        for at in range(first, stop, length)
        if any(one.minute == at for one in differing)
    )
    odd = {minute.start for minute in unequal}
    return sofar, Rest(unequal, differing[:DIFFERING], _by_host(source, target, names, odd))


def _by_host(
    source: Mapping[Place, Cell],
    target: Mapping[Place, Cell],
    names: Mapping[str, str],
    minutes: Collection[int],
) -> dict[str, tuple[int, int, int]]:
    hosts: dict[str, tuple[int, int, int]] = {}
    for place in {*source, *target}:
        if place.minute in minutes and (name := names.get(place.host)):
            here, there, newest = hosts.get(name, (0, 0, 0))
            lines = here + _lines(source, place), there + _lines(target, place)
            hosts[name] = (*lines, max(newest, place.minute))
    return hosts


def _cells(
    context: Context, sls: Sls, logstore: str, asked: Question, span: tuple[int, int]
) -> dict[Place, Cell]:
    """Raises Unseen where the service refuses, which is no reason not to read the lines."""
    try:
        rows = sls.ask(logstore, *span, asked.sql(context.waits.minute))
    except StepFailed as refused:
        raise Unseen(str(refused)) from refused
    return asked.cells(rows)


def _names(context: Context) -> dict[str, str]:
    """By address; those left out are nobody's."""
    return {
        str(known["ip"]): name
        for name, known in agents(context).items()
        if name not in context.without
    }


def _lines(cells: Mapping[Place, Cell], place: Place) -> int:
    return cells[place].lines if place in cells else 0


def _of_minute(cells: Mapping[Place, Cell], at: int, names: Mapping[str, str]) -> int:
    return sum(c.lines for place, c in cells.items() if place.minute == at and place.host in names)


def _added(
    context: Context,
    sofar: Sofar,
    source: Mapping[Place, Cell],
    target: Mapping[Place, Cell],
    end: int,
) -> Sofar:
    """With the minutes up to `end`, in which both sides hold the same of the app's hosts."""
    length, names, hosts = context.waits.minute, _names(context), dict(sofar.hosts)
    lines = dict.fromkeys(range(sofar.done, end, length), 0)
    strange = sofar.strange
    for place, cell in target.items():
        if place.minute not in lines:
            continue
        if (name := names.get(place.host)) is None:
            strange += cell.lines
            continue
        lines[place.minute] += cell.lines
        before, newest = hosts.get(name, (0, 0))
        hosts[name] = (before + cell.lines, max(newest, place.minute))
    counted = (sofar.counted[0] + _before(source, end), sofar.counted[1] + _before(target, end))
    minutes = (*map(tuple, sofar.minutes), *lines.items())
    return Sofar(sofar.start, end, minutes, hosts, strange, counted)  # type: ignore[arg-type]


def _before(cells: Mapping[Place, Cell], end: int) -> int:
    return sum(cell.lines for place, cell in cells.items() if place.minute < end)


def _comparison(sofar: Sofar, rest: Rest) -> Comparison:
    equal = tuple(Minute(at, lines, lines, equal=True) for at, lines in sofar.minutes)
    odd = {one.host for one in rest.differing}
    hosts = {name: (lines, lines, newest) for name, (lines, newest) in sofar.hosts.items()}
    for name, (source, target, newest) in rest.hosts.items():
        before = hosts.get(name, (0, 0, 0))
        hosts[name] = (before[0] + source, before[1] + target, max(before[2], newest))
    return Comparison(
        engine="sql",
        start=sofar.start,
        end=sofar.done,
        minutes=(*equal, *rest.minutes),
        hosts=tuple(
            HostCount(name, source, target, equal=name not in odd, newest=newest)
            for name, (source, target, newest) in sorted(hosts.items())
        ),
        differing=rest.differing,
        strange=sofar.strange,
    )
