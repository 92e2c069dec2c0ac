"""Account id and custom id on every host: our line and our file, nobody else's."""

from __future__ import annotations

from workflows.apps import Host
from workflows.errors import Blocked, JobError, NotYet, StepFailed
from workflows.model import Evidence, Facts, HostResult, quoted
from workflows.step import Context
from workflows.steps.commands import AddIdentity, Delivered, HostFacts, Look, RemoveIdentity
from workflows.steps.hosts import named, on_hosts


def look(context: Context) -> Facts:
    """`before`: the target's account id, and per host what was there of ours, and its configs."""
    account = context.target.project().owner
    if account == context.source.project().owner:
        text = f"source and target are both account {account}"
        raise Blocked(text, "Check the access keys and projects of accounts.source and .target.")
    facts = seen(context, account, Blocked)
    held = on_hosts(context, Delivered, Blocked)
    hosts = {name: {**_before(facts[name]), "configs": _keys(held[name])} for name in facts}
    return {"account": account, "hosts": hosts, "ip_groups": _ip_groups(context)}


def _ip_groups(context: Context) -> list[str]:
    """The source's groups that know their hosts by ip.

    Whether such a group loses a host that gets its first custom id is not documented; the help page
    only says that deleting the id file restores the ip as identifier. So it is said, and the proof
    would see the source fall silent.
    """
    groups = context.source.groups_of(context.app.source.config)
    found = {name: context.source.machine_group(name) or {} for name in groups}
    return [name for name, body in found.items() if body.get("machineIdentifyType") == "ip"]


def _keys(result: HostResult) -> list[str]:
    return sorted(Delivered.parse(result.said))


def seen(
    context: Context, account: str, trouble: type[JobError] = StepFailed
) -> dict[str, HostFacts]:
    """What every host holds of the identity, by host name."""
    custom_id = context.app.custom_id
    results = on_hosts(context, lambda host: Look(host, account, custom_id), trouble)
    return {name: HostFacts.parse(result.said) for name, result in results.items()}


def _before(facts: HostFacts) -> Facts:
    return {
        "user_file": facts.user_file,
        "users_dir": facts.users_dir,
        "id_file": facts.id_file,
        "final_newline": facts.ends_in_newline,
        "listed": facts.listed,
    }


def add(context: Context, before: Facts) -> None:
    account, custom_id = before["account"], context.app.custom_id
    on_hosts(context, lambda host: AddIdentity(host, account, custom_id))


def present(context: Context, before: Facts) -> Evidence:
    facts = seen(context, before["account"], NotYet)
    results = tuple(_result(name, host) for name, host in facts.items())
    if missing := tuple(result for result in results if not result.ok):
        raise NotYet(f"{len(missing)} of {len(results)} hosts: {named(missing)}", "", results)
    text = f"{len(results)} of {len(results)} hosts carry both ids{_caution(before)}"
    return Evidence(text, results)


def _caution(before: Facts) -> str:
    fresh = [name for name, was in before["hosts"].items() if not was["id_file"]]
    if not (fresh and before["ip_groups"]):
        return ""
    groups, hosts = ", ".join(before["ip_groups"]), ", ".join(fresh)
    return (
        f"; watch the source's machine group {groups}: it knows hosts by ip, and a first custom id "
        f"on {hosts} may take them out of it"
    )


def _result(name: str, facts: HostFacts) -> HostResult:
    lacks = [what for what, there in _parts(facts) if not there]
    said = f"no {' and no '.join(lacks)}" if lacks else "account id and custom id"
    return HostResult(name, ok=not lacks, said=said)


def _parts(facts: HostFacts) -> tuple[tuple[str, bool], ...]:
    return (("account id", facts.user_file), ("custom id", facts.listed))


def would(context: Context, before: Facts) -> str:
    lacking = [n for n, h in before["hosts"].items() if not (h["user_file"] and h["listed"])]
    ids = f"{before['account']} and {context.app.custom_id}"
    return f"add {ids} on {', '.join(lacking)}{_caution(before)}"


def remove_ours(context: Context, before: Facts) -> str:
    """Take back the file and the line on each host where we made them.

    The account's file stays where the agent has been given another config since: without the file
    it would throw that one's lines away.
    """
    ours = {name: was for name, was in before["hosts"].items() if not _complete(was)}
    kept = _still_needed(context, ours)

    def command(host: Host) -> RemoveIdentity:
        was = ours[host.name]
        return RemoveIdentity(
            host,
            account_id="" if was["user_file"] or host.name in kept else before["account"],
            custom_id="" if was["listed"] else context.app.custom_id,
            drop_file=not was["id_file"],
            final_newline=was["final_newline"],
            drop_users_dir=not was["users_dir"],
        )

    context.ours()
    done = on_hosts(context, command, only=frozenset(ours))
    kept |= {name: "no longer among the app's hosts" for name in ours if name not in done}
    left = "".join(f"; left on {name}: {why}" for name, why in sorted(kept.items()))
    return f"our ids were taken off {len(done)} hosts{left}"


def _still_needed(context: Context, ours: dict[str, Facts]) -> dict[str, str]:
    """Why the account's file stays, by host."""
    asked = {h.name: Delivered(h) for h in context.app.hosts if h.name in ours}
    results = context.hosts.run(asked) if asked else ()
    found = {result.host: _need(context, ours, result) for result in results}
    return {name: why for name, why in found.items() if why and not ours[name]["user_file"]}


def _need(context: Context, ours: dict[str, Facts], result: HostResult) -> str:
    if not result.ok:
        return f"the account id, since {quoted(result.said)}"
    source = f"##1.0##{context.app.source.project}$"
    since = (key for key in _keys(result) if key not in ours[result.host]["configs"])
    others = [key for key in since if not key.startswith(source)]
    return f"the account id, which {', '.join(others)} may need" if others else ""


def _complete(was: Facts) -> bool:
    return bool(was["user_file"] and was["listed"])
