"""Run one command on every host of the app, and say in one sentence which ones are in trouble."""

from __future__ import annotations

from collections.abc import Callable

from workflows.apps import Host
from workflows.errors import JobError, StepFailed
from workflows.model import HostResult, quoted
from workflows.ports import Command
from workflows.step import Context

SHOWN = 3  # hosts named in a sentence; the table has them all


def on_hosts(
    context: Context,
    command: Callable[[Host], Command],
    trouble: type[JobError] = StepFailed,
    only: frozenset[str] | None = None,
) -> dict[str, HostResult]:
    """Results by host name; raises `trouble`, carrying the failed ones, if any host failed."""
    hosts = [host for host in context.app.hosts if only is None or host.name in only]
    if not hosts:
        return {}
    context.say(f"asking {len(hosts)} hosts")
    results = context.hosts.run({host.name: command(host) for host in hosts})
    if failed := tuple(result for result in results if not result.ok):
        hint = "Put the host right and Retry, or Roll back."
        raise trouble(f"{len(failed)} of {len(hosts)} hosts: {named(failed)}", hint, failed)
    return {result.host: result for result in results}


def named(results: tuple[HostResult, ...]) -> str:
    """The first few hosts with what they said, and how many more there are."""
    said = "; ".join(f"{result.host}: {quoted(result.said)}" for result in results[:SHOWN])
    more = len(results) - SHOWN
    return f"{said}; and {more} more" if more > 0 else said
