"""Every illness that a host of the sandbox can have is found, by name, and told from the others."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from bot import settings
from bot.credentials import provider_of
from bot.sls import SlsProject, sls_client
from bot.world import reach
from sandbox.hosts.illness import Illness
from sandbox.world import Shape, World
from sandbox.world_files import write_config
from tests.crash.world import GROUP
from tests.e2e.stage import PATIENT
from tests.fakes import FakeClock
from workflows.diagnosis import DIAGNOSE
from workflows.errors import NotYet
from workflows.model import HostResult
from workflows.ports import Command
from workflows.step import Context, Step
from workflows.steps import repair
from workflows.steps.on_host.commands import AddIdentity
from workflows.steps.on_host.examine import Restart

pytestmark = PATIENT

CAUSES = {
    Illness.REFUSED: "unreachable",
    Illness.MUTE: "unreachable",
    Illness.BLACK_HOLE: "unreachable",
    Illness.HANG_UP: "unreachable",
    Illness.AUTH_REFUSED: "login refused",
    Illness.HOST_KEY_CHANGED: "host key",
    Illness.NO_COMMANDS: "no usable shell",
    Illness.SHELL_SILENT: "no usable shell",
    Illness.SHELL_ENDS: "no usable shell",
    Illness.SUDO_REFUSED: "sudo refused",
    Illness.AGENT_ABSENT: "agent absent",
    Illness.AGENT_STOPPED: "agent stopped",
    Illness.AGENTS_DUPLICATED: "agents doubled",
    Illness.AGENT_OLD: "agent too old",
    Illness.CPU_BREAKER: "CPU limit",
    Illness.MEMORY_BREAKER: "memory limit",
    Illness.ACCOUNT_FILE_MISSING: "account file missing",
    Illness.ACCOUNT_FILE_MISNAMED: "account file misnamed",
    Illness.CUSTOM_ID_MISSING: "custom id missing",
    Illness.CUSTOM_ID_CRLF: "custom id garbled",
    Illness.CUSTOM_ID_BLANK: "custom id garbled",
    Illness.ENV_OVERRIDE: "environment overrides",
    Illness.REGION_MISMATCH: "other region",
    Illness.NETWORK_SILENT: "endpoint not reached",
    Illness.NETWORK_REFUSED: "endpoint not reached",
    Illness.DNS: "name not resolved",
    Illness.CLOCK_SKEW: "clock wrong",
    Illness.DISK_FULL: "disk full",
    Illness.DISK_READ_ONLY: "disk read-only",
}
BANNER, WELL = f"h{len(CAUSES) + 1}", f"h{len(CAUSES) + 2}"
ILL = {f"h{n}": illness for n, illness in enumerate(CAUSES, 1)}
# The environment's ids take the place of the file's in LoongCollector alone.
VERSIONS = {name: "3.3.5" if ill is Illness.ENV_OVERRIDE else "1.8.8" for name, ill in ILL.items()}
SHAPE = Shape(
    hosts=len(CAUSES) + 2,
    speed=120.0,
    sudo=True,
    version={**VERSIONS, BANNER: "1.8.8", WELL: "1.8.8"},
)


class Now(FakeClock):
    """This machine's clock, which is the sandbox's too."""

    def now(self) -> float:
        return time.time()


class Reached:
    """The product's SSH as the port that steps use; nothing is kept of an errand."""

    def __init__(self, run: Callable[[Mapping[str, Command]], tuple[HostResult, ...]]) -> None:
        self._run = run

    def run(self, commands: Mapping[str, Command], errand: str = "") -> tuple[HostResult, ...]:
        return self._run(commands)

    def forget(self, errand: str) -> None: ...


@contextmanager
def prepared(folder: Path, shape: Shape) -> Iterator[tuple[World, Context]]:
    """A world whose hosts all carry the target's ids and beat in its group."""
    with World(folder / "world", shape) as world:
        config = folder / "config.toml"
        write_config(world, config)
        context = context_of(config)
        context.target.create_machine_group(GROUP)
        account, app = context.target.project().owner, context.app
        added = context.hosts.run(
            {host.name: AddIdentity(host, app.name, account, app.custom_id) for host in app.hosts}
        )
        assert [result for result in added if not result.ok] == []
        until(lambda: len(beating(context)) == shape.hosts, "every host's heartbeat")
        yield world, context


