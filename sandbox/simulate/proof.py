"""The product's own proof of a cut-over, asked while both sides collect."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from sandbox.simulate.look import looked
from sandbox.simulate.port import Port
from sandbox.simulate.product import WAITS, Asking, context
from sandbox.simulate.service import SOURCE, TARGET
from workflows.errors import NotYet
from workflows.proof.verdict import Verdict
from workflows.steps import by_content, by_pull
from workflows.steps.doubles import searched
from workflows.steps.files import idle
from workflows.steps.rereading import but_reread
from workflows.steps.sent_again import but_sent_again

if TYPE_CHECKING:
    from sandbox.simulate.service import Side
    from sandbox.simulate.stage import Stage
    from sandbox.sls.tape import Group
    from workflows.model import Facts
    from workflows.proof.comparison import Comparison
    from workflows.proof.verdict import Judged
    from workflows.steps.files import Looked


class Proof:
    """From the first full minute on in which both collect; `at` is when it was last asked."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.own_time = stage.plan.fields
        self.none_killed = not any(
            host.plan.overload == "kill" or not all(one.clean for one in host.plan.restarts)
            for host in stage.hosts
        )
        self.at = 0.0
        self.judged: Judged | None = None
        self._seen: Looked | None = None
        self._whole: Comparison | None = None  # with what agents read again for one side only
        self.start = (int(stage.clock.now()) // WAITS.minute + 1) * WAITS.minute
        addresses = {host.plan.name: host.machine.ip for host in stage.hosts}
        ports = (_port(stage, SOURCE), _port(stage, TARGET))
        engine = by_pull.compared if self.own_time else by_content.compared
        known = context(addresses, stage.clock, ports)
        self._asking = Asking(known, engine, {"from": self.start})

    @cached_property
    def found(self) -> Comparison:
        """What was found, with the lines that the target has more than once."""
        asking = self._asking
        if asking.found is None or self._whole is None or self._seen is None:
            raise NotYet("nothing was compared yet")
        if not self.own_time:  # of these nobody can tell which lines were read again
            return asking.found
        more = searched(asking.context, self._whole, self._seen, asking.state)
        return replace(
            asking.found, doubled=more.doubled, restarts=more.restarts, repeated=more.repeated
        )

    def green(self) -> bool:
        """Look once more and judge."""
        self.at = self._stage.clock.now()
        self._asking.look()
        self._seen = looked(self._stage)
        self.judged = self._judged(self._seen)
        return self.equal

    def _judged(self, seen: Looked) -> Judged:
        """What agents read again for one side only makes no difference, as in the product's own order."""
        asking, quiet = self._asking, idle(seen, self.start)
        self._whole = asking.found
        if asking.found and not self.own_time:
            if not asking.judged(quiet).green:
                kept = (asking.context, asking.found, seen, asking.state)
                asking.found, asking.state = but_sent_again(*kept)
        elif asking.found and asking.judged(quiet).verdict is Verdict.DIFFERENT:
            asking.found = but_reread(asking.context, asking.found, seen, asking.state)
        return asking.judged(quiet)

    @property
    def open(self) -> bool:
        """Whether there was no verdict."""
        return self.judged is None or self.judged.verdict is Verdict.INCONCLUSIVE

    @property
    def equal(self) -> bool:
        """Whether it said so when it was asked last."""
        return self.judged is not None and self.judged.green


def _port(stage: Stage, side: Side) -> Port:
    return Port(partial(_shards, stage, side), partial(_config, stage, side))


def _shards(stage: Stage, side: Side, _logstore: str) -> list[list[Group]]:
    return stage.service.shards(side)


def _config(stage: Stage, side: Side, name: str) -> Facts | None:
    found: Facts | None = stage.service.state.projects[side.project].configs.get(name)
    return found
