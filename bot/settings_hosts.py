"""The part of the settings that names hosts: how each is reached, and where its agent lives."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.settings_jumps import jump_of, refuse_circles, refuse_unknown_jumps, way
from bot.settings_read import Table, joined
from workflows.apps import Host
from workflows.errors import SettingsError

HOST_NAME = (r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", "a host's name holds A-Z, a-z, 0-9, '.', '_', '-'")
OWN_KEYS = ("address", "ip")  # what no other table can say of a host
SHARED_KEYS = ("user", "key_file", "jump", "sudo")  # what [ssh] may say of all hosts
APP_KEYS = (*SHARED_KEYS, "port", "conf_dir", "agent_dir", "service")
HOST_KEYS = (*OWN_KEYS, *APP_KEYS)


@dataclass(frozen=True)
class HostSettings:
    """How one host is reached, and where its agent lives."""

    name: str
    address: str
    user: str
    key_file: Path
    port: int = 22
    sudo: bool = False
    jump: str = ""  # name of the host through which it is reached
    conf_dir: str = Host.conf_dir
    agent_dir: str = Host.agent_dir
    service: str = Host.service
    ip: str = Host.ip

    @property
    def host(self) -> Host:
        return Host(self.name, self.conf_dir, self.agent_dir, self.service, self.ip)

    @property
    def place(self) -> tuple[str, int, str]:
        """Two hosts at one place are one host; behind another jump host it is another place."""
        return self.address.lower(), self.port, self.jump


Hosts = Mapping[str, HostSettings]  # by name


@dataclass(frozen=True)
class Reach:
    """The hosts as one app's own settings have them."""

    hosts: Hosts
    others: HostSettings | None = None  # how one is reached that only the machine group names


def read_hosts(top: Table, ssh: Table) -> dict[str, HostSettings]:
    """All hosts by name; what [ssh] says holds for those that do not say it themselves."""
    tables = top.tables("hosts", HOST_NAME, *HOST_KEYS)
    refuse_unknown_jumps((ssh, *tables.values()), tables)
    usual = told(ssh)
    direct = way(jump_of(ssh), {name: jump_of(table) for name, table in tables.items()})
    hosts = {
        name: described(name, ssh, {"address": name, **_for(name, usual, direct), **told(table)})
        for name, table in tables.items()
    }
    jumps = {name: host.jump for name, host in hosts.items()}
    refuse_circles(jumps, jumps, "hosts")
    refuse_twins(hosts.values(), "hosts")
    return hosts


def described(name: str, ssh: Table, values: Mapping[str, Any]) -> HostSettings:
    """A host of these values; [ssh] is blamed for a user or a key file that nobody named."""
    user = values.get("user") or ssh.text("user")
    key_file = values.get("key_file") or ssh.file("key_file")
    return HostSettings(name=name, **{**values, "user": user, "key_file": key_file})


def read_own(app: Table, known: Hosts, names: Sequence[str]) -> dict[str, HostSettings]:
    """These hosts with what [apps.A.on] says of all of them, and [apps.A.on.h1] of one."""
    on = app.table("on", *APP_KEYS, *names)
    own = {name: on.table(name, *APP_KEYS) for name in names if name in on.given()}
    refuse_unknown_jumps((on, *own.values()), known)
    usual, jumps = told(on), {name: host.jump for name, host in known.items()}
    direct = way(jump_of(on), jumps)
    hosts = {
        name: replace(known[name], **{**_for(name, usual, direct), **told(own.get(name))})
        for name in names
    }
    refuse_circles({name: host.jump for name, host in hosts.items()}, jumps, on.path)
    refuse_twins(hosts.values(), on.path)
    return hosts


def read_others(app: Table, ssh: Table, names: Sequence[str]) -> HostSettings:
    """How a host of the app is reached that no table names."""
    on = app.table("on", *APP_KEYS, *names)
    return described("", ssh, {"address": "", **told(ssh), **told(on)})


def _absolute(table: Table, key: str, default: str) -> str:
    rule = "it must be an absolute path without '/' at its end"
    return table.matching(key, r"/.*[^/]", rule, default)


def _ip(table: Table) -> str:
    given = table.text("ip", "")
    if given and not is_ip(given):
        raise table.wrong("ip", f"is {given!r}; it must be an address such as 10.0.0.11")
    return given


READ: Mapping[str, Callable[[Table], Any]] = {
    "address": lambda table: table.text("address"),
    "ip": _ip,
    "user": lambda table: table.text("user"),
    "key_file": lambda table: table.file("key_file"),
    "jump": jump_of,
    "sudo": lambda table: table.flag("sudo", default=False),
    "port": lambda table: table.whole("port", 22, most=65535),
    "conf_dir": lambda table: _absolute(table, "conf_dir", Host.conf_dir),
    "agent_dir": lambda table: _absolute(table, "agent_dir", Host.agent_dir),
    "service": lambda table: _absolute(table, "service", ""),
}


def told(table: Table | None) -> dict[str, Any]:
    """What a table says of a host, checked; nothing of what it leaves out."""
    if table is None:
        return {}
    return {key: read(table) for key, read in READ.items() if key in table.given()}


def is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _for(name: str, usual: Mapping[str, Any], direct: Container[str]) -> dict[str, Any]:
    """What is said of all hosts, for one: those on the way to all are reached as before."""
    return {key: value for key, value in usual.items() if key != "jump" or name not in direct}


def refuse_twins(hosts: Iterable[HostSettings], path: str) -> None:
    """No two names for one place."""
    owner: dict[object, str] = {}
    for host in hosts:
        other = owner.setdefault(host.place, host.name)
        if other != host.name:
            why = f"{host.address}:{host.port} is {other}'s too; one host has one name"
            raise SettingsError(f"{joined(path, host.name)}.address: {why}")
