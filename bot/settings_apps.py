"""The part of the settings that names apps; checks that they and the hosts fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.settings_hosts import Hosts, HostSettings, Reach, is_ip, read_others, read_own
from bot.settings_read import Table, listed
from bot.settings_roles import ROLES, read_roles
from workflows.apps import App, Host, HostsFrom, Side
from workflows.collection.names import PLACEHOLDERS, target_name
from workflows.errors import SettingsError

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


TARGET_NAMES = {"logstore": _rule(3, 63), "machine_group": _rule(3, 128)}
CONFIG_NAME = _rule(2, 128)
SIDE_KEYS = ("project", "logstore", "config", "machine_group")
APP_KEYS = ("custom_id", "hosts_from", "hosts", "on", "source", "target", "history")


def read_apps(top: Table, ssh: Table, hosts: Hosts) -> tuple[dict[str, App], dict[str, Reach]]:
    """All apps by name, and their hosts; no two of them may touch the same things."""
    tables = top.tables("apps", APP_NAME, *APP_KEYS)
    if not tables:
        raise top.wrong("apps", "no app is named; add [apps.<name>], see config.example.toml")
    reach = {name: _reach(table, ssh, hosts) for name, table in tables.items()}
    apps = {name: _app(name, table, reach[name]) for name, table in tables.items()}
    _refuse_shared(tables, apps)
    return apps, reach


def _app(name: str, table: Table, reach: Reach) -> App:
    app = App(
        name=name,
        custom_id=table.matching("custom_id", *CUSTOM_ID),
        source=_source(table.table("source", *SIDE_KEYS)),
        target=_target(table.table("target", *SIDE_KEYS), name),
        hosts=tuple(_host(host, _hosts_from(table)) for host in reach.hosts.values()),
        hosts_from=_hosts_from(table),
        others=reach.others.host if reach.others else Host(""),
        roles=read_roles(table.table("history", *ROLES)),
    )
    if app.source.project == app.target.project:
        raise SettingsError(f"{table.path}.target.project: is the source's project too")
    return app


def _reach(table: Table, ssh: Table, known: Hosts) -> Reach:
    """The app's hosts; where the machine group says which, the others are reached as [ssh] says."""
    names = _listed(table, known)
    if _hosts_from(table) is HostsFrom.LIST:
        return Reach(read_own(table, known, names))
    names = names or tuple(known)
    return Reach(read_own(table, known, names), read_others(table, ssh, names))


def _host(host: HostSettings, hosts_from: HostsFrom) -> Host:
    """A machine group names hosts by their ip, so there an address that is one counts as it."""
    if hosts_from is HostsFrom.GROUP and not host.ip and is_ip(host.address):
        host = replace(host, ip=host.address)
    return host.host


def _hosts_from(table: Table) -> HostsFrom:
    return HostsFrom(table.choice("hosts_from", tuple(HostsFrom), HostsFrom.LIST))


def _source(table: Table) -> Side:
    """Logs move by logstore; its configs and their machine groups are found where none is named."""
    configs = table.text_or_texts("config")
    for name in configs:
        if not re.fullmatch(SOURCE_NAME[0], name):
            raise table.wrong("config", f"names {name!r}; {SOURCE_NAME[1]}")
    return Side(
        table.matching("project", *PROJECT),
        table.matching("logstore", *SOURCE_NAME),
        configs[0] if configs else "",
        table.matching("machine_group", *SOURCE_NAME, ""),
        configs[1:],
    )


def _target(table: Table, app: str) -> Side:
    project = table.matching("project", *PROJECT)
    logstore, group = (table.matching(key, *rule, app) for key, rule in TARGET_NAMES.items())
    return Side(project, logstore, _template(table), group)


def _template(table: Table) -> str:
    template = table.text("config", "{config}")
    bare = template
    for placeholder in PLACEHOLDERS:
        bare = bare.replace(placeholder, "xx")
    if not re.fullmatch(CONFIG_NAME[0], bare):
        why = f"{CONFIG_NAME[1]}; {' and '.join(PLACEHOLDERS)} stand for names"
        raise table.wrong("config", f"is {template!r}; {why}")
    return template


def _listed(table: Table, known: Hosts) -> tuple[str, ...]:
    """The names in the app's own list; only a machine group can do without one."""
    names = table.texts("hosts")
    for n, name in enumerate(names):
        if name not in known:
            raise table.wrong_at("hosts", n, f'no such host "{name}"; known are {listed(known)}')
    if not names and _hosts_from(table) is not HostsFrom.GROUP:
        cure = 'hosts_from = "group" takes those of the source\'s machine group'
        raise table.wrong("hosts", f"names no host; known are {listed(known)}; {cure}")
    return names


def _belongings(app: App) -> Iterator[tuple[str, ...]]:
    """What must be this app's alone, each behind the key that names it."""
    source, target = app.source, app.target
    yield "custom_id", app.custom_id
    for config in source.configs:
        yield "source.config", source.project, config
    yield "source.logstore", source.project, source.logstore
    yield "target.logstore", target.project, target.logstore
    if source.configs or "{config}" not in target.config:  # else known when the source's are
        for config in source.configs or ("",):
            yield "target.config", target.project, target_name(target.config, config, app.name)
    yield "target.machine_group", target.project, target.machine_group


def _refuse_shared(tables: Mapping[str, Table], apps: Mapping[str, App]) -> None:
    owner: dict[tuple[str, ...], str] = {}
    for name, app in apps.items():
        for thing in _belongings(app):
            other = owner.setdefault(thing, name)
            if other != name:
                why = f"{thing[-1]!r} is {other}'s too; give each app its own"
                raise SettingsError(f"{tables[name].path}.{thing[0]}: {why}")
