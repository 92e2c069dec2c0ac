"""Many apps side by side: two accounts, one Slack, and for each app a host that writes and ships."""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox import count, source
from sandbox.clock import Clock
from sandbox.hosts.app import Habits
from sandbox.hosts.fleet import Fleet
from sandbox.slack.control import Control
from sandbox.slack.limits import Limits, Pace
from sandbox.slack.server import SlackServer
from sandbox.sls.accounts import Account
from sandbox.sls.server import SlsServer
from sandbox.sls.settings import Delays
from sandbox.world import BINDABLE, ENDPOINT, KEYS, REGION, SOURCE_ACCOUNT, TARGET_ACCOUNT
from sandbox.world_files import waits
from tests.chaos.slack_faults import FaultySlack
from tests.contract.redis_servers import KEY, until

SPEED = 120.0
CLAIM = 4.0  # seconds
# A job that waits through a storm is in no trouble, so bounds of patience are wide.
PATIENT = {"heartbeat": 90, "appear": 90, "delivery": 90, "proof": 90, "outage": 120}
WAITS = {**waits(SPEED), **PATIENT, "soak": 2, "minutes": 2, "approval": 600}
BUSY = Limits(post=Pace(60, 10), update=Pace(60, 10))


@dataclass
class Site:
    """One app: its names on both sides, and its host."""

    number: int
    fleet: Fleet
    name: str = ""
    ids_before: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = f"app-{self.number}"
        self.ids_before = self.ids()

    @property
    def source(self) -> dict[str, str]:
        names = {"logstore": "logs", "config": "access", "machine_group": "hosts"}
        return {"project": f"shop-b-{self.number}", **names}

    @property
    def target(self) -> dict[str, str]:
        names = dict.fromkeys(("logstore", "config", "machine_group"), self.name)
        return {"project": f"shop-a-{self.number}", **names}

    def ids(self) -> dict[str, bytes]:
        """What the hosts' agents take themselves for."""
        roots = [host.root / "etc/ilogtail" for host in self.fleet.hosts]
        return {str(p): p.read_bytes() for r in roots for p in r.glob("**/*") if p.is_file()}


@dataclass
class Town:
    """Everything outside the product, for `apps` apps; started and stopped by `town`."""

    folder: Path
    sls: SlsServer
    slack: SlackServer
    faulty: FaultySlack
    sites: list[Site]

    @property
    def control(self) -> Control:
        return Control(self.slack.control_url)

    def client(self, side: str) -> Any:
        return source.client(ENDPOINT, self.sls.proxy, KEYS[side].id, KEYS[side].secret)

    def held(self, side: str, names: dict[str, str]) -> Counter[str]:
        sls = self.client(side)
        there = sls.list_logstore(names["project"]).get_logstores()
        if names["logstore"] not in there:
            return Counter()
        return count.pulled(sls, names["project"], names["logstore"])

    def quiet(self) -> None:
        """All applications stop, all agents ship what is left."""
        for site in self.sites:
            site.fleet.stop_writing()
        until(lambda: all(site.fleet.caught_up() for site in self.sites), 60.0)

    def tally(self, site: Site) -> count.Tally:
        hosts, target = site.fleet.hosts, site.target
        return count.tally(
            {host.name: host.root for host in hosts},
            {host.name: host.truth for host in hosts},
            f"##1.0##{target['project']}${target['config']}",
            self.held("source", site.source),
            self.held("target", target),
        )


@contextmanager
def town(folder: Path, apps: int) -> Iterator[Town]:
    """Yield it when account B collects every app."""
    clock = Clock(SPEED)
    accounts = (
        Account(TARGET_ACCOUNT, REGION, (KEYS["target"],)),
        Account(SOURCE_ACCOUNT, REGION, (KEYS["source"],)),
    )
    sls = SlsServer(accounts, clock, delays=Delays(bindable=BINDABLE))
    slack = SlackServer(limits=BUSY)
    sites = [Site(n, _fleet(folder, n, clock, sls)) for n in range(1, apps + 1)]
    with contextlib.ExitStack() as ending:
        for part in (sls, slack):
            part.start()
            ending.callback(part.stop)
        faulty = ending.enter_context(FaultySlack(slack.api_base_url))
        made = Town(folder, sls, slack, faulty, sites)
        for site in sites:
            source.collect(made.client("source"), site.source, f"{site.name}-hosts")
            made.client("target").create_project(site.target["project"], "the shop's logs")
            site.fleet.start()
            ending.callback(site.fleet.stop)
        until(lambda: all(made.held("source", site.source) for site in sites), 60.0)
        yield made


