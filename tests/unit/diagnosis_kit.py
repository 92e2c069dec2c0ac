"""A host for every cause of silence, as Examine would describe it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.fake_agent import AGENT, SERVER, TWO, FakeAgent
from workflows.apps import Host
from workflows.model import HostResult
from workflows.ports import Machine
from workflows.steps.delivery import key
from workflows.steps.silence.case import Case, Wanted
from workflows.steps.silence.causes import Cause, causes_of
from workflows.steps.silence.state import HostState

ACCOUNT, OURS, IP = "1234567890123456", "app-b", "10.0.0.11"
NOW = 1_700_000_000.0
HOST = Host("h1")
IDS, USERS = "/etc/ilogtail/user_defined_id", "/etc/ilogtail/users"
HOME = "/usr/local/ilogtail"
APP_INFO, CONFIG = f"{HOME}/app_info.json", f"{HOME}/ilogtail_config.json"
GROUP = {"machineIdentifyType": "userdefined", "machineList": [OURS]}
KEY = key("proj-a", "app-b")
HEARD = (Machine(IP, "", NOW),)
WANTED = Wanted(ACCOUNT, OURS, "cn-hangzhou", "app-b-hosts", GROUP, asked=NOW, heard=NOW + 5)
BEIJING = "http://logtail.cn-beijing-intranet.log.aliyuncs.com"
RESTARTED = "Resource used by program exceeds upper limit for some time:prepare restart Logtail"


def app_info(**changes: str) -> bytes:
    return json.dumps({"ip": IP, "UUID": "U-1", "logtail_version": "1.8.8"} | changes).encode()


def well_files() -> dict[str, bytes]:
    return {
        IDS: b"other\napp-b\n",
        f"{USERS}/{ACCOUNT}": b"",
        APP_INFO: app_info(),
        f"{HOME}/user_log_config.json": f'{{"metrics": {{"{KEY}": {{}}}}}}'.encode(),
    }


@dataclass
class Ill:
    """How one host differs from a well one; a file of None is absent."""

    files: Mapping[str, bytes | None] = field(default_factory=dict)
    agent: Mapping[str, Any] = field(default_factory=dict)
    wanted: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""
    said: Callable[[str], str] = lambda said: said

    @property
    def result(self) -> HostResult:
        if self.refused:
            return HostResult("h1", ok=False, said=self.refused)
        changed = well_files() | dict(self.files)
        files = {path: held for path, held in changed.items() if held is not None}
        told = "\n".join(f"fact {x}" for x in FakeAgent(**self.agent).facts(files, set(), HOST))
        return HostResult("h1", ok=True, said=self.said(told))

    @property
    def expected(self) -> Wanted:
        return replace(WANTED, **self.wanted)

    @property
    def case(self) -> Case:
        return Case(HOST, HostState.parse(self.result.said), self.expected)

    @property
    def causes(self) -> tuple[Cause, ...]:
        return causes_of(HOST, self.result, self.expected)


def log_of(*lines: str) -> dict[str, str]:
    stamped = "".join(f"[2026-11-22 10:0{n}:00.123456] {line}\n" for n, line in enumerate(lines))
    return {"log": stamped, "last": "[2026-11-22 10:20:00.000000] [info] config updated"}


def without(*names: str) -> dict[str, bytes | None]:
    return {path: None for path in well_files() if path.startswith(names)}


CONFIG_SERVERS = json.dumps({"config_server_address": BEIJING}).encode()
CLOSED = ("curl", 28, "curl: (28) Connection timed out after 3001 milliseconds")
UNKNOWN = ("curl", 6, "curl: (6) Could not resolve host: logtail.cn-hangzhou.log.aliyuncs.com")
FULL = "/dev/vda1 41152736 41152736 0 100% /"

ILL: dict[str, Ill] = {
    "unreachable": Ill(refused="connecting to h1 (10.0.0.11:22): connection refused"),
    "host key": Ill(
        refused="connecting to h1 (10.0.0.11:22): its host key has changed: it shows ssh-ed25519 "
        "SHA256:new, known_hosts has ssh-ed25519 SHA256:old; ask who changed it"
    ),
    "login refused": Ill(
        refused="logging in to h1 (10.0.0.11:22) as ops with the key id_ed25519: refused; add the "
        "key's public half to authorized_keys there"
    ),
    "sudo refused": Ill(refused="sudo: a password is required (h1, exit status 1)"),
    "not permitted": Ill(said=lambda said: said.replace("conf folder", "conf denied")),
    "no usable shell": Ill(said=lambda said: said[: len(said) // 2]),
    "host hangs": Ill(
        refused="running a command on h1 (10.0.0.11:22): no end within 60 s; it may still be at "
        "work there"
    ),
    "agent absent": Ill(files=without(HOME), agent={"processes": (), "service": ""}),
    "agent stopped": Ill(agent={"processes": (), "service": "ilogtail is stopped"}),
    "agent halved": Ill(agent={"processes": (f"101 1 {AGENT}",)}),
    "agents doubled": Ill(
        agent={"processes": (*TWO, f"201 1 {AGENT}", f"202 201 {AGENT}")},
    ),
    "no address": Ill(files={APP_INFO: app_info(ip="")}),
    "account file missing": Ill(files={**without(USERS), f"{USERS}/999": b""}),
    "account file misnamed": Ill(files={**without(USERS), f"{USERS}/{ACCOUNT}.txt": b""}),
    "custom id missing": Ill(files={IDS: b"other\n"}),
    "custom id garbled": Ill(files={IDS: b"other\r\napp-b\r\n"}),
    "environment overrides": Ill(agent={"env": ("ALIYUN_LOGTAIL_USER_DEFINED_ID=other",)}),
    "no machine group": Ill(wanted={"group": None}),
    "group by ip": Ill(wanted={"group": {"machineIdentifyType": "ip", "machineList": [IP]}}),
    "group of others": Ill(wanted={"group": {**GROUP, "machineList": ["other"]}}),
    "agent's settings broken": Ill(files={CONFIG: b'{"config_server_address": '}),
    "other region": Ill(files={CONFIG: CONFIG_SERVERS}),
    "endpoint not reached": Ill(agent={"reach": CLOSED}),
    "name not resolved": Ill(agent={"reach": UNKNOWN, "resolve": (2, "")}),
    "clock wrong": Ill(agent={"clock": lambda: NOW - 3600}),
    "agent too old": Ill(files={APP_INFO: app_info(logtail_version="1.0.34")}),
    "config not delivered": Ill(
        files={f"{HOME}/user_log_config.json": b'{"metrics": {"##1.0##proj-b$app-b": {}}}'},
        wanted={"keys": (KEY,), "beats": HEARD},
    ),
    "CPU limit": Ill(agent=log_of(*[f"[error] {RESTARTED}\tcpu_usage:0.62\tmem_rss:120"] * 2)),
    "memory limit": Ill(agent=log_of(f"[error] {RESTARTED}\tcpu_usage:0.1\tmem_rss:2100")),
    "disk full": Ill(agent={"blocks": FULL}),
    "disk read-only": Ill(agent={"mount": "/dev/vda1 on / type ext4 (ro,relatime)"}),
    "not noticed": Ill(agent={"newer": (CONFIG,)}),
    "nothing found": Ill(agent={"lacks": ("curl",)}),
}
__all__ = ["ILL", "KEY", "NOW", "SERVER", "WANTED", "Ill", "well_files"]
