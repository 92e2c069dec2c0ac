"""All checks of a plan, in one sorted answer. Pure, and safe on any JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from workflows.collection.found import Config, Found, There, Wanted
from workflows.lint import Finding
from workflows.lint.accounts import accounts
from workflows.lint.doubles import doubled_beside, doubled_in_app
from workflows.lint.fields import endpoints, fields
from workflows.lint.groups import applied
from workflows.lint.inputs import covered, forced
from workflows.lint.lines import Sampled, all_lines, lines_of
from workflows.lint.names import names
from workflows.lint.paths import checked_paths
from workflows.lint.quotas import quotas
from workflows.lint.regexes import checked_regexes
from workflows.lint.samples import checked_lines, checked_sample
from workflows.lint.silent import silent, unseen
from workflows.lint.sorting import in_order
from workflows.lint.stores import indexes, logstores
from workflows.lint.times import checked_times

if TYPE_CHECKING:
    from workflows.ports import Lines


def lint(
    found: Found, there: There, wanted: Wanted, samples: tuple[Lines, ...] = ()
) -> tuple[Finding, ...]:
    """What stands against the plan, errors first; `samples` are lines of the source's logstore."""
    lines = all_lines(samples)
    alone = len(found.configs) == 1
    seen = {config.name: lines_of(config, lines, alone=alone) for config in found.configs}
    return in_order(
        [
            *_on_the_plan(found, there, wanted),
            *(one for config in found.configs for one in _on_a_config(config, seen[config.name])),
            *(one for config in found.configs for one in fields(config, found.project)),
        ]
    )


def _on_the_plan(found: Found, there: There, wanted: Wanted) -> Iterator[Finding]:
    yield from accounts(found, there)
    yield from names(found, there, wanted)
    yield from quotas(there, wanted)
    yield from logstores(found, there, wanted)
    yield from indexes(found)
    yield from applied(found)
    yield from forced(wanted)
    yield from endpoints(found, wanted)
    yield from doubled_in_app(found)
    yield from doubled_beside(found, there, wanted)
    yield from silent(found)
    yield from unseen(found, there)


def _on_a_config(config: Config, lines: Sequence[Sampled]) -> Iterator[Finding]:
    yield from covered(config)
    yield from checked_paths(config)
    yield from checked_regexes(config)
    yield from checked_sample(config, lines)
    yield from checked_lines(config, lines)
    yield from checked_times(config, lines)
