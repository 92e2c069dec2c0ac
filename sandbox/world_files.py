"""What a world writes for others: the ready file in JSON, and a config file for the product.

The config is an ordinary one. Its waits are the product's defaults on the sandbox's clock (but for
`SHORTER`); bounds of patience are not made shorter than what a busy machine needs.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.hosts.jump import JUMP
from sandbox.hosts.root import AGENT_HOME, CONF
from sandbox.hosts.service_script import path_of
from sandbox.hosts.ssh import ADDRESS, USER
from sandbox.hosts.versions import traits
from sandbox.world import APP, ENDPOINT, KEYS, SOURCE, SOURCE_ACCOUNT, TARGET, TARGET_ACCOUNT
from workflows.apps import Waits

if TYPE_CHECKING:
    from sandbox.world import World

PATIENT = {"heartbeat": 30.0, "appear": 30.0, "delivery": 30.0, "proof": 30.0, "fresh": 5.0}
LEAST = {
    "look": 0.3, "settle": 1.0, "outage": 60.0, "approval": 600.0, "quiet": 5.0, "answer": 60.0,
    **PATIENT,
}  # fmt: skip
# Shorter than the product's own: what half an hour with the target alone shows is seen here sooner.
SHORTER = {"alone": 600.0}


def facts(world: World, config: Path) -> dict[str, Any]:
    """The world in JSON, as `sandbox up --ready-file` writes it."""
    slack = world.slack
    return {
        "slack": {
            "api_base_url": slack.api_base_url,
            "control_url": slack.control_url,
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "signing_secret": slack.signing_secret,
            "channel": slack.channel,
            "users": slack.users,
        },
        "sls": {
            "endpoint": ENDPOINT,
            "proxy": world.sls.proxy,
            "source": _side("source", SOURCE_ACCOUNT, SOURCE),
            "target": _side("target", TARGET_ACCOUNT, TARGET),
        },
        "redis_url": world.redis_url,
        "hosts": [_host(host) for host in world.fleet.hosts],
        "config": str(config),
    }


def _side(side: str, account: str, names: dict[str, str]) -> dict[str, str]:
    key = KEYS[side]
    keys = {"access_key_id": key.id, "access_key_secret": key.secret}
    return {"account_id": account, **keys, **names}


def _host(host: Any) -> dict[str, Any]:
    shown = ("name", "address", "port", "user")
    paths = {"key_file": str(host.key_file), "root": str(host.root)}
    return {**{name: getattr(host, name) for name in shown}, **paths}


def write_config(world: World, path: Path) -> None:
    """The product's config file; its secrets lie in files of their own, mode 0600, in the world.

    Not beside the config: two worlds may write theirs into one folder.
    """
    secrets = world.folder / "secrets"
    secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
    given = _secrets(world)
    for name, value in given.items():
        _write_private(secrets / name, value)
    path.write_text(_toml(world, secrets), encoding="utf-8")


def _secrets(world: World) -> dict[str, str]:
    keys = {
        f"{side}_{part}": getattr(KEYS[side], part)
        for side in ("source", "target")
        for part in ("id", "secret")
    }
    slack = world.slack
    return {
        "bot_token": slack.bot_token,
        "app_token": slack.app_token,
        "signing_secret": slack.signing_secret,
        "snapshot_keys": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "redis_url": world.redis_url,
        **keys,
    }


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text + "\n")


def waits(speed: float) -> dict[str, float | int]:
    """The product's own defaults, as long as they take on the sandbox's clock."""
    found: dict[str, float | int] = {}
    for field in fields(Waits):
        usual = SHORTER.get(field.name, getattr(Waits(), field.name))
        found[field.name] = max(usual / speed, LEAST.get(field.name, 0.0))
    found["minute"] = max(1, round(Waits.minute / speed))
    found["minutes"] = Waits.minutes
    return found


def _toml(world: World, secrets: Path) -> str:
    tables: list[tuple[str, dict[str, Any]]] = [
        ("redis", {"url_file": secrets / "redis_url"} if world.shape.named_redis else {}),
        ("slack", _slack(world, secrets)),
        ("people", {"approvers": [world.slack.users["bob"]]}),
        ("waits", dict(waits(world.shape.speed))),
        ("ssh", _ssh(world)),
        ("work", {"threads": 4}),
        ("log", {"format": "text", "level": "info"}),
    ]
    tables += [(f"accounts.{side}", _account(world, secrets, side)) for side in KEYS]
    tables += [(f"hosts.{host.name}", _reach(world, host)) for host in world.fleet.hosts]
    if world.shape.jump:
        tables.append((f"hosts.{JUMP}", _jump(world)))
    hosts = list(world.shape.names)
    tables += [
        (f"apps.{APP}", {"custom_id": APP, "hosts": hosts}),
        (f"apps.{APP}.source", _named(world, SOURCE)),
        (f"apps.{APP}.target", _named(world, TARGET)),
    ]
    top = {
        "data_dir": world.folder / "data",
        "snapshot_keys_file": secrets / "snapshot_keys",
    }
    return "\n".join([*_pairs(top), *(line for table in tables for line in _table(*table))]) + "\n"


def _named(world: World, side: dict[str, str]) -> dict[str, str]:
    """Without configs where there are several: then all are moved, under their own names."""
    left_out = {"config"} if world.shape.audit else set()
    return {key: name for key, name in side.items() if key not in left_out}


def _slack(world: World, secrets: Path) -> dict[str, Any]:
    request_url = world.shape.request_url
    shared: dict[str, Any] = {
        "api_base_url": world.slack.api_base_url,
        "test_double": True,
        "bot_token_file": secrets / "bot_token",
        "update_every": 1.0,
    }
    if request_url is None:
        return {"mode": "socket", "app_token_file": secrets / "app_token", **shared}
    listen = request_url.split("://")[1].split("/")[0]
    signing = {"signing_secret_file": secrets / "signing_secret"}
    return {"mode": "http", "listen": listen, **signing, **shared}


def _account(world: World, secrets: Path, side: str) -> dict[str, Any]:
    return {
        "endpoint": f"http://{ENDPOINT}",
        "proxy": world.sls.proxy,
        "access_key_id_file": secrets / f"{side}_id",
        "access_key_secret_file": secrets / f"{side}_secret",
    }


def _ssh(world: World) -> dict[str, Any]:
    more = {"sudo": True} if world.shape.sudo else {}
    return {"known_hosts": world.fleet.known_hosts, "key_file": world.fleet.key_file, **more}


def _reach(world: World, host: Any) -> dict[str, Any]:
    version = world.fleet.machines[host.name].release
    return {
        "address": host.address,
        "port": host.port,
        "user": host.user,
        "ip": host.ip,
        "conf_dir": host.root / CONF,
        "agent_dir": host.root / AGENT_HOME,
        "service": host.root / path_of(traits(version)),
        **({"jump": JUMP} if world.shape.jump else {}),
    }


def _jump(world: World) -> dict[str, Any]:
    return {"address": ADDRESS, "port": world.fleet.jump, "user": USER}


def _table(name: str, pairs: dict[str, Any]) -> list[str]:
    return ["", f"[{name}]", *_pairs(pairs)]


def _pairs(pairs: dict[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in pairs.items()]


def _value(value: Any) -> str:
    """TOML's strings, numbers, booleans and arrays of them are written as JSON writes them."""
    return json.dumps(str(value) if isinstance(value, Path) else value)
