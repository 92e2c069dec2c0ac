"""Signs around the agent: group, region, network, clock, load, disk; evidence, or ""."""

from __future__ import annotations

import re
from datetime import datetime

from workflows.steps.silence.case import Case, listed
from workflows.steps.silence.state import Room, Said

SKEW = 900  # seconds; beyond it the service refuses with RequestTimeExpired
OLDEST = (1, 1)  # knows configs that share a file with another account's
RENAMED = (3,)  # from here on the agent reads other names in its own settings
AGENT_CPU, AGENT_MEMORY = 0.4, 2048.0  # cores and MB, where the settings say nothing
RECENT = 1800.0  # seconds before the log's last line
ADDRESS = re.compile(
    r"(?:https?://)?logtail\.(?P<region>[a-z]+(?:-[a-z0-9]+)+?)"
    r"(?:-(?:intranet|share|internal|internet|vpc))?\.log\.aliyuncs\.com(?::\d+)?/?"
)
OVERLOAD = re.compile(
    r"(?:cpu_usage:(?P<cpu>\d{1,9}(?:\.\d{1,9})?)\s*)?mem_rss:(?P<memory>\d{1,12})", re.ASCII
)
STAMP = re.compile(r"\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", re.ASCII)
# df rounds up, so that gigabytes may be left of a large disk that is used by 100 %.
USED_UP = re.compile(r"\s(?P<free>\d{1,20})\s+100%\s", re.ASCII)
KIB, INODES = 10_240, 100
MOST = 1e9  # cores or MB; a limit above that is none


def no_group(case: Case) -> str:
    gone = case.wanted.group is None
    return f"the target has no machine group {case.wanted.group_name}" if gone else ""


def group_by_ip(case: Case) -> str:
    group = case.wanted.group or {}
    if group.get("machineIdentifyType") != "ip" or not case.silent:
        return ""
    ips = tuple(map(str, group.get("machineList") or ()))
    text = f"machine group {case.wanted.group_name} knows hosts by ip and lists {listed(ips)}"
    known_by = f"; this one, {case.state.ip or 'without an ip'}, is known by its custom id"
    return text + known_by * (case.state.ids.kind == "file")


def group_of_others(case: Case) -> str:
    group = case.wanted.group or {}
    if group.get("machineIdentifyType") != "userdefined":
        return ""
    ids = tuple(map(str, group.get("machineList") or ()))
    if case.wanted.custom_id in ids:
        return ""
    name, custom_id = case.wanted.group_name, case.wanted.custom_id
    return f"machine group {name} lists {listed(ids)}, and not {custom_id}"


def broken_config(case: Case) -> str:
    config = case.state.config
    if config.kind == "file" and config.held.strip() and not config.json:
        return f"{case.own_config} is no JSON object, so the agent cannot start with it"
    return ""


def other_region(case: Case) -> str:
    if not case.silent or case.state.config.kind == "denied" or broken_config(case):
        return ""
    if case.state.config.kind == "absent":
        return f"no {case.own_config}, so the agent knows no server"
    named = _servers(case)
    if not named:
        return _under_other_name(case)
    regions = [found["region"] for one in named if (found := ADDRESS.fullmatch(one))]
    if len(regions) < len(named) or case.wanted.region in regions:
        return ""  # an address of another shape may lead anywhere
    return f"{case.own_config} names {listed(named)}; the target is in {case.wanted.region}"


def _names(case: Case) -> tuple[str, ...]:
    """Under which the agent's version reads its servers; both where the version is not known."""
    release = case.state.release
    if not release:
        return ("config_servers", "config_server_address")
    return ("config_servers",) if release >= RENAMED else ("config_server_address",)


def _servers(case: Case) -> tuple[str, ...]:
    config = case.state.config.json
    found = (config.get(name) for name in _names(case))
    return tuple(str(o) for one in found if one for o in (one if isinstance(one, list) else [one]))


def _under_other_name(case: Case) -> str:
    config, (name, *_) = case.state.config.json, _names(case)
    others = [n for n in ("config_servers", "config_server_address") if n != name and config.get(n)]
    other = f" but {others[0]}, which agent {case.state.version} does not read" if others else ""
    return f"{case.own_config} has no {name}{other}"


def unreached(case: Case) -> str:
    if not case.silent or unresolved(case) or not case.state.reached:
        return ""
    if any(_is_reached(said) for said in case.state.reached):
        return ""
    said = case.state.reached[0]
    text = "no answer within 4 s" if said.late else _last(said.text) or "no word of why"
    return f"{said.tool} {said.where}: {text}, exit status {said.status}"


def _is_reached(said: Said) -> bool:
    """The service answers such a request with this refusal; wget shows only that there was one."""
    refused = said.tool == "wget" and (said.status == 8 or "server returned error" in said.text)
    return "OLSInvalidMethod" in said.text or refused


