"""From the settings of an app's hosts to where SSH finds them, through which other hosts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.settings import Settings
from bot.settings_hosts import Hosts, HostSettings, is_ip
from bot.ssh_target import SshTarget


def targets_of(settings: Settings, app: str) -> dict[str, SshTarget]:
    """Every host that the app may have, by name."""
    return {name: _target(settings, host) for name, host in settings.reach[app].hosts.items()}


def fallback_of(settings: Settings, app: str) -> Callable[[str], SshTarget | None]:
    """Where a host is that the machine group alone names, by the address that it told.

    A table under [hosts] with that `ip` or address counts; else [ssh] and [apps.A.on] do. None for
    what is no address, and where only the settings say which hosts there are.
    """
    reach = settings.reach[app]
    if reach.others is None:
        return lambda name: None
    others = reach.others
    known = _by_address(settings.hosts) | _by_address(reach.hosts)

    def found(name: str) -> SshTarget | None:
        if not is_ip(name):
            return None
        host = known.get(name, replace(others, address=name))
        return _target(settings, replace(host, name=name))

    return found


def _by_address(hosts: Hosts) -> dict[str, HostSettings]:
    """Hosts by the address they are known by; what [hosts.X] calls `ip` comes before `address`."""
    addresses = {host.address: host for host in hosts.values()}
    return addresses | {host.ip: host for host in hosts.values() if host.ip}


def _target(settings: Settings, host: HostSettings) -> SshTarget:
    jump = _target(settings, settings.hosts[host.jump]) if host.jump else None
    return SshTarget(host.name, host.address, host.port, host.user, host.key_file, host.sudo, jump)
