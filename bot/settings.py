"""The settings: one TOML file for what is public, the environment or files for secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bot.redis_address import Address
from bot.secret import Secret, Secrets
from bot.settings_accounts import AccountSettings, read_account
from bot.settings_apps import read_apps
from bot.settings_hosts import SHARED_KEYS, HostSettings, Reach, read_hosts
from bot.settings_proof import PRICES, read_prices, read_proof
from bot.settings_read import Table, toml
from bot.settings_slack import SlackSettings, read_people, read_slack
from bot.settings_store import REDIS, read_redis, read_snapshot_keys
from workflows.apps import App, People, Prices, Proving, Ramp, Waits


@dataclass(frozen=True)
class SshSettings:
    """What all hosts share; the times are seconds."""

    known_hosts: Path
    concurrency: int
    connect: float
    banner: float
    auth: float
    command: float


@dataclass(frozen=True)
class WorkSettings:
    threads: int = 8
    claim: float = 8.0  # seconds for which a worker holds a job without renewing
    grace: float = 30.0  # seconds that a worker has to end its moves when it is told to stop
    batch: int = 200  # hosts; the work on more of them is shared by all workers
    keep_days: float = 90.0  # how long Redis keeps a job that has ended; its report stays
    watch_days: float = 14.0  # after its end, what was agreed in a move is watched so long
    end_dual: bool = True  # roll back where both sides collect for too long and nobody answers


@dataclass(frozen=True)
class LogSettings:
    level: str
    format: str  # json or text


@dataclass(frozen=True)
class Settings:
    """All of it, checked; `redis` is None where the embedded Valkey serves."""

    data_dir: Path
    redis: Address | None
    slack: SlackSettings
    source: AccountSettings
    target: AccountSettings
    snapshot_keys: tuple[Secret, ...]  # Fernet keys; the first encrypts
    people: People
    waits: Waits
    fleet: Ramp
    proof: Proving
    prices: Prices
    ssh: SshSettings
    hosts: Mapping[str, HostSettings]
    apps: Mapping[str, App]
    reach: Mapping[str, Reach]  # by app: its hosts as they are reached for it
    work: WorkSettings
    log: LogSettings
    alive: Path  # what a running process keeps touching


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read and check everything. Raises SettingsError, whose text starts with the key's path."""
    top = Table(
        toml(path),
        "",
        path.parent,
        *("data_dir", "snapshot_keys", "snapshot_keys_file"),
        *("redis", "slack", "accounts", "people", "waits", "fleet", "ssh"),
        *("proof", "prices", "hosts", "apps", "work", "log"),
    )
    return _settings(top, Secrets(environ))


def _settings(top: Table, secrets: Secrets) -> Settings:
    accounts = top.table("accounts", "source", "target")
    ssh = top.table("ssh", *(field.name for field in fields(SshSettings)), *SHARED_KEYS)
    hosts = read_hosts(top, ssh)
    apps, reach = read_apps(top, ssh, hosts)
    data_dir = top.file("data_dir", "~/.local/share/logmigrate")
    return Settings(
        data_dir=data_dir,
        redis=read_redis(top.table("redis", *REDIS), secrets),
        slack=read_slack(top, secrets),
        source=read_account(accounts, "source", secrets),
        target=read_account(accounts, "target", secrets),
        snapshot_keys=read_snapshot_keys(top, secrets),
        people=read_people(top.table("people", "approvers", "requesters")),
        waits=_waits(top.table("waits", *(field.name for field in fields(Waits)))),
        fleet=_fleet(top.table("fleet", *(field.name for field in fields(Ramp)))),
        proof=read_proof(top.table("proof", *(field.name for field in fields(Proving)))),
        prices=read_prices(top.table("prices", *PRICES)),
        ssh=_ssh(ssh),
        hosts=hosts,
        apps=apps,
        reach=reach,
        work=_work(top.table("work", *(field.name for field in fields(WorkSettings)))),
        log=_log(top.table("log", "level", "format")),
        alive=Path(secrets.environ.get("LOGMIGRATE_ALIVE") or data_dir / "alive"),
    )


def _waits(table: Table) -> Waits:
    usual = Waits()
    values: dict[str, Any] = {}  # of the types that the fields' defaults have
    for field in fields(Waits):
        value = getattr(usual, field.name)
        read = table.whole if isinstance(value, int) else table.number
        values[field.name] = read(field.name, value)
    waits = Waits(**values)
    if waits.dual <= waits.soak:  # or it would be rolled back before it could be agreed to
        told = f"{waits.dual:g} s are no longer than the {waits.soak:g} s of waits.soak"
        raise table.wrong("dual", f"{told}, and both sides collect for both; make it longer")
    return waits


def _fleet(table: Table) -> Ramp:
    usual = Ramp()
    return Ramp(
        first=table.whole("first", usual.first),
        growth=table.number("growth", usual.growth, least=1.0),
        tries=table.whole("tries", usual.tries),
        errors=table.whole("errors", usual.errors, least=0),
        share=table.number("share", usual.share, most=1.0),
    )


def _ssh(table: Table) -> SshSettings:
    return SshSettings(
        known_hosts=table.file("known_hosts"),
        concurrency=table.whole("concurrency", 50),
        connect=table.number("connect", 10.0),
        banner=table.number("banner", 10.0),
        auth=table.number("auth", 10.0),
        command=table.number("command", 60.0),
    )


def _work(table: Table) -> WorkSettings:
    usual = WorkSettings()
    return WorkSettings(
        threads=table.whole("threads", usual.threads),
        claim=table.number("claim", usual.claim),
        grace=table.number("grace", usual.grace),
        batch=table.whole("batch", usual.batch),
        keep_days=table.number("keep_days", usual.keep_days),
        watch_days=table.number("watch_days", usual.watch_days),
        end_dual=table.flag("end_dual", default=usual.end_dual),
    )


def _log(table: Table) -> LogSettings:
    return LogSettings(
        level=table.choice("level", ("debug", "info", "warning", "error"), "info"),
        format=table.choice("format", ("json", "text"), "json"),
    )
