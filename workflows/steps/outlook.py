"""The forecast of both routes in words: a sentence for each, and a row for each host."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.model import STOP_FIRST, Facts, HostResult, quoted
from workflows.proof.route import Bound
from workflows.step import Context

DEFAULT = "both sides collect for a while, so nothing is lost"
FIRST = "the source ends before the target begins: what is written in between may be lost"
SHOWN = 3  # hosts in a sentence
UNITS = ("bytes", "kB", "MB", "GB", "TB")


def longest_gap(context: Context) -> float:
    """Seconds without a config if the source ends first: each of both takes its time to come."""
    return 2 * context.waits.delivery


def text(context: Context, figures: Facts) -> str:
    """The default on the first line; below it lines whose figures differ from look to look."""
    if figures["hosts"]:
        lines = _dual(context, figures), *about(context, figures)
    else:  # zeros would read as if nothing could be lost
        lines = "what either route would lose or repeat could not be told", *_beside(figures)
    route = FIRST if context.route == STOP_FIRST else DEFAULT
    return "\n".join((route, *(f"forecast, {line}" for line in lines)))


def about(context: Context, figures: Facts) -> tuple[str, ...]:
    """What stopping first would do, and what the figures leave open."""
    return _stop_first(context, figures), *_beside(figures)


def hosts(figures: Facts) -> tuple[HostResult, ...]:
    """What is forecast for each host, the worst first, and why not for the others."""
    rows = [HostResult(name, ok=True, said=_row(host)) for name, host in figures["hosts"].items()]
    lost = [HostResult(name, ok=False, said=why) for name, why in figures["missing"].items()]
    return (*rows, *lost)


def size(count: float) -> str:
    """`5.5 MB`."""
    unit = 0
    while count >= 1000 and unit < len(UNITS) - 1:
        count, unit = count / 1000, unit + 1
    return f"{count:.1f} {UNITS[unit]}" if unit else f"{count:.0f} {UNITS[0]}"


def _dual(context: Context, figures: Facts) -> str:
    found = Bound(**figures["total"])
    overlap = amount(found.overlap, figures)
    return (
        "dual: no line is lost or doubled, the target has what was written before its start too, "
        f"up to {overlap}, and {_twice(context, found)} received and indexed twice meanwhile"
    )


def _twice(context: Context, found: Bound) -> str:
    """What is, and what that costs where the prices are told."""
    if found.unsure == found.files > 0:
        return "all that is written is"
    price = context.prices.of(found.rate * 3600)
    return f"{size(found.rate)}/s ({price} an hour) are" if price else f"{size(found.rate)}/s are"


def _stop_first(context: Context, figures: Facts) -> str:
    found = Bound(**figures["total"])
    why = "" if context.route == STOP_FIRST else ", which is why logmigrate moves dual"
    return (
        f"stop first: {_lost(found, figures)} would be lost in "
        f"{longest_gap(context):g} s without a config, and up to {amount(found.again, figures)} "
        f"repeated{_worst(figures)}{why}"
    )


def _lost(found: Bound, figures: Facts) -> str:
    """How much; more where files get other names meanwhile."""
    if found.unsure == found.files > 0:
        return "nobody can tell how much"
    more = f", or {size(found.rotated)} if they are rotated," if found.rotated else ""
    return f"as fast as the files grow now {amount(found.lost, figures)}{more}"


def _worst(figures: Facts) -> str:
    if figures["worst"] is None:
        return ""
    host, path, lost, again = figures["worst"]
    return f", most of {quoted(path)} on {host} ({size(lost)} and {size(again)})"


def _beside(figures: Facts) -> Iterator[str]:
    """What the figures leave open, and what the agents may not bear."""
    if figures["missing"]:
        yield f"without {_some(figures, 'missing')}: not looked at"
    yield from (quoted(one) for one in figures["unseen"][:SHOWN])
    if (more := len(figures["unseen"]) - SHOWN) > 0:
        yield f"{more} more configs read no files that a look at the host could show"
    if unsure := figures["total"]["unsure"]:
        yield f"how fast {unsure} files grow could not be told, what they would lose is not in it"
    if figures["blind"]:
        blind = _some(figures, "blind")
        yield f"what the agents of {blind} have not read yet could not be seen, 0 is assumed"
    if figures["cut"]:
        yield f"not all files of {_some(figures, 'cut')} could be looked at"
    if figures["busy"]:
        yield (
            f"the agents of {_some(figures, 'busy')} use more than half of what they may: collecting twice may "
            "make them restart themselves, and then lines of up to 15 minutes are sent again"
        )


def _row(host: Facts) -> str:
    found = Bound(**host["bound"])
    quiet = f", {host['quiet']} quiet" if host["quiet"] else ""
    parts = [
        f"{found.files} {'file' if found.files == 1 else 'files'} at {size(found.rate)}/s{quiet}",
        f"dual: overlap {size(found.overlap)}",
        f"stop first: {size(found.lost)} to {size(found.rotated)} lost, {size(found.again)} repeated",
        *_load(host),
    ]
    return ", ".join(parts)


def _load(host: Facts) -> Iterator[str]:
    (cores, most), (used, limit) = host["cpu"], host["memory"]
    if cores is not None:
        yield f"agent at {cores:.2f} of {most:g} cores and {used} of {limit} MB"


def amount(count: float, figures: Facts) -> str:
    """`5.5 MB (27,500 lines)`; without lines where nobody knows how long one is."""
    mean = figures["line"]
    return f"{size(count)} ({count / mean:,.0f} lines)" if mean else size(count)


def _some(figures: Facts, what: str) -> str:
    """The first few hosts of a kind, and how many more there are; not all of many are kept."""
    names = list(figures[what])[:SHOWN]
    more = figures.get("counts", {}).get(what, len(figures[what])) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more > 0 else "")
