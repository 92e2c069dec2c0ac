"""The part of the settings that names hosts and apps; checks that they fit together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.settings_read import Table, listed
from workflows.apps import App, Host, Side
from workflows.errors import SettingsError

HOST_NAME = (r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", "a host's name holds A-Z, a-z, 0-9, '.', '_', '-'")
APP_NAME = (r"[a-z0-9][a-z0-9_-]{0,62}", "an app's name holds a-z, 0-9, '_' and '-'")
CUSTOM_ID = (r"[A-Za-z0-9_-]{1,128}", "it may hold A-Z, a-z, 0-9, '_' and '-'")
# What lies in the source may be older than today's naming rules, so it is only kept harmless.
SOURCE_NAME = (r"[A-Za-z0-9._-]{1,128}", "only letters, digits, '.', '_' and '-' are known here")
PROJECT = (
    r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    "a project's name is 3 to 63 of a-z, 0-9 and '-', with a letter or digit at both ends",
)


def _rule(least: int, most: int) -> tuple[str, str]:
    pattern = rf"[a-z0-9][a-z0-9_-]{{{least - 2},{most - 2}}}[a-z0-9]"
    return pattern, (
        f"such a name is {least} to {most} of a-z, 0-9, '_' and '-', "
        "with a letter or digit at both ends"
    )


TARGET_NAMES = {"logstore": _rule(3, 63), "config": _rule(2, 128), "machine_group": _rule(3, 128)}
SIDE_KEYS = ("project", *TARGET_NAMES)
HOST_KEYS = ("address", "port", "user", "key_file", "sudo", "conf_dir", "agent_dir")


@dataclass(frozen=True)
class HostSettings:
    """How one host is reached, and where its agent lives."""

    name: str
    address: str
    port: int
    user: str
    key_file: Path
    sudo: bool
    conf_dir: str
    agent_dir: str

    @property
    def host(self) -> Host:
        return Host(self.name, self.conf_dir, self.agent_dir)


def read_hosts(top: Table, ssh: Table) -> dict[str, HostSettings]:
    """All hosts by name; user and key file may be given once, in [ssh]."""
    return {
        name: HostSettings(
            name=name,
            address=table.text("address", name),
            port=table.whole("port", 22, most=65535),
            user=(table if table.has("user") else ssh).text("user"),
            key_file=(table if table.has("key_file") else ssh).file("key_file"),
            sudo=table.flag("sudo", default=False),
            conf_dir=_absolute(table, "conf_dir", Host.conf_dir),
            agent_dir=_absolute(table, "agent_dir", Host.agent_dir),
        )
        for name, table in top.tables("hosts", HOST_NAME, *HOST_KEYS).items()
    }


def _absolute(table: Table, key: str, default: str) -> str:
    rule = "it must be an absolute path without '/' at its end"
    return table.matching(key, r"/.*[^/]", rule, default)


def read_apps(top: Table, hosts: Mapping[str, HostSettings]) -> dict[str, App]:
    """All apps by name; no two of them may touch the same things."""
    tables = top.tables("apps", APP_NAME, "custom_id", "hosts", "source", "target")
    if not tables:
        raise top.wrong("apps", "no app is named; add [apps.<name>], see config.example.toml")
    apps = {name: _app(name, table, hosts) for name, table in tables.items()}
    _refuse_shared(tables, apps)
    return apps


def _app(name: str, table: Table, hosts: Mapping[str, HostSettings]) -> App:
    app = App(
        name=name,
        custom_id=table.matching("custom_id", *CUSTOM_ID),
        source=_source(table.table("source", *SIDE_KEYS)),
        target=_target(table.table("target", *SIDE_KEYS), name),
        hosts=_hosts_of(table, hosts),
    )
    if app.source.project == app.target.project:
        raise SettingsError(f"{table.path}.target.project: is the source's project too")
    return app


def _source(table: Table) -> Side:
    project = table.matching("project", *PROJECT)
    return Side(project, *(table.matching(key, *SOURCE_NAME) for key in TARGET_NAMES))


def _target(table: Table, app: str) -> Side:
    project = table.matching("project", *PROJECT)
    names = (table.matching(key, *rule, app) for key, rule in TARGET_NAMES.items())
    return Side(project, *names)


def _hosts_of(table: Table, hosts: Mapping[str, HostSettings]) -> tuple[Host, ...]:
    names = table.texts("hosts")
    for n, name in enumerate(names):
        if name not in hosts:
            raise table.wrong_at("hosts", n, f'no such host "{name}"; known are {listed(hosts)}')
    if not names:
        raise table.wrong("hosts", f"names no host; known are {listed(hosts)}")
    return tuple(hosts[name].host for name in names)


def _belongings(app: App) -> dict[str, tuple[str, ...]]:
    """What must be this app's alone, by the key that names it."""
    return {
        "custom_id": (app.custom_id,),
        "source.config": (app.source.project, app.source.config),
        "target.logstore": (app.target.project, app.target.logstore),
        "target.config": (app.target.project, app.target.config),
        "target.machine_group": (app.target.project, app.target.machine_group),
    }


def _refuse_shared(tables: Mapping[str, Table], apps: Mapping[str, App]) -> None:
    owner: dict[tuple[str, ...], str] = {}
    for name, app in apps.items():
        for key, thing in _belongings(app).items():
            other = owner.setdefault((key, *thing), name)
            if other != name:
                why = f"{thing[-1]!r} is {other}'s too; give each app its own"
                raise SettingsError(f"{tables[name].path}.{key}: {why}")
