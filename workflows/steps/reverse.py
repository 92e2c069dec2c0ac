"""Taking *stop* back: a hand-over in reverse. The source collects again before the target ends.

Both collect; the newest minutes show that the source has all that the target has; then the gap in
which only the target received is filled from it. Only after that is the target's config withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflows.errors import NotYet, StepFailed
from workflows.model import Facts
from workflows.step import Context
from workflows.steps.behind import clock, newest_held, slack
from workflows.steps.delivery import delivered, key
from workflows.steps.filling import Gap, filled, many, opened

Bound = Mapping[str, Sequence[str]]  # machine groups by config of the source
FOR_EVER = 3650  # days; the service's word for it


def attach_again(context: Context, before: Facts) -> str:
    """Back in the source, and its gap filled; NotYet until it is. May be called at any time again."""
    every = bindings(context, before)
    bound = {name: groups for name, groups in every.items() if groups}
    if not bound:
        return f"config {', '.join(every)} was applied to no group before"
    before = _attached(context, before, bound)
    said = (f"config {name} is applied to {', '.join(groups)}" for name, groups in bound.items())
    return f"{', '.join(said)} again; {_caught_up(context, before)}"


def attached(context: Context, before: Facts) -> str:
    """Back in the source and held by every host, with no gap to fill; NotYet until it is."""
    bound = {name: groups for name, groups in bindings(context, before).items() if groups}
    if bound:
        _attached(context, before, bound)
    said = (f"config {name} is applied to {', '.join(groups)}" for name, groups in bound.items())
    return ", ".join(said) or "no config was applied to any group before"


def bindings(context: Context, before: Facts) -> dict[str, list[str]]:
    """Machine groups by config; jobs of before there were several have just the one."""
    if "by_config" in before:
        found: dict[str, list[str]] = before["by_config"]
        return found
    return {one.source: before["groups"] for one in context.collections[:1]}


def _attached(context: Context, before: Facts, bound: Bound) -> Facts:
    """`before` with when it began and when every host held the configs again, as the job keeps it."""
    if "attached" not in before:
        before = _kept(context, before, {"attached": int(context.clock.now())})
    for name, groups in bound.items():
        there = context.source.groups_of(name)
        for group in groups:
            if group not in there:
                _can_collect(context, name, group)
                context.ours()
                context.source.apply(name, group)
    if "held" in before:
        return before
    keys = [key(context.app.source.project, name) for name in bound]
    delivered(context, keys, f"attach:{before['attached']}", wanted=True)
    return _kept(context, before, {"held": int(context.clock.now())})


def _kept(context: Context, before: Facts, more: Facts) -> Facts:
    context.keep(more)
    return {**before, **more}


def _can_collect(context: Context, config: str, group: str) -> None:
    """What is gone by now would leave the hosts to nobody: then the target goes on collecting."""
    source, form = context.app.source, {one.source: one.form for one in context.collections}
    on = f"project {source.project}; the target goes on collecting"
    if context.source.logstore(source.logstore) is None:
        text = f"logstore {source.logstore} is gone from {on}"
        raise StepFailed(text, f"Make logstore {source.logstore} and its index again, then Retry.")
    if context.source.machine_group(group) is None:
        hint = f"Make machine group {group} again{_as_it_was(context, group)}, then Retry."
        raise StepFailed(f"machine group {group} is gone from {on}", hint)
    if context.source.config(config, form[config]) is not None:
        return
    if context.known.get("delete"):  # it was made again just now
        raise NotYet(f"config {config} is not there yet")
    hint = f"Make config {config} again as it was, then Retry."
    raise StepFailed(f"config {config} is gone from {on}", hint)


def _as_it_was(context: Context, group: str) -> str:
    groups = context.known.get("source", {}).get("found", {}).get("groups", {})
    if not (body := groups.get(group)):
        return ""
    listed = ", ".join(map(str, body.get("machineList", [])))
    return f" ({body.get('machineIdentifyType')}: {listed})"


def _caught_up(context: Context, before: Facts) -> str:
    """The sentence on the gap. Jobs that do not know when the source was stopped fill none."""
    if context.target.logstore(context.app.target.logstore) is None:
        return "the target's logstore is gone, so nothing could be filled in from it"
    newest = newest_held(context, before["held"])
    if "at" not in before:
        return "what it missed meanwhile is in the target's logstore"
    gap = Gap.of(before["gap"]) if "gap" in before else _opened(context, before, newest)
    return told(context, filled(context, gap, newest))


def _opened(context: Context, before: Facts, level: int) -> Gap:
    gap = opened(context, before["at"], before["attached"], level)
    context.keep({"gap": gap.facts})
    return gap


def told(context: Context, gap: Gap) -> str:
    """How long the gap was, what was written, what could not be, and what the agents repeated."""
    filled = f"no line since {clock(gap.start)} was missing in the source"
    if gap.first:
        left = many(gap.late + gap.odd) if gap.late + gap.odd else "none"
        filled = (
            f"gap {clock(gap.first)} to {clock(gap.last)}: {many(gap.written)} of the target written "
            f"into the source, {left} could not be{_why(context, gap)}"
        )
    return "; ".join([filled, _repeated(context, gap), *_beyond(context, gap)])


def _repeated(context: Context, gap: Gap) -> str:
    if slack(context):
        return (
            "lines have no time of their own, so what the source's agents read again, up to 1 MiB "
            "of each file, is in it twice"
        )
    return f"the source's agents repeated {many(gap.again)}"


def _why(context: Context, gap: Gap) -> str:
    """Why some could not be written, and where they are."""
    why = [f"{many(gap.late)} older than 7 days"] if gap.late else []
    why += [f"{many(gap.odd)} refused: {gap.why}"] if gap.odd else []
    target = context.app.target
    where = f": in logstore {target.logstore} of project {target.project} alone"
    return f"{where} ({'; '.join(why)})" if why else ""


def _beyond(context: Context, gap: Gap) -> list[str]:
    """What is in neither, and what was left alone."""
    found = []
    body = context.target.logstore(context.app.target.logstore) or {}
    days = int(body.get("ttl", FOR_EVER))
    kept = context.clock.now() - days * 86_400
    if days < FOR_EVER and gap.start < kept:
        found.append(f"the target keeps lines for {days} days: none from before {clock(kept)}")
    if gap.strange:
        found.append(f"{many(gap.strange)} of other hosts in the target's logstore left alone")
    return found


def ready_to_withdraw(context: Context, before: Facts) -> list[str]:
    """Nobody is left uncollected without the target's configs. Raises StepFailed or NotYet.

    Where the source was stopped meanwhile, all since the gap was filled is looked at once more,
    which may be days if the job stopped in between; not, once withdrawing has begun, for the target
    receives less from then on. The answer says what was still filled in, if anything.
    """
    for one in context.collections:
        if groups := _groups_before(before, one.source):
            _still_collects(context, one.source, groups)
    stopped = context.known.get("stop", {})
    gap = before.get("gap", stopped.get("gap"))
    if "held" in stopped and target_listed(context):
        newest = newest_held(context, stopped["held"])
        gap = gap and filled(context, Gap.of(gap), newest).facts
    more = gap["written"] - stopped["gap"]["written"] if gap else 0
    return [f"{many(more)} more of the target written into the source"] if more else []


def _groups_before(before: Facts, config: str) -> list[str]:
    """Those that the source's config was applied to when the target began to collect."""
    rows: list[Facts] = before.get("configs", [before])
    found: list[str] = next(
        (r["source_groups"] for r in rows if r.get("source", config) == config), []
    )
    return found


def _still_collects(context: Context, config: str, groups: Sequence[str]) -> None:
    """Somebody may have detached the source by hand; then the target is all that collects."""
    if not context.source.groups_of(config):
        raise StepFailed(
            f"the source's config {config} is applied nowhere any more, "
            "so without the target's nobody would collect",
            f"Apply {config} to {', '.join(groups)} again, then Retry.",
        )


def target_listed(context: Context) -> bool:
    """Whether the target still collects by all of the configs: withdrawing has not begun."""
    target = context.app.target
    if context.target.logstore(target.logstore) is None:
        return False
    listed = context.target.configs_of(target.machine_group)
    return all(one.target in listed for one in context.collections)
