"""Whether the agents hold a config, as their own files on the hosts tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflows.errors import NotYet
from workflows.model import HostResult
from workflows.step import Context
from workflows.steps.hosts import named, on_hosts
from workflows.steps.on_host.commands import Delivered


def key(project: str, config: str) -> str:
    """The name of a config on the host (help page on importing historical logs)."""
    return f"##1.0##{project}${config}"


def delivered(
    context: Context, config_keys: Iterable[str], errand: str, *, wanted: bool
) -> tuple[HostResult, ...]:
    """Whether every host holds all of the configs, or none any; else NotYet with the table.

    Each use has an `errand` of its own: what a host held before the config was taken off it proves
    nothing about afterwards.
    """
    keys = tuple(config_keys)
    answers = on_hosts(context, Delivered, NotYet, errand=errand)
    results = tuple(
        _result(name, keys, Delivered.parse(answer.said), wanted=wanted)
        for name, answer in answers.items()
    )
    if late := tuple(result for result in results if not result.ok):
        raise NotYet(f"{len(late)} of {len(results)} hosts: {named(late)}", "", results)
    return results


def _result(name: str, keys: Sequence[str], held: Iterable[str], *, wanted: bool) -> HostResult:
    """Which ones are late is told only where there are several."""
    has = [one for one in keys if one in held]
    lacks = [one for one in keys if one not in held]
    late = lacks if wanted else has
    holds = wanted is not bool(late)
    what = "the config" if len(keys) == 1 else "the configs"
    which = f" {_names(late)}" if late and len(keys) > 1 else ""
    said = f"{'holds' if holds else 'does not hold'} {what}{which}"
    return HostResult(name, ok=not late, said=said)


def _names(keys: Iterable[str]) -> str:
    return ", ".join(key.rpartition("$")[2] for key in keys)