def context_of(config: Path) -> Context:
    known = settings.load(config, {})
    app = known.apps["app-b"]
    sides = {}
    for side, account in (("source", known.source), ("target", known.target)):
        client = sls_client(account.endpoint, provider_of(side, account), account.proxy)
        sides[side] = SlsProject(client, getattr(app, side).project, side)
    return Context(
        app=app,
        waits=known.waits,
        hosts=Reached(reach(known, app.name).run),
        source=sides["source"],
        target=sides["target"],
        clock=Now(),
    )


def beating(context: Context) -> set[str]:
    """Addresses with a fresh heartbeat in the target's group."""
    machines = context.target.machines(context.app.target.machine_group)
    now, fresh = time.time(), context.waits.fresh
    return {machine.ip for machine in machines if now - machine.heartbeat <= fresh}


def until(true: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waiting for {what}"
        threading.Event().wait(0.1)


def exceeded(log: Path) -> bool:
    return log.exists() and "exceeds" in log.read_text(encoding="utf-8")


def applied(context: Context) -> bool:
    """A config that was just made may not be bindable yet."""
    with suppress(NotYet):
        context.target.apply(context.app.target.config, context.app.target.machine_group)
        return True
    return False


def found(context: Context) -> dict[str, list[str]]:
    """The causes by host, in their order."""
    step = DIAGNOSE[0]
    assert isinstance(step, Step)
    before = step.check(context)
    return {host["name"]: [name for name, *_ in causes] for host, causes in before["found"]}


def test_each_illness_is_found_by_its_name(tmp_path: Path) -> None:
    with prepared(tmp_path, SHAPE) as (world, context):
        for name, illness in ILL.items():
            world.fleet.afflict(name, illness)
        world.fleet.afflict(BANNER, Illness.SHELL_BANNER)
        limits = (Illness.CPU_BREAKER, Illness.MEMORY_BREAKER)
        limited = {n for n, ill in ILL.items() if ill in limits}
        ips = {name: world.fleet.machines[name].ip for name in (*ILL, BANNER, WELL)}
        logs = [world.fleet.root(name) / "usr/local/ilogtail/ilogtail.LOG" for name in limited]
        until(lambda: all(map(exceeded, logs)), "the agent's limit")
        stopped = next(name for name, ill in ILL.items() if ill is Illness.AGENT_STOPPED)
        until(lambda: ips[stopped] not in beating(context), "a heartbeat to be old")
        began = time.monotonic()
        causes = found(context)
        took = time.monotonic() - began

    assert {name: causes[name][:1] for name in ILL} == {
        name: [CAUSES[illness]] for name, illness in ILL.items()
    }
    assert (causes[BANNER], causes[WELL]) == ([], [])
    assert took < 30, "hosts are examined side by side"


def test_a_config_that_does_not_come_is_found(tmp_path: Path) -> None:
    with prepared(tmp_path, Shape(hosts=2, speed=120.0)) as (world, context):
        world.fleet.afflict("h1", Illness.CONFIG_WITHHELD)
        target = context.app.target
        context.target.create_logstore(
            {"logstoreName": target.logstore, "ttl": 30, "shardCount": 2, "mode": "standard"}
        )
        config = context.source.config(context.app.source.config) or {}
        body = {key: config[key] for key in ("inputType", "inputDetail", "outputType")}
        output = {"projectName": target.project, "logstoreName": target.logstore}
        named = {"configName": target.config, "outputDetail": output}
        context.target.create_config({**body, **named})
        until(lambda: applied(context), "the config to be bindable")
        until(lambda: found(context)["h2"] == [], "the config on the other host")
        causes = found(context)

    assert causes == {"h1": ["config not delivered"], "h2": []}


def test_a_group_by_ip_is_found(tmp_path: Path) -> None:
    with prepared(tmp_path, Shape(hosts=1, speed=120.0)) as (_, context):
        group = context.app.target.machine_group
        context.target.delete_machine_group(group)
        by_ip = {"machineIdentifyType": "ip", "machineList": ["10.9.9.9"]}
        until(lambda: context.target.machine_group(group) is None, "the group to be gone")
        context.target.create_machine_group({**GROUP, **by_ip})
        until(lambda: context.target.machine_group(group) is not None, "the group by ip")
        causes = found(context)

    assert causes == {"h1": ["group by ip"]}


def test_a_well_host_of_each_age_has_no_cause_before_and_after_a_restart(tmp_path: Path) -> None:
    ages = {"h1": "1.8.8", "h2": "2.0.7", "h3": "3.0.4", "h4": "3.3.5"}
    with prepared(tmp_path, Shape(hosts=4, speed=120.0, sudo=True, version=ages)) as (_, context):
        before = found(context)
        restarts = {host.name: Restart(host) for host in context.app.hosts}
        restarted = context.hosts.run(restarts)
        until(lambda: len(beating(context)) == 4, "every host's heartbeat again")
        after = found(context)

    assert [result.said for result in restarted if not result.changed] == []
    assert before == after == {"h1": [], "h2": [], "h3": [], "h4": []}


def test_the_rest_of_the_table_is_found_too(tmp_path: Path) -> None:
    """By what the files, the group and the time of both say; h3 and h4 are silent for no reason."""
    with prepared(tmp_path, Shape(hosts=4, speed=120.0)) as (world, context):
        group = context.app.target.machine_group
        agent = {name: world.fleet.root(name) / "usr/local/ilogtail" for name in ("h1", "h2")}
        (agent["h1"] / "ilogtail_config.json").write_text('{"config_server_address": ')
        told = json.loads((agent["h2"] / "app_info.json").read_text())
        (agent["h2"] / "app_info.json").write_text(json.dumps({**told, "ip": ""}))
        script = next(host for host in context.app.hosts if host.name == "h4").service
        assert context.hosts.run({"h4": Called(f"'{script}' restart")})[0].ok
        deaf = replace(context, waits=replace(context.waits, fresh=-1.0))
        silent = found(deaf)
        context.target.delete_machine_group(group)
        until(lambda: context.target.machine_group(group) is None, "the group to be gone")
        without_group = found(context)["h3"]
        context.target.create_machine_group({**GROUP, "machineList": ["other"]})
        until(lambda: context.target.machine_group(group) is not None, "the group of others")
        of_others = found(context)["h3"]

    assert {name: causes[0] for name, causes in silent.items()} == {
        "h1": "agent's settings broken",
        "h2": "no address",
        "h3": "not noticed",
        "h4": "nothing found",
    }
    assert (without_group, of_others) == (["no machine group"], ["group of others"])


def test_what_may_be_put_right_is_and_others_lines_stay(tmp_path: Path) -> None:
    mended = {"h1": Illness.CUSTOM_ID_CRLF, "h2": Illness.ACCOUNT_FILE_MISSING}
    with prepared(tmp_path, Shape(hosts=3, speed=120.0)) as (world, context):
        for name, illness in mended.items():
            world.fleet.afflict(name, illness)
        ids = world.fleet.root("h1") / "etc/ilogtail/user_defined_id"
        held = ids.read_bytes()
        script = next(host for host in context.app.hosts if host.name == "h3").service
        assert context.hosts.run({"h3": Called(f"'{script}' stop")})[0].ok
        until(lambda: not beating(context), "no heartbeat of any")
        known = {"examine": repair.look(context)}
        asked = Context(**{**vars(context), "known": known})
        before = repair.still_needed(asked)
        repair.fix(asked, before)
        until(lambda: len(beating(context)) == 3, "every host's heartbeat again")
        after = found(context)

        assert {host["name"]: causes[0][0] for host, causes in known["examine"]["found"]} == {
            "h1": "custom id garbled",
            "h2": "account file missing",
            "h3": "agent stopped",
        }
        assert after == {"h1": [], "h2": [], "h3": []}
        assert ids.read_bytes() == held + b"app-b\n"


class Called:
    """A command of an operator who is logged in."""

    def __init__(self, script: str) -> None:
        self.script = script
