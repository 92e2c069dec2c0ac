"""One cut-over from its seed to its count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.simulate.count import Tally, tally
from sandbox.simulate.plan import draw
from sandbox.simulate.routes import ROUTES, Stuck
from sandbox.simulate.service import RoughDoor
from sandbox.simulate.stage import Stage

if TYPE_CHECKING:
    from sandbox.simulate.plan import Plan
    from sandbox.simulate.routes import Route


@dataclass(frozen=True)
class CutOver:
    """A cut-over that was played, and what came of it."""

    plan: Plan
    tally: Tally

    @property
    def line(self) -> str:
        """The one line that is printed of it."""
        plan, found = self.plan, self.tally
        hosts = f"{len(plan.hosts)} host{'s' * (len(plan.hosts) > 1)} {plan.version}"
        counts = f"written {found.written}, lost {found.lost}, doubled {found.doubled}"
        more = f"overlap {found.overlap}, restart doubles {found.restarts}"
        told = f", forecast {found.forecast}" * (plan.route == "stop-first")
        return f"{plan.number}: {hosts}, {counts}, {more}{told}"

    @property
    def complaints(self) -> list[str]:
        """A line for each broken invariant, with the way to play this one again."""
        again = f"--route {self.plan.route} --seed {self.plan.seed} --only {self.plan.number}"
        where = f"cut-over {self.plan.number}, seed {self.plan.seed}"
        how = f"(again: python -m sandbox simulate {again})"
        return [f"broken in {where}: {what} {how}" for what in self.tally.broken]


def cut_over(seed: int, number: int, route: str) -> CutOver:
    """Draw it, play it, count it."""
    return play(draw(seed, number, route))


def play(plan: Plan, route: Route | None = None, door: type[RoughDoor] = RoughDoor) -> CutOver:
    """Play a plan; one whose story cannot go on is broken and counts no lines.

    Another `route` or `door` than the plan's own lets one see what a mistake would do.
    """
    stage = Stage(plan, door)
    try:
        stage.play((route or ROUTES[plan.route])(stage))
    except Stuck as why:
        return CutOver(plan, Tally(broken=[str(why)]))
    return CutOver(plan, tally(stage))
