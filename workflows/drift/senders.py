"""Hosts against what was agreed: their ids, their heartbeats, and where they still send lines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from time import gmtime, strftime

from workflows.drift.agreed import before, stands
from workflows.drift.sight import away
from workflows.errors import JobError, NotYet
from workflows.model import Drift, Facts, HostResult, Job, quoted
from workflows.ports import Lines
from workflows.step import Context
from workflows.steps.beats import Beats
from workflows.steps.on_host.commands import HostFacts, Look
from workflows.steps.roster import agents

MOST = 2000  # groups of lines that one look reads; whoever sends is among the first of them


def hosts(job: Job, context: Context) -> Iterator[Drift]:
    """Keys begin with `hosts/`: whether each host has both ids still. One SSH look for all."""
    account = before(job, "hosts").get("account")
    if not (account and stands(job, "pilot")):
        return
    chosen = context.roster if stands(job, "identity") else context.roster[:1]
    looks = {host.name: Look(host, account, context.app.custom_id) for host in chosen}
    for result in context.hosts.run(looks):
        yield from _ids(context, result)


def _ids(context: Context, result: HostResult) -> Iterator[Drift]:
    name, key = result.host, f"hosts/{result.host}/"
    if not result.ok:
        yield away(key, "what it holds", quoted(result.said), _diagnose(context), name)
        return
    try:
        facts = HostFacts.parse(result.said)
    except JobError as error:
        yield away(key, "what it holds", error, error.hint, name)
        return
    for there, what in ((facts.user_file, "account id"), (facts.listed, "custom id")):
        if not there:
            hint = f"/logmigrate diagnose {context.app.name} finds it and offers to put it back."
            yield Drift(f"{key}{what}", f"the target's {what} is gone", hint, name)


def _diagnose(context: Context) -> str:
    """The same for every host, so that many of them share a message."""
    return f"/logmigrate diagnose {context.app.name} finds out why."


def beats(job: Job, context: Context) -> Iterator[Drift]:
    """Keys begin with `beats/`: hosts that the target's machine group hears no more.

    Told where the next look sees it, too: a host that starts anew is silent for a while.
    """
    group = context.app.target.machine_group
    if not stands(job, "heartbeats"):
        return
    if context.target.machine_group(group) is None:
        raise NotYet(f"machine group {group} is gone")
    heard, known = Beats(context.target.machines(group)), agents(context)
    for host in context.roster:
        if silent := _silent(context, heard.of(known[host.name])):
            text = f"no heartbeat in machine group {group} {silent}"
            hint = _diagnose(context)
            yield Drift(f"beats/{host.name}", text, hint, host.name, quiet=True)


def _silent(context: Context, newest: float | None) -> str:
    if newest is None:
        return "any more"
    fresh = context.clock.now() - newest <= context.waits.fresh
    return "" if fresh else f"since {strftime('%H:%M:%SZ', gmtime(newest))}"


def stragglers(job: Job, context: Context) -> Iterator[Drift]:
    """Keys begin with `lines/`: who sends to the source after it was stopped.

    Twice as far back as the last look, so that one who sends now and then is one finding.
    """
    ended = next((row for row in ("stop", "unbind") if stands(job, row)), "")
    if not ended:
        return
    now, source = context.clock.now(), context.app.source
    if context.source.logstore(source.logstore) is None:  # then nobody sends there
        return
    start = max(now - 2 * context.waits.watch, job.record(ended).since)
    names = _names(context)
    pulled = context.source.pull(source.logstore, int(start) + 1, int(now))
    for who in dict.fromkeys(_sender(lines, names) for lines in islice(pulled, MOST)):
        text = (
            f"still or again sends lines into logstore {source.logstore} of project "
            f"{source.project}"
        )
        hint = (
            f"Its agent may hold the source's config, or something else writes there: "
            f"/logmigrate diagnose {context.app.name} tells what it holds."
        )
        yield Drift(f"lines/{who}", text, hint, who)


def _names(context: Context) -> dict[str, str]:
    known: dict[str, Facts] = dict(agents(context))
    return {one["ip"]: name for name, one in known.items() if one["ip"]}


def _sender(lines: Lines, names: dict[str, str]) -> str:
    """The host as the settings call it, or as it calls itself."""
    if lines.source in names:
        return names[lines.source]
    itself = dict(lines.tags).get("__hostname__", "")
    place = f"{itself} ({lines.source})" if itself and lines.source else itself or lines.source
    return quoted(place[:80]) or "somebody"
