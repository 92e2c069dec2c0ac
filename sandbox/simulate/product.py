"""The product's own comparison, asked about simulated logstores until it has an answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from sandbox.simulate.service import SOURCE, TARGET
from workflows.apps import App, Host, Proving, Side, Waits
from workflows.errors import NotYet
from workflows.proof.verdict import judged
from workflows.step import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.simulate.port import Port
    from workflows.model import Facts
    from workflows.ports import Clock, Hosts, Sls
    from workflows.proof.comparison import Comparison
    from workflows.proof.verdict import Judged

    Engine = Callable[[Context, Facts], tuple[Comparison, Facts]]

WAITS = Waits()
LEAST = 1  # line


def context(
    addresses: Mapping[str, str],
    clock: Clock,
    ports: tuple[Port, Port],
    waits: Waits = WAITS,
    rate: int = Proving.rate,
) -> Context:
    """What a comparison knows of an app with these hosts; `addresses` by name, `ports` of both sides.

    Nothing but lines can be asked for: a call of anything else is an AttributeError.
    """
    hosts = tuple(Host(name, ip=ip) for name, ip in addresses.items())
    app = App(
        "app-b",
        TARGET.custom_id,
        Side(SOURCE.project, SOURCE.logstore, SOURCE.config),
        Side(TARGET.project, TARGET.logstore, TARGET.config),
        hosts,
    )
    configs = [{"source": SOURCE.config, "target": TARGET.config, "form": "classic"}]
    expected = {name: {"ip": ip, "unique_id": name} for name, ip in addresses.items()}
    return Context(
        app,
        waits,
        cast("Hosts", None),
        cast("Sls", ports[0]),
        cast("Sls", ports[1]),
        clock,
        known={"hosts": {"expected": expected}, "both": {"configs": configs}},
        proving=Proving(rate=rate),
    )


@dataclass
class Asking:
    """One comparison over its life: looks, each of which goes on where the last one ended."""

    context: Context
    engine: Engine
    state: Facts
    found: Comparison | None = None

    def look(self) -> None:
        """Bring it up to the newest closed minute; a state is kept as the product keeps it."""
        while True:
            kept: Facts = {}
            one = replace(self.context, jot=kept.update)
            try:
                self.found, self.state = self.engine(one, self.state)
            except NotYet:
                if not kept:
                    raise
                self.state = json.loads(json.dumps(kept["state"]))
            else:
                self.state = json.loads(json.dumps(self.state))
                return

    def judged(self, idle: Mapping[str, str]) -> Judged:
        """The product's verdict on what was found."""
        if self.found is None:
            raise NotYet("nothing was compared yet")
        names = [host.name for host in self.context.app.hosts]
        return judged(self.found, names, idle, self.context.waits.minutes, LEAST)
