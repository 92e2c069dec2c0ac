"""What an agent reads once, when it starts: ilogtail_config.json. Later edits need a restart."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.hosts.matching import MOST_CONFIGS, Acceptance
from sandbox.hosts.root import AGENT_CONFIG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.hosts.disk import Disk
    from sandbox.hosts.versions import Traits

MEMORY_LIMIT = 2048  # MB; memory_usage_up_limit, LogtailCommonFlags.cpp
CPU_LIMIT = 0.4  # cores; pub_cpu_usage_up_limit, LogtailCommonFlags.cpp, and the help page
ADDRESS = re.compile(
    r"(?:https?://)?logtail\.(?P<region>[a-z]+(?:-[a-z0-9]+)+?)"
    r"(?:-(?:intranet|share|internal|internet))?\.log\.aliyuncs\.com(?::\d+)?/?"
)


class CannotStart(Exception):
    """The file is there and is no JSON. Source: core/logtail.cpp main (exit 4); help page."""


@dataclass(frozen=True)
class Startup:
    """What the file says; `regions` are those whose servers a heartbeat is sent to."""

    regions: tuple[str, ...]
    cpu_limit: float
    adjusts_time: bool
    working_ip: str
    memory_limit: float = MEMORY_LIMIT
    acceptance: Acceptance = field(default_factory=Acceptance)


def read_startup(disk: Disk, traits: Traits, env: Mapping[str, str] | None = None) -> Startup:
    """Return the settings; without the file, or with an empty one, no server is known."""
    told = _told(disk.read(AGENT_CONFIG))
    limit, memory = told.get("cpu_usage_limit"), told.get("mem_usage_limit")
    return Startup(
        regions=config_regions(told, traits),
        cpu_limit=float(limit) if isinstance(limit, int | float) else CPU_LIMIT,
        adjusts_time=told.get("enable_log_time_auto_adjust") is True,
        working_ip=str(told.get("working_ip") or ""),
        memory_limit=memory if type(memory) is int else MEMORY_LIMIT,
        acceptance=read_acceptance(told, env or {}),
    )


def read_acceptance(told: dict[str, Any], env: Mapping[str, str]) -> Acceptance:
    """Return whether one file may go to several configs; the file counts before the environment.

    Source: AppConfig.cpp `accept_multi_config` and `max_multi_config`, JsonUtil.cpp LOAD_PARAMETER.
    """
    several: object = env.get("ALIYUN_LOGTAIL_ACCEPT_MULTI_CONFIG") == "true"
    if isinstance(told.get("accept_multi_config"), bool):
        several = told["accept_multi_config"]
    named = env.get("ALIYUN_LOGTAIL_MAX_MULTI_CONFIG", "")
    most = int(named) if named.isdecimal() else MOST_CONFIGS
    if type(told.get("max_multi_config")) is int:
        most = told["max_multi_config"]
    return Acceptance(bool(several), most)


def config_regions(told: dict[str, Any], traits: Traits) -> tuple[str, ...]:
    """Return the regions of the config servers under this version's own field name.

    Source: help page on heartbeat errors. The names changed with 3.0 and one age does not read the
    other's; `primary_region` "may be left out" (loongcollector-management-linux) and decides
    nothing here.
    """
    named = told.get(traits.config_servers) or []
    addresses = [named] if isinstance(named, str) else named
    found = [ADDRESS.fullmatch(address) for address in addresses]
    return tuple(dict.fromkeys(one["region"] for one in found if one))


def _told(content: bytes | None) -> dict[str, Any]:
    if not (content or b"").strip():
        return {}
    try:
        told = json.loads(content or b"")
    except ValueError as error:
        raise CannotStart(f"reading /{AGENT_CONFIG}: it is no valid JSON: {error}") from error
    return told if isinstance(told, dict) else {}
