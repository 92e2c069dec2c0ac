"""Take our ids off the hosts again, and leave what others need or have written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workflows.apps import Host
from workflows.errors import StepFailed
from workflows.model import Facts, HostResult, quoted
from workflows.ports import Command
from workflows.step import Context
from workflows.steps.hosts import asked, named
from workflows.steps.on_host.commands import Delivered, Removed, take_back


def remove_ours(context: Context, before: Facts) -> str:
    """Take back the file and the line on each host where they are ours; a sentence of what stayed.

    The account's file stays where another app uses it, and where the agent has been given another
    config since: without the file it would throw that one's lines away. Raises StepFailed for hosts
    that do not answer, except those that were left out.
    """
    ours = {name: was for name, was in before["hosts"].items() if not _complete(was)}
    hosts = {host.name: host for host in _all_hosts(context) if host.name in ours}
    kept = _still_needed(context, hosts, ours)
    context.ours()
    results = _removed(context, hosts, before, kept)
    left = {name: "no longer among the app's hosts" for name in ours if name not in hosts}
    left |= {result.host: _left(result, kept) for result in results}
    done = sum(result.ok for result in results)
    tail = "".join(f"; on {name}: {why}" for name, why in sorted(left.items()) if why)
    return f"our ids were taken off {done} {'host' if done == 1 else 'hosts'}{tail}"


def _complete(was: Facts) -> bool:
    return bool(was["user_file"] and was["listed"])


def _all_hosts(context: Context) -> tuple[Host, ...]:
    """Those that were left out too: they may have been changed before."""
    return replace(context, without=frozenset()).roster


def _removed(
    context: Context, hosts: Mapping[str, Host], before: Facts, kept: Mapping[str, str]
) -> tuple[HostResult, ...]:
    app = context.app
    commands = {
        name: take_back(
            host,
            app.name,
            before["account"],
            app.custom_id,
            before["hosts"][name],
            keep_account=name in kept,
        )
        for name, host in hosts.items()
    }
    ours = {name: command for name, command in commands.items() if command}
    return _answers(context, ours, "remove")


def _answers(
    context: Context, commands: Mapping[str, Command], errand: str
) -> tuple[HostResult, ...]:
    """Of every host that was not left out; those that answered well are not asked again soon."""
    if not commands:
        return ()
    results = tuple(asked(context, commands, errand).values())
    if failed := tuple(r for r in results if not r.ok and r.host not in context.without):
        hint = (
            "Put the host right and Retry; or leave it out (/logmigrate without APP HOST, then "
            "Retry), and what is on it stays."
        )
        raise StepFailed(f"{len(failed)} of {len(results)} hosts: {named(failed)}", hint, failed)
    context.hosts.forget(errand)
    return results


def _left(result: HostResult, kept: Mapping[str, str]) -> str:
    if not result.ok:
        return f"nothing was taken back, since it was left out and {quoted(result.said)}"
    why = f"left {kept[result.host]}" if result.host in kept else ""
    return "; ".join(text for text in (why, quoted(Removed.parse(result.said).text)) if text)


def _still_needed(
    context: Context, hosts: Mapping[str, Host], ours: Mapping[str, Facts]
) -> dict[str, str]:
    """Why the account's file stays, by host."""
    lists = {name: Delivered(host) for name, host in hosts.items() if not ours[name]["user_file"]}
    results = _answers(context, lists, "needs")
    found = {result.host: _need(context, ours, result) for result in results}
    return {name: why for name, why in found.items() if why}


def _need(context: Context, ours: Mapping[str, Facts], result: HostResult) -> str:
    if not result.ok:
        return f"the account id, since {quoted(result.said)}"
    source = f"##1.0##{context.app.source.project}$"
    since = Delivered.parse(result.said) - set(ours[result.host]["configs"])
    others = sorted(key for key in since if not key.startswith(source))
    return f"the account id, which {', '.join(others)} may need" if others else ""
