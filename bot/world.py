"""What a move acts on, from the settings: both accounts, and the hosts of an app over SSH."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from bot.berths import Berths, BoundedHosts
from bot.credentials import provider_of
from bot.crew import Crew, Fleet
from bot.errands import Errands
from bot.settings import Settings
from bot.settings_accounts import AccountSettings
from bot.settings_hosts import is_ip
from bot.settings_reach import fallback_of, targets_of
from bot.sls import SlsProject, sls_client
from bot.sls_calls import listening
from bot.ssh import FabricHosts
from workflows.apps import App, Host, HostsFrom, Side
from workflows.errors import UnknownApp
from workflows.ports import Clock, Hosts
from workflows.step import Context


class World(Protocol):
    """Makes the Context of an app; `wrote` is told of each call that writes at the service."""

    def __call__(
        self, name: str, hosts: Hosts, wrote: Callable[[str, str], None] | None = None
    ) -> Context: ...


def contexts(settings: Settings, clock: Clock) -> World:
    """Makes the Context of an app by its name, or raises UnknownApp."""
    source, target = _client("source", settings.source), _client("target", settings.target)

    def context(
        name: str, hosts: Hosts, wrote: Callable[[str, str], None] | None = None
    ) -> Context:
        app = settings.apps.get(name)
        if app is None:
            hint = f"Put [apps.{name}] back into the settings, then Retry."
            raise UnknownApp(f"{name} is no longer in the settings", hint)
        return Context(
            app=_with_endpoint(app, settings),
            waits=settings.waits,
            hosts=hosts,
            source=_project(source, app.source, "source", wrote),
            target=_project(target, app.target, "target", wrote),
            clock=clock,
            ramp=settings.fleet,
            proving=settings.proof,
            prices=settings.prices,
        )

    return context


def _with_endpoint(app: App, settings: Settings) -> App:
    """A job of the service that copies into the target has to be told where that is."""
    host = settings.target.endpoint.split("://")[-1]
    return replace(app, roles=replace(app.roles, endpoint=host))


def _project(
    client: Any, its: Side, side: str, wrote: Callable[[str, str], None] | None
) -> SlsProject:
    heard = listening(client, side, wrote) if wrote else client
    return SlsProject(heard, its.project, side)


def _client(side: str, account: AccountSettings) -> object:
    return sls_client(account.endpoint, provider_of(side, account), account.proxy)


def reach(settings: Settings, app: str) -> FabricHosts:
    """The hosts of one app, over SSH."""
    ssh = settings.ssh
    return FabricHosts(
        targets_of(settings, app),
        ssh.known_hosts,
        ssh.concurrency,
        connect=ssh.connect,
        banner=ssh.banner,
        auth=ssh.auth,
        command=ssh.command,
        fallback=fallback_of(settings, app),
    )


def crew_of(settings: Settings, errands: Errands, ending: Callable[[], bool]) -> Crew:
    """This process's part in the host work of all jobs."""
    berths = Berths(settings.ssh.concurrency)
    fleets = {name: _fleet(settings, app, berths) for name, app in settings.apps.items()}
    size = settings.work.batch
    return Crew(errands, fleets, size, ending=ending, roomy=berths.roomy)


def _fleet(settings: Settings, app: App, berths: Berths) -> Fleet:
    hosts = {host.name: host for host in app.hosts}
    told = app.hosts_from is not HostsFrom.LIST  # then the machine group may name others

    def host(name: str) -> Host | None:
        return hosts.get(name) or (app.other(name) if told and is_ip(name) else None)

    ssh = reach(settings, app.name)
    at_a_time = BoundedHosts(lambda most: replace(ssh, concurrency=most), berths)
    return Fleet(at_a_time, host)
