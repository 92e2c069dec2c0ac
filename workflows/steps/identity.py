"""Account id and custom id on the hosts: our line and our file, nobody else's; the pilot first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workflows.apps import Host
from workflows.errors import Blocked, NotYet
from workflows.model import Evidence, Facts, HostResult
from workflows.step import Context
from workflows.steps import removal
from workflows.steps.hosts import in_batches, named, on_hosts
from workflows.steps.on_host.commands import AddIdentity, Delivered, HostFacts
from workflows.steps.roster import seen, source_groups, two_accounts


@dataclass(frozen=True)
class Identity:
    """The step's four functions, for the part of the hosts that it is about."""

    part: Callable[[Sequence[Host]], Sequence[Host]]

    def look(self, context: Context) -> Facts:
        """`before`: the target's account id, and per host what was there of ours, and its configs."""
        account = two_accounts(context)
        names = [host.name for host in self.part(context.roster)]
        facts = seen(context, account, Blocked, names)
        held = on_hosts(context, Delivered, Blocked, names, errand="delivered")
        app = context.app.name
        hosts = {
            name: {**fact.before(app), "configs": sorted(Delivered.parse(held[name].said))}
            for name, fact in facts.items()
        }
        return {"account": account, "hosts": hosts, "ip_groups": _ip_groups(context)}

    def add(self, context: Context, before: Facts) -> None:
        app, account = context.app, before["account"]
        in_batches(
            context,
            [host for host in context.roster if host.name in before["hosts"]],
            lambda host: AddIdentity(host, app.name, account, app.custom_id),
            errand="add",
        )

    def present(self, context: Context, before: Facts) -> Evidence:
        facts = seen(context, before["account"], NotYet, before["hosts"])
        results = tuple(_result(name, context.app.name, host) for name, host in facts.items())
        if missing := tuple(result for result in results if not result.ok):
            raise NotYet(f"{len(missing)} of {len(results)} hosts: {named(missing)}", "", results)
        if not results:
            return Evidence("there is no other host")
        return Evidence(f"{_all(results)} both ids{_caution(before)}", results)

    def would(self, context: Context, before: Facts) -> str:
        lacking = [n for n, h in before["hosts"].items() if not (h["user_file"] and h["listed"])]
        ids = f"account id {before['account']} and custom id {context.app.custom_id}"
        return f"add {ids} on {', '.join(lacking)}{_caution(before)}"

    def remove_ours(self, context: Context, before: Facts) -> str:
        return removal.remove_ours(context, before)


PILOT = Identity(lambda roster: roster[:1])
REST = Identity(lambda roster: roster[1:])


def _ip_groups(context: Context) -> list[str]:
    """The source's groups that know their hosts by ip.

    Whether such a group loses a host that gets its first custom id is not documented; the help page
    only says that deleting the id file restores the ip as identifier. So it is said, and the proof
    would see the source fall silent.
    """
    names = source_groups(context)
    found = {name: context.source.machine_group(name) or {} for name in names}
    return [name for name, body in found.items() if body.get("machineIdentifyType") == "ip"]


def _caution(before: Facts) -> str:
    fresh = [name for name, was in before["hosts"].items() if not was["id_file"]]
    if not (fresh and before["ip_groups"]):
        return ""
    groups, hosts = ", ".join(before["ip_groups"]), ", ".join(fresh)
    return (
        f"; watch the source's machine group {groups}: it knows hosts by ip, and a first custom id "
        f"on {hosts} may take them out of it"
    )


def _all(results: tuple[HostResult, ...]) -> str:
    if len(results) == 1:
        return f"{results[0].host} carries"
    return f"{len(results)} of {len(results)} hosts carry"


def _result(name: str, app: str, facts: HostFacts) -> HostResult:
    lacks = facts.lacks(app)
    return HostResult(name, ok=not lacks, said=" and ".join(lacks) or "account id and custom id")
