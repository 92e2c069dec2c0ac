"""After the source has ended: every host's lines still come, now into the target alone."""

from __future__ import annotations

from dataclasses import asdict

from workflows.errors import Denied, NotYet, Red, StepFailed, Unavailable
from workflows.model import Evidence, Facts, HostResult, quoted
from workflows.proof.verdict import clock
from workflows.step import Context
from workflows.steps.again import sent_again
from workflows.steps.agreed import still_as_agreed, target_collects
from workflows.steps.fallen import SHOWN, Sights, none_loses_lines, sights_of_silent, silent_now
from workflows.steps.hearing import Heard, kept, listen


def begin(context: Context) -> Facts:
    """`before`: since when every agent has let go of the source, and who was heard by then."""
    now, stopped, waits = context.clock.now(), context.known.get("stop", {}), context.waits
    # A job of before the target was watched may have stopped the source days ago.
    start = max(stopped.get("at", now), now - waits.delivery - waits.proof)
    heard = stopped.get("heard") or Heard(int(start)).facts
    return {"at": now, "heard": heard, "sights": stopped.get("sights", {})}


def nothing(context: Context, before: Facts) -> None:
    """Looking changes nothing."""


def every_host_heard(context: Context, before: Facts) -> Evidence:
    """For `waits.alone` seconds each host was heard in the target or idle, and none in the source."""
    end = before["at"] + context.waits.alone
    if not context.since:  # not begun: a plan asks too
        raise NotYet(f"the target is watched until {clock(end)}")
    # First the target: it is watched while the source's service is away, too.
    heard, sights = still_heard(context, before, last=context.clock.now() >= end)
    over = context.clock.now() >= max(end, heard.resumed + context.waits.quiet)
    try:
        _source_is_silent(context, before)
    except Unavailable:
        if over:
            raise
    if not over:
        raise NotYet(_so_far(end, sights))
    _known_of_all(context, heard, sights, end)
    return _evidence(context, heard, sights, sent_again(context, heard.start, before))


def still_heard(context: Context, before: Facts, *, last: bool = False) -> tuple[Heard, Sights]:
    """Who was heard in the target since the source was detached, and what silent hosts wrote.

    Also while the agents let go of the source. Raises Red where a host's lines do not come any more.
    """
    _collects(context)
    # A job of before it was kept does not know when the source was stopped.
    was = kept(before.get("heard"), before.get("at", context.since))
    heard = listen(context, context.target, context.app.target.logstore, was, "heard")
    sights = sights_of_silent(context, heard, before.get("sights", {}), last=last)
    seen = {name: asdict(sight) for name, sight in sights.items()}
    context.remember({"heard": heard.over(context.clock.now()).facts, "sights": seen})
    none_loses_lines(context, heard, sights)
    return heard, sights


def still_all_heard(context: Context) -> None:
    """Lately each host was heard in the target, or wrote nothing; else Red, or NotYet.

    A card may hang for a day, in which nobody listened.
    """
    waits = context.waits
    since = context.clock.now() - waits.minutes * waits.minute - waits.settle
    heard, sights = still_heard(context, {"at": since}, last=True)
    _known_of_all(context, heard, sights, since)


def all_idle(context: Context, sights: Sights) -> bool:
    """Whether it is known of every host that it writes nothing now."""
    quiet = {name for name, sight in sights.items() if sight.seen and not sight.wrote}
    return all(host.name in quiet for host in context.roster)


def _collects(context: Context) -> None:
    """Where the target is not as it was made nobody collects; then the source has to, at once."""
    try:
        target_collects(context)
    except Denied:
        raise
    except StepFailed as gone:
        raise Red(str(gone), gone.hint, gone.hosts) from gone


def _source_is_silent(context: Context, before: Facts) -> None:
    """Raises StepFailed where it receives again, naming by whom. What is kept is told only once."""
    source, seen = context.source, kept(before.get("source"), before["at"])
    heard = listen(context, source, context.app.source.logstore, seen, "source")
    if heard.after != seen.after:
        context.remember({"source": heard.facts})
    if heard.lines == seen.lines:
        return
    still_as_agreed(context, gone_is_fine=True)  # names who else feeds it
    for one in context.collections:
        if groups := source.groups_of(one.source):
            text = f"config {one.source} is applied to {', '.join(groups)} again"
            raise StepFailed(text, "Find out who applied it; Retry looks again.")
    said = f"{heard.lines - seen.lines} lines of {_few(sorted(heard.voices))}"
    raise StepFailed(
        f"the source received {said} after every agent had let go of its configs",
        "Find out what writes them there; Retry looks again.",
    )


def _so_far(end: float, sights: Sights) -> str:
    """The same at every look while nothing changes: each new text is drawn in the channel."""
    idle = sorted(name for name, sight in sights.items() if sight.seen)
    quiet = f"; nothing comes of {_few(idle)} now" if idle else ""
    return f"the target alone receives, watched until {clock(end)}{quiet}"


def _known_of_all(context: Context, heard: Heard, sights: Sights, end: float) -> None:
    """At the end it is known of each silent host that it wrote nothing; NotYet until then.

    Where a config leaves out lines nobody can know it; then it is enough that the host was heard.
    """
    open_ = {n: s for n, s in sights.items() if not (s.drops and n in heard.voices)}
    if unknown := [name for name, sight in open_.items() if not sight.seen]:
        why = f"{unknown[0]}: {quoted(open_[unknown[0]].said)}"
        text = f"nothing comes of {_few(unknown)}, and whether it writes cannot be seen"
        raise NotYet(f"{text} ({why})")
    if wrote := [name for name, sight in open_.items() if sight.wrote]:
        raise NotYet(f"waiting for what {_few(wrote)} wrote")
    found = silent_now(context, heard, last=True)
    silent = [name for name in found if name in open_ or name not in sights]
    if old := [name for name in silent if name not in sights or sights[name].at < end]:
        recent = {name: asdict(sight) for name, sight in sights.items() if name not in old}
        context.remember({"sights": recent})  # so that the next look is at all others
        raise NotYet(f"looking once more whether {_few(old)} wrote")


def _evidence(context: Context, heard: Heard, sights: Sights, again: int) -> Evidence:
    lines = {name: voice.lines for name, voice in sorted(heard.voices.items())}
    silent = [host.name for host in context.roster if host.name not in lines]
    rows = [HostResult(name, ok=True, said=f"{number:,} lines") for name, number in lines.items()]
    rows += [HostResult(name, ok=True, said=_idle(sights, name)) for name in silent]
    span = f"{clock(heard.start)} to {clock(context.clock.now())}"
    parts = [
        f"{span}: {heard.lines:,} lines of {len(lines)} hosts in the target, none in the source"
    ]
    parts += [f"{_few(silent)} wrote nothing"] if silent else []
    parts += [f"{again:,} lines doubled, as agents began anew" if again else "no line doubled"]
    facts = {"lines": lines, "idle": silent, "doubled": again, "strange": heard.strange}
    return Evidence("; ".join(parts), tuple(rows), facts)


def _idle(sights: Sights, name: str) -> str:
    return sights[name].said if name in sights else "wrote nothing"


def _few(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def would(context: Context, before: Facts) -> str:
    return f"watch for {_span(context.waits.alone)} that every host's lines go on coming"


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def nothing_to_undo(context: Context, before: Facts) -> str:
    return "watching changed nothing"
