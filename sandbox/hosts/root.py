"""The root folder of one host: what lies where, and how it looks before anybody touches it."""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sandbox.hosts.service_script import RUN, path_of, script_of
from sandbox.hosts.versions import traits

CONF = "etc/ilogtail"
INIT = "etc/init.d"
USERS = f"{CONF}/users"
CUSTOM_IDS = f"{CONF}/user_defined_id"
AGENT_HOME = "usr/local/ilogtail"
APP_INFO = f"{AGENT_HOME}/app_info.json"
AGENT_CONFIG = f"{AGENT_HOME}/ilogtail_config.json"
DELIVERED = f"{AGENT_HOME}/user_log_config.json"
AGENT_LOG = f"{AGENT_HOME}/ilogtail.LOG"
CHECKPOINT = "tmp/logtail_check_point"
LAST_OCTET = 255


@dataclass(frozen=True)
class Machine:
    """What a host is called and what its agent says of itself in a heartbeat."""

    name: str
    ip: str
    region: str
    version: str = "1.8.8"
    os: str = "Linux; 5.10.134; #1 SMP; x86_64"
    env: Mapping[str, str] = field(default_factory=dict)  # of the agent's process
    skew: float = 0.0  # seconds by which the host's clock is ahead of the true time
    delivered_in: str = ""  # where delivered configs lie, if not where the version's row says

    @cached_property
    def unique_id(self) -> str:
        """The UUID of the machine, the same for the same name and address."""
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{self.name}.{self.ip}")).upper()

    @property
    def host_id(self) -> str:
        """The ECS instance id, the same for the same name and address."""
        return "i-bp1" + hashlib.sha256(self.unique_id.encode()).hexdigest()[:17]

    @cached_property
    def release(self) -> tuple[int, ...]:
        """The agent's version as numbers, so that versions compare."""
        return tuple(int(part) for part in self.version.split("."))

    @property
    def is_loongcollector(self) -> bool:
        """From 3.0 on the commercial agent is LoongCollector and its files name other fields."""
        return self.release >= (3, 0)


def nth_ip(index: int) -> str:
    """Return the address of host number `index`, from 10.0.0.11 on; ValueError past the last."""
    third, fourth = divmod(index + 10, 254)
    if third > LAST_OCTET:
        raise ValueError(f"address for host {index}: 10.0.0.0/16 is used up; ask for fewer hosts")
    return f"10.0.{third}.{fourth + 1}"


def inside(root: Path, path: str) -> Path:
    """Return where the host's absolute `path` lies under `root`; `..` cannot lead out of it."""
    return root / os.path.normpath("/" + path).lstrip("/")


def replace_text(path: Path, text: str) -> None:
    """Write a file whole or not at all: a reader sees the old text or the new one."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def lay_out(root: Path, machine: Machine, custom_id: str, *, final_newline: bool = True) -> None:
    """Make the folders and the agent's files, with B's own custom id present and no `users/`."""
    for folder in (CONF, INIT, AGENT_HOME, "var/log", RUN, "tmp"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / CUSTOM_IDS).write_text(custom_id + ("\n" if final_newline else ""), encoding="utf-8")
    lay_out_agent(root, machine)
    stamp = time.strftime("%Y-%m-%d %H:%M:%S")
    replace_text(root / APP_INFO, json_text(app_info(machine, machine.ip, time.time(), stamp)))


def lay_out_agent(root: Path, machine: Machine, before: Machine | None = None) -> None:
    """Install an agent, in place of the one before; its config file stays if it would be equal."""
    row = traits(machine.release)
    if before:
        (root / path_of(traits(before.release))).unlink()
    (root / path_of(row)).write_text(script_of(row), encoding="utf-8")
    (root / path_of(row)).chmod(0o755)
    if before is None or agent_config(before) != agent_config(machine):
        replace_text(root / AGENT_CONFIG, json_text(agent_config(machine)))


def app_info(machine: Machine, ip: str, at: float, stamp: str) -> dict[str, Any]:
    """Return app_info.json, which the agent writes when it starts and never reads.

    Source: core/application/Application.cpp Init (host_id in the commercial agent alone); help page
    on heartbeat errors. `stamp` is the local time of `at`.
    """
    return {
        "UUID": machine.unique_id,
        "hostname": machine.name,
        "instance_id": f"{machine.unique_id}_{ip}_{int(at)}",
        "host_id": machine.host_id,
        "ip": ip,
        traits(machine.release).version_field: machine.version,
        "os": machine.os,
        "update_time": stamp,
    }


def agent_config(machine: Machine) -> dict[str, Any]:
    """Return ilogtail_config.json; the field names changed with 3.0. Source: the same help page."""
    region = machine.region
    server = f"http://logtail.{region}-intranet.log.aliyuncs.com"
    data = f"{region}-intranet.log.aliyuncs.com"
    if machine.is_loongcollector:
        return {
            "primary_region": region,
            "config_servers": [server],
            "data_servers": [{"region": region, "endpoint_list": [data]}],
        }
    return {
        "config_server_address": server,
        "data_server_list": [{"cluster": region, "endpoint": data}],
    }


def json_text(value: dict[str, Any]) -> str:
    """Return the text of a JSON file."""
    return json.dumps(value, indent=2) + "\n"