def unresolved(case: Case) -> str:
    if not case.silent or any(_is_reached(said) for said in case.state.reached):
        return ""
    said = case.state.resolved
    if said and all(one.status for one in said):
        text = "no answer within 3 s" if said[0].late else "no address"
        return f"getent hosts {said[0].where}: {text}"
    unknown = [one for one in case.state.reached if _is_unresolved(one)]
    if unknown and len(unknown) == len(case.state.reached):
        return f"{unknown[0].tool} {unknown[0].where}: {_last(unknown[0].text)}"
    return ""


def _is_unresolved(said: Said) -> bool:
    words = ("Could not resolve", "Resolving timed out", "unable to resolve", "bad address")
    return any(word in said.text for word in words)


def _last(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")[:120]


def skewed(case: Case) -> str:
    """Only what the time between question and answer cannot explain."""
    date, wanted = case.state.date, case.wanted
    late, early = wanted.asked - date, date - wanted.heard
    if max(late, early) <= SKEW:
        return ""
    off = f"{late:.0f} s behind" if late > 0 else f"{early:.0f} s ahead"
    return f"its clock is {off}; more than {SKEW} s are refused"


def too_old(case: Case) -> str:
    release = case.state.release
    if not release or release >= OLDEST:
        return ""
    least = ".".join(map(str, OLDEST))
    return f"version {case.state.version}; from {least} on a file may go to two accounts"


def undelivered(case: Case) -> str:
    lacks = tuple(key for key in case.wanted.keys if key not in case.state.keys)
    if not lacks or case.silent:
        return ""
    held = listed(tuple(sorted(case.state.keys)))
    return f"has a heartbeat and holds {held}, and not {listed(lacks)}"


def too_busy(case: Case) -> str:
    limit = _limit(case, "cpu_usage_limit", AGENT_CPU)
    over = [used for used in overloads(case) if used[0] > limit]
    return f"{_times(over)} for {over[-1][0]:g} cores, its limit is {limit:g}" if over else ""


def too_large(case: Case) -> str:
    cores = _limit(case, "cpu_usage_limit", AGENT_CPU)
    limit = _limit(case, "mem_usage_limit", AGENT_MEMORY)
    over = [used for used in overloads(case) if used[1] > limit or used[0] <= cores]
    return f"{_times(over)} for {over[-1][1]:g} MB, its limit is {limit:g}" if over else ""


def _times(over: list[tuple[float, float]]) -> str:
    often = f"{len(over)} times of late, the last time" if len(over) > 1 else "of late"
    return f"the agent restarted itself {often}"


def _limit(case: Case, name: str, default: float) -> float:
    told = case.state.config.json.get(name)
    return float(told) if isinstance(told, int | float) and 0 < told < MOST else default


def overloads(case: Case) -> list[tuple[float, float]]:
    """Cores and MB of each restart that the log tells of, not long before its last line."""
    now = _at(case.state.last)
    found = [(OVERLOAD.search(line), _at(line)) for line in case.state.log]
    return [
        (float(used["cpu"] or 0), float(used["memory"]))
        for used, at in found
        if used and (now is None or at is None or (now - at).total_seconds() <= RECENT)
    ]


def _at(line: str) -> datetime | None:
    """In the host's own time, which is all the log knows."""
    found = STAMP.search(line)
    try:
        return datetime.fromisoformat(found[1]) if found else None
    except ValueError:  # the 99th of some month
        return None


def disk_full(case: Case) -> str:
    for room in case.state.rooms.values():
        for what, line, least in (("", room.blocks, KIB), ("the inodes of ", room.inodes, INODES)):
            found = USED_UP.search(line)
            if found and int(found["free"]) < least:
                return f"df: 100% of {what}{line.rsplit(None, 1)[-1]} is used"
    return ""


def read_only(case: Case) -> str:
    paths = {"conf": case.host.conf_dir, "agent": case.host.agent_dir}
    for name, room in case.state.rooms.items():
        if _is_read_only(room):
            return f"{paths[name]} lies on a file system that is mounted read-only"
        if case.state.root and not room.writable:
            return f"not even root may write into {paths[name]}"
    return ""


def _is_read_only(room: Room) -> bool:
    """`… on / type ext4 (ro,relatime)`, or as /proc/mounts has it."""
    options = re.search(r"\(([^)]*)\)$", room.mount) or re.search(r"^\S+ \S+ \S+ (\S+)", room.mount)
    return options is not None and "ro" in options[1].split(",")


def not_noticed(case: Case) -> str:
    if not case.silent or not case.state.newer:
        return ""
    return f"{listed(case.state.newer)} changed after the agent started"