def _fleet(folder: Path, number: int, clock: Clock, sls: SlsServer) -> Fleet:
    return Fleet(
        folder / f"site{number}",
        (f"h{number}",),
        account_id=SOURCE_ACCOUNT,
        region=REGION,
        clock=clock,
        door=sls.door,
        custom_id=f"app-{number}-hosts",
        habits=Habits(rate=10.0, history=60),
        seed=number,
    )


def write_config(made: Town, redis_url: str) -> Path:
    """The product's settings, its secrets in files beside them."""
    secrets = made.folder / "secrets"
    secrets.mkdir(mode=0o700)
    slack = made.slack
    given = {"bot_token": slack.bot_token, "app_token": slack.app_token, "keys": KEY.decode()}
    given |= {
        f"{side}_{part}": getattr(KEYS[side], part) for side in KEYS for part in ("id", "secret")
    }
    for name, value in given.items():
        with os.fdopen(os.open(secrets / name, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(value)
    known = made.folder / "known_hosts"
    known.write_text("".join(site.fleet.known_hosts.read_text() for site in made.sites))
    path = made.folder / "config.toml"
    path.write_text(_toml(made, redis_url, secrets, known))
    return path


def _toml(made: Town, redis_url: str, secrets: Path, known: Path) -> str:
    tables: dict[str, dict[str, Any]] = {
        "redis": {"url": redis_url},
        "slack": {
            "api_base_url": made.faulty.api_base_url,
            "test_double": True,
            "bot_token_file": secrets / "bot_token",
            "app_token_file": secrets / "app_token",
            "update_every": 1.0,
        },
        "people": {"approvers": [made.slack.users["bob"]]},
        "waits": WAITS,
        "ssh": {"known_hosts": known},
        "work": {"threads": 4, "claim": CLAIM, "grace": 5.0},
        "log": {"format": "text", "level": "info"},
    }
    for side in KEYS:
        tables[f"accounts.{side}"] = {
            "endpoint": f"http://{ENDPOINT}",
            "proxy": made.sls.proxy,
            "access_key_id_file": secrets / f"{side}_id",
            "access_key_secret_file": secrets / f"{side}_secret",
        }
    for site in made.sites:
        tables |= _of_site(site)
    top = {"data_dir": made.folder / "data", "snapshot_keys_file": secrets / "keys"}
    lines = [*_pairs(top), *(line for name, t in tables.items() for line in _table(name, t))]
    return "\n".join(lines) + "\n"


def _of_site(site: Site) -> dict[str, dict[str, Any]]:
    (host,) = site.fleet.hosts
    reach = {"address": host.address, "port": host.port, "user": host.user}
    folders = {
        "conf_dir": host.root / "etc/ilogtail",
        "agent_dir": host.root / "usr/local/ilogtail",
    }
    app = f"apps.{site.name}"
    return {
        f"hosts.{host.name}": {**reach, "key_file": host.key_file, **folders},
        app: {"custom_id": site.name, "hosts": [host.name]},
        f"{app}.source": site.source,
        f"{app}.target": site.target,
    }


def _table(name: str, pairs: dict[str, Any]) -> list[str]:
    return ["", f"[{name}]", *_pairs(pairs)]


def _pairs(pairs: dict[str, Any]) -> list[str]:
    """TOML's values here are written as JSON writes them."""
    return [f"{k} = {json.dumps(str(v) if isinstance(v, Path) else v)}" for k, v in pairs.items()]
