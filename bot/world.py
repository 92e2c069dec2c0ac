"""What a move acts on, from the settings: both accounts, and the hosts of an app over SSH."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.berths import Berths, BoundedHosts
from bot.credentials import provider_of
from bot.crew import Crew, Fleet
from bot.errands import Errands
from bot.settings import Settings
from bot.settings_accounts import AccountSettings
from bot.settings_hosts import is_ip
from bot.settings_reach import fallback_of, targets_of
from bot.sls import SlsProject, sls_client
from bot.ssh import FabricHosts
from workflows.apps import App, Host, HostsFrom
from workflows.errors import UnknownApp
from workflows.ports import Clock, Hosts
from workflows.step import Context


def contexts(settings: Settings, clock: Clock) -> Callable[[str, Hosts], Context]:
    """Makes the Context of an app by its name, or raises UnknownApp."""
    source, target = _client("source", settings.source), _client("target", settings.target)

    def context(name: str, hosts: Hosts) -> Context:
        app = settings.apps.get(name)
        if app is None:
            hint = f"Put [apps.{name}] back into the settings, then Retry."
            raise UnknownApp(f"{name} is no longer in the settings", hint)
        return Context(
            app=app,
            waits=settings.waits,
            hosts=hosts,
            source=SlsProject(source, app.source.project, "source"),
            target=SlsProject(target, app.target.project, "target"),
            clock=clock,
            ramp=settings.fleet,
        )

    return context


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
