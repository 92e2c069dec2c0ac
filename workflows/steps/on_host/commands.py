"""What is done on a host, as values: each has the script to run, and a parser for what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workflows.apps import Host
from workflows.steps.on_host.changes import AddIdentity, RemoveIdentity, check_account, check_word
from workflows.steps.on_host.facts import HostFacts, incomplete
from workflows.steps.on_host.operations import take_back
from workflows.steps.on_host.removed import Removed
from workflows.steps.on_host.scripts import DELIVERED, LOOK, script
from workflows.steps.on_host.shell import Shell

__all__ = [
    "AddIdentity",
    "Delivered",
    "HostFacts",
    "Look",
    "RemoveIdentity",
    "Removed",
    "take_back",
]

DELIVERED_KEY = re.compile(r"##1\.0##[A-Za-z0-9_-]+\$[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Look:
    """Read what HostFacts tells; changes nothing."""

    host: Host
    account_id: str
    custom_id: str

    def __post_init__(self) -> None:
        check_account(self.account_id)
        check_word("a custom id", self.custom_id)

    @property
    def script(self) -> str:
        return script(
            Shell("look"),
            LOOK,
            conf=self.host.conf_dir,
            agent=self.host.agent_dir,
            account=self.account_id,
            id=self.custom_id,
        ).sent


@dataclass(frozen=True)
class Delivered:
    """List the keys of the collection configs that the agent was given."""

    host: Host

    @property
    def script(self) -> str:
        places = {"agent": self.host.agent_dir, "conf": self.host.conf_dir}
        return script(Shell("delivered"), DELIVERED, **places).sent

    @staticmethod
    def parse(said: str) -> frozenset[str]:
        """Keys such as `##1.0##<project>$<config>`. Raises StepFailed for a cut answer."""
        if not said.rstrip().endswith("end of keys"):
            raise incomplete("the list of delivered configs")
        return frozenset(DELIVERED_KEY.findall(said))
