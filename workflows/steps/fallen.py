"""A host from which nothing came for a while: idle, or is something lost? Its files know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflows.collection.facts_of import leaves_out
from workflows.errors import Red
from workflows.model import Facts, HostResult, quoted
from workflows.proof.verdict import clock
from workflows.step import Context
from workflows.steps.agreed import found
from workflows.steps.beats import Beats
from workflows.steps.files import Looked, looked
from workflows.steps.hearing import Heard
from workflows.steps.roster import agents

MOST = 500  # hosts in one look, so that all are listened to again soon
UNSURE = 10.0  # seconds that a look may take; else nobody knows when in it each host answered
LONGEST = 300.0  # seconds between two looks at the files of a host that stays silent
GRAIN = 1.0  # seconds; so much earlier it may have been, as both clocks of a host tell whole ones
PAUSES = 3  # a host is silent once it was so for so many of its longest pauses
SHOWN = 3  # hosts in a sentence
WAY_OUT = "Look at the agent and its config there; what comes next is up to the requester."


@dataclass(frozen=True)
class Sight:
    """What a look `at` a silent host showed, by our clock.

    `wrote`: when a file was written to since the host was heard last, 0 if none was; `said`: of which
    file, or why nothing could be seen.
    """

    at: float
    seen: bool
    wrote: float = 0.0
    said: str = ""
    steady: bool = False  # it was silent for a short while only
    drops: bool = False  # its configs collect some of its lines only, so that files prove nothing


Sights = dict[str, Sight]  # by the host's name


def sights_of_silent(context: Context, heard: Heard, kept: Facts, *, last: bool = False) -> Sights:
    """The newest looks at hosts that are silent now; those that are due are looked at."""
    now, silent = context.clock.now(), silent_now(context, heard, last=last)
    sights = {name: Sight(**kept[name]) for name in silent if name in kept}
    due = [name for name in silent if _due(context, heard, name, sights.get(name), now)]
    # Who was not looked at yet comes first, and of those who wrote and does no more.
    due.sort(key=lambda name: (name in sights, name not in heard.voices))
    return sights | (_looks(context, heard, due[:MOST], now) if due else {})


def silent_now(context: Context, heard: Heard, *, last: bool) -> list[str]:
    """Hosts of which nothing came for longer than they pause.

    A `last` look heeds no pauses, unless there are more such hosts than it can take.
    """
    now, quiet = context.clock.now(), context.waits.quiet
    if now - heard.resumed < quiet:  # lines may have waited for us
        return []
    names = [host.name for host in context.roster if now - heard.last(host.name) >= quiet]
    if last and len(names) <= MOST:
        return names
    return [name for name in names if now - heard.last(name) >= _limit(context, heard, name)]


def _limit(context: Context, heard: Heard, name: str) -> float:
    """Who pauses now and then is asked later; who never wrote meanwhile, as early as who writes."""
    voice = heard.voices.get(name)
    pauses = PAUSES * voice.pause if voice else 0
    return max(context.waits.quiet, min(pauses, LONGEST))


def _due(context: Context, heard: Heard, name: str, last: Sight | None, now: float) -> bool:
    """At once, and then the more seldom the longer it is silent."""
    if last is None or last.at < heard.last(name):
        return True
    if last.wrote:  # what was seen is enough to wait for
        return False
    return now - last.at >= min(last.at - heard.last(name), LONGEST)


def _looks(context: Context, heard: Heard, names: Sequence[str], now: float) -> Sights:
    """One errand for each look: what a host answered before says nothing about now."""
    errand = f"silent:{now:.0f}"
    seen = again = looked(context, errand, only=names)
    if seen.missing and seen.hosts and seen.at - seen.begun > UNSURE:  # it hung on those
        again = looked(context, f"{errand}:again", only=seen.hosts)
    told = {name: again if name in again.hosts else seen for name in names}
    return {name: _sight(context, heard, one, name) for name, one in told.items()}


def _sight(context: Context, heard: Heard, seen: Looked, name: str) -> Sight:
    since = heard.last(name)
    steady = seen.at - since < 2 * _limit(context, heard, name)
    host = seen.hosts.get(name)
    if host is None:
        return Sight(seen.at, seen=False, said=seen.missing.get(name, "no answer"), steady=steady)
    # One that was emptied, as when it is rotated, has no lines that could be lost.
    files = [file for file in host.files if file.size]
    newest = min(files, key=host.age, default=None)
    if newest is None:
        why = host.unseen or "; ".join(seen.unseen)
        return Sight(seen.at, not why, said=why or "no file that its configs mean has a line")
    # The host looked some time between the two, and hosts that hang may lie between them.
    early, late = (at - host.age(newest) - GRAIN for at in (seen.begun, seen.at))
    said = f"{newest.path}, {newest.size:,} bytes, was written to at {clock(early)}"
    if early > since:
        if filters(context):
            why = f"{said}, and its configs leave out some lines"
            return Sight(seen.at, seen=False, said=why, drops=True)
        return Sight(seen.at, seen=True, wrote=early, said=said, steady=steady)
    why = host.unseen or "; ".join(seen.unseen)
    if late > since + UNSURE:
        why = why or f"{said} or up to {late - early:.0f} s later"
    return Sight(seen.at, seen=not why, said=why or said)


def filters(context: Context) -> bool:
    """Whether a file may grow without a line that is collected."""
    known = found(context)
    return known is not None and any(leaves_out(one.body) for one in known.configs)


def none_loses_lines(context: Context, heard: Heard, sights: Sights) -> None:
    """Raises Red with all hosts that wrote and were not heard, or that are not there any more.

    One that writes steadily is found within `waits.quiet` and three looks.
    """
    lost = dict[str, str]()
    for name, sight in sights.items():
        # By when it was listened to: the look at the files may have taken long since.
        if sight.wrote and heard.at - sight.wrote >= _on_its_way(context, sight):
            lost[name] = sight.said
    gone = {name: sight.said for name, sight in sights.items() if not sight.seen}
    lost |= _without_heartbeat(context, gone) if gone else {}
    if lost:
        hosts = tuple(HostResult(name, ok=False, said=said) for name, said in lost.items())
        told = "; ".join(_sentence(heard, host) for host in hosts[:SHOWN])
        more = f"; and {len(hosts) - SHOWN} more" if len(hosts) > SHOWN else ""
        raise Red(f"the target receives nothing more of {told}{more}", WAY_OUT, hosts)


def _on_its_way(context: Context, sight: Sight) -> float:
    """Seconds for which a line may be under way: an agent takes longer over a file that slept."""
    return context.waits.look * (1 if sight.steady else 3)


def _sentence(heard: Heard, host: HostResult) -> str:
    last = f"heard last by {clock(heard.last(host.host))}"
    if host.host not in heard.voices:
        last = f"not heard since {clock(heard.start)}"
    return f"{host.host} ({last}; {quoted(host.said)})"


def _without_heartbeat(context: Context, gone: dict[str, str]) -> dict[str, str]:
    """Of hosts that cannot be looked at, those whose agents the target does not hear either."""
    group, now = context.app.target.machine_group, context.clock.now()
    beats, expected, lost = Beats(context.target.machines(group)), agents(context), {}
    for name, why in gone.items():
        beat = beats.of(expected[name]) if name in expected else None
        if beat is None or now - beat > context.waits.fresh:
            last = "none" if beat is None else f"the last at {clock(beat)}"
            lost[name] = f"heartbeat in machine group {group}: {last}; {why}"
    return lost
