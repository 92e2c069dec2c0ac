"""Ask hosts and change hosts: all at once to look, pilot first and growing batches to change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from workflows.apps import Host, Ramp
from workflows.errors import JobError, StepFailed
from workflows.model import HostResult, quoted
from workflows.ports import Command
from workflows.step import Context

SHOWN = 3  # hosts named in a sentence; the table has them all
WAY_OUT = (
    "Put the hosts right and Retry, leave them out (/logmigrate without APP HOST, then Retry), "
    "or Roll back."
)
FEW = 10  # hosts; of fewer, the share that failed means nothing

Results = dict[str, HostResult]


def on_hosts(
    context: Context,
    command: Callable[[Host], Command],
    trouble: type[JobError] = StepFailed,
    only: Iterable[str] | None = None,
    *,
    errand: str = "look",
) -> Results:
    """Results by host name; raises `trouble`, carrying the failed ones, if any host failed.

    Only those are asked again when the step is run once more soon: where many hosts hang up now and
    then, there might never be a moment when all of them answer.
    """
    chosen = None if only is None else frozenset(only)
    hosts = [host for host in context.roster if chosen is None or host.name in chosen]
    if not hosts:
        return {}
    context.say(f"asking {len(hosts)} hosts")
    results = asked(context, {host.name: command(host) for host in hosts}, errand)
    if failed := failures(results):
        raise trouble(f"{len(failed)} of {len(hosts)} hosts: {named(failed)}", WAY_OUT, failed)
    context.hosts.forget(errand)
    return results


def in_batches(
    context: Context, hosts: Sequence[Host], command: Callable[[Host], Command], *, errand: str
) -> Results:
    """Change the hosts, batch by batch, each larger than the one before.

    Raises StepFailed with the failed ones: at once where they are more than the budget allows, and
    then the rest was not touched; else after the last batch. Run again soon, it asks only those
    that did not answer well.
    """
    results: Results = {}
    for batch in batches(hosts, context.ramp):
        context.ours()
        context.say(f"{len(results)} of {len(hosts)} hosts done, {len(batch)} at work")
        results |= asked(context, {host.name: command(host) for host in batch}, errand)
        if spent(context.ramp, len(failures(results)), len(results)):
            break
    if failed := failures(results):
        raise StepFailed(_account(failed, len(results), len(hosts)), WAY_OUT, failed)
    context.hosts.forget(errand)
    return results


def asked(context: Context, commands: Mapping[str, Command], errand: str) -> Results:
    """Every host's answer; one that does not answer well is asked again before it counts."""
    results = {result.host: result for result in context.hosts.run(commands, errand)}
    for _ in range(context.ramp.tries - 1):
        again = {name: commands[name] for name, result in results.items() if not result.ok}
        if not again:
            break
        context.say(f"asking {len(again)} of {len(commands)} hosts again")
        results |= {result.host: result for result in context.hosts.run(again, errand)}
    return results


def batches(hosts: Sequence[Host], ramp: Ramp) -> Iterator[Sequence[Host]]:
    """The hosts in order, cut into growing parts."""
    start, size = 0, float(ramp.first)
    while start < len(hosts):
        yield hosts[start : start + int(size)]
        start, size = start + int(size), size * ramp.growth


def spent(ramp: Ramp, failed: int, asked: int) -> bool:
    """Whether so many failed that the rest is better left alone."""
    return failed > ramp.errors or (asked >= FEW and failed > ramp.share * asked)


def failures(results: Mapping[str, HostResult]) -> tuple[HostResult, ...]:
    return tuple(result for result in results.values() if not result.ok)


def _account(failed: tuple[HostResult, ...], asked: int, every: int) -> str:
    text = f"{len(failed)} of {asked} hosts: {named(failed)}"
    if asked == every:
        return text
    return (
        f"{text}; that is more than the error budget, so the other {every - asked} were left alone"
    )


def named(results: tuple[HostResult, ...]) -> str:
    """The first few hosts with what they said, and how many more there are."""
    said = "; ".join(f"{result.host}: {quoted(result.said)}" for result in results[:SHOWN])
    more = len(results) - SHOWN
    return f"{said}; and {more} more" if more > 0 else said
