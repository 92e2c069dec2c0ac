"""Every cause of a silent host, in the order in which they are looked for, as one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from workflows.apps import Host
from workflows.errors import StepFailed
from workflows.model import HostResult, quoted
from workflows.steps.silence import reach
from workflows.steps.silence import signs_agent as agent
from workflows.steps.silence import signs_world as world
from workflows.steps.silence.case import Case, Wanted
from workflows.steps.silence.state import HostState

EVIDENCE = 280  # characters


class Fix(StrEnum):
    """What is safe to do about a cause, for people to agree to."""

    NONE = ""
    IDENTITY = "add our file and our line"
    RESTART = "restart the agent"


@dataclass(frozen=True)
class Cause:
    """Why a host is silent, what shows it, and what to do."""

    name: str
    evidence: str
    remedy: str
    fix: Fix = Fix.NONE

    def __str__(self) -> str:
        return f"{self.name}: {self.evidence}"


def _short(evidence: str) -> str:
    """Harmless, and so short that what to do about it is still shown."""
    text = quoted(evidence)
    return text if len(text) <= EVIDENCE else f"{text[:EVIDENCE]}…"


def _by_reach(_case: Case) -> str:
    """Who is examined was reached: `cause_of` in reach.py tells these from the port's sentence."""
    return ""


@dataclass(frozen=True)
class Rule:
    """One row; `find` answers with the evidence, "" where there is none."""

    name: str
    looks: str
    remedy: str
    find: Callable[[Case], str] = field(default=_by_reach)
    fix: Fix = Fix.NONE

    def cause(self, evidence: str, fix: Fix | None = None) -> Cause:
        return Cause(self.name, _short(evidence), self.remedy, self.fix if fix is None else fix)


# fmt: off

RULES = (
    Rule("unreachable", "the SSH connection",
         "Is the host up, is its address right, does a firewall let the bot in on its SSH port?"),
    Rule("host key", "the host's key against known_hosts",
         "Compare the key with the host's own; `logmigrate hosts trust APP` shows and writes it."),
    Rule("login refused", "the SSH login",
         "Add the public half of the bot's key to the user's authorized_keys."),
    Rule("sudo refused", "sudo, where the settings want it",
         "Let the user run /bin/sh by sudo without a password, or set sudo = false."),
    Rule("not permitted", "whether the agent's folders may be read",
         "Set sudo = true for the host, or log in as root.", agent.not_permitted),
    Rule("no usable shell", "that a script runs to its end and is answered whole",
         "Give the user an ordinary login shell; it may print a banner, and must not end early."),
    Rule("host hangs", "that a script ends in time",
         "See there what it waits for: a mount or disk that does not answer, or too much load."),
    Rule("agent absent", "the agent's folders",
         "Install Logtail or LoongCollector, or set conf_dir and agent_dir.", agent.absent),
    Rule("agent stopped", "service script and processes",
         "Start it by its service script, and see in its log why it ended.",
         agent.stopped, Fix.RESTART),
    Rule("agent halved", "whether there is a worker beside the daemon",
         "Restart it by its service script.", agent.alone, Fix.RESTART),
    Rule("agents doubled", "more than two processes of the agent",
         "Stop all of them, remove what was installed twice, start one.", agent.doubled),
    Rule("no address", "the ip in app_info.json",
         "Bind the host's name to its address in /etc/hosts, then restart the agent.",
         agent.no_address),
    Rule("account file missing", "users/ of the agent's folder",
         "Make an empty file of that name there.", agent.account_missing, Fix.IDENTITY),
    Rule("account file misnamed", "names in users/ that are nearly right",
         "Make an empty file of exactly that name; no suffix, no blank.",
         agent.account_misnamed, Fix.IDENTITY),
    Rule("custom id missing", "the lines of user_defined_id",
         "Add it as a line of its own.", agent.custom_missing, Fix.IDENTITY),
    Rule("custom id garbled", "lines that are nearly right: CRLF, blanks, a byte order mark",
         "Add the line once more without it; the garbled one may go.",
         agent.custom_garbled, Fix.IDENTITY),
    Rule("environment overrides", "the environment of the agent's process",
         "Take the variable out of whatever starts the agent, or add the id to it; then restart.",
         agent.overridden),
    Rule("no machine group", "the target's machine group",
         "`/logmigrate start APP` makes it once the first host has its ids.", world.no_group),
    Rule("group by ip", "how the target's machine group knows its hosts",
         "Make the group one of custom ids, in the target's console.", world.group_by_ip),
    Rule("group of others", "the custom ids of the target's machine group",
         "Add the app's custom id to the group, or set custom_id.", world.group_of_others),
    Rule("agent's settings broken", "ilogtail_config.json as JSON",
         "Put the file right by hand, then restart the agent.", world.broken_config),
    Rule("other region", "the servers in ilogtail_config.json, under the names its version reads",
         "Add the target's region by hand, beside the source's, then restart the agent; one before "
         "3.0 has room for one server only, so there upgrade it first, or keep to its region.",
         world.other_region),
    Rule("endpoint not reached", "a request to the agent's config server",
         "Open port 80 and 443 to it in security groups and firewalls; the intranet address works "
         "only from the same region.", world.unreached),
    Rule("name not resolved", "the config server's name",
         "Put the host's resolver right: /etc/resolv.conf, or the VPC's DNS.", world.unresolved),
    Rule("clock wrong", "the host's clock against the bot's",
         "Set it, and let NTP keep it.", world.skewed),
    Rule("agent too old", "the version in app_info.json",
         "Upgrade the agent.", world.too_old),
    Rule("config not delivered", "the configs that the agent holds",
         "Delivery takes up to 3 minutes; after that see the agent's log, and whether the host "
         "holds more than 100 configs.", world.undelivered),
    Rule("CPU limit", "restarts in the agent's log",
         "Raise cpu_usage_limit in ilogtail_config.json, or let it collect less.", world.too_busy),
    Rule("memory limit", "restarts in the agent's log",
         "Raise mem_usage_limit in ilogtail_config.json, or let it collect less.",
         world.too_large),
    Rule("disk full", "blocks and inodes of the agent's disks",
         "Make room, then restart the agent.", world.disk_full),
    Rule("disk read-only", "mount options, and whether the folders may be written to",
         "See in the kernel's log why, then mount it writable.", world.read_only),
)
UNNOTICED = Rule(
    "not noticed", "whether a file changed after the agent started, where nothing else is found",
    "Restart it; its log then tells more.", world.not_noticed, Fix.RESTART)
NOTHING = Rule(
    "nothing found", "all of the above",
    "Restart the agent by hand, then read the end of its log.")

# fmt: on

TABLE = (*RULES, UNNOTICED, NOTHING)
BY_NAME = {rule.name: rule for rule in TABLE}
# Where one is found, what follows would only be its echo.
ALONE = frozenset({"not permitted", "agent absent"})
LOOKED_AT = ("agent", "ids", "group", "region", "network", "clock", "load", "disks")
COULD_NOT = {  # by what lacks: what was not looked at then, and why
    "curl": ("network", "neither curl nor wget"),
    "server": ("network", "no server in the agent's settings that could be asked"),
    "getent": ("names", "no getent"),
    "ps": ("processes", "no ps, or it shows none of others"),
    "environ": ("the agent's environment", "not readable"),
    "df": ("disks", "df gave no answer"),
    "log": ("load", "no log that may be read"),
}


def causes_of(host: Host, result: HostResult, wanted: Wanted) -> tuple[Cause, ...]:
    """What is wrong, the most likely cause first; () for a host with a heartbeat and no trouble."""
    if not result.ok:
        return (BY_NAME[reach.cause_of(result.said)].cause(result.said),)
    try:
        state = HostState.parse(result.said)
    except StepFailed as cut:
        return (BY_NAME["no usable shell"].cause(str(cut)),)
    return judged(Case(host, state, wanted))


def judged(case: Case) -> tuple[Cause, ...]:
    """The rules in order; where none finds anything and the host is silent, that is said."""
    found: list[Cause] = []
    for rule in RULES:
        if evidence := rule.find(case):
            found.append(rule.cause(evidence, _possible(rule.fix, case)))
            if rule.name in ALONE:
                break
    if found or not case.silent:
        return tuple(found)
    if evidence := world.not_noticed(case):
        return (UNNOTICED.cause(evidence, _possible(UNNOTICED.fix, case)),)
    return (NOTHING.cause(_looked_at(case)),)


def _possible(fix: Fix, case: Case) -> Fix:
    """Without its group the host is not ours to prepare; without a script nothing restarts it."""
    if fix is Fix.IDENTITY and case.wanted.group is None:
        return Fix.NONE
    if fix is Fix.RESTART and not case.state.services:
        return Fix.NONE
    return fix


def _looked_at(case: Case) -> str:
    lacks = case.state.lacks
    if not case.state.reached and "curl" not in lacks:
        lacks |= {"server"}
    missed = {what: why for lack, (what, why) in COULD_NOT.items() if lack in lacks}
    *most, last = (what for what in LOOKED_AT if what not in missed)
    text = f"{', '.join(most)} and {last} look right"
    not_seen = ", ".join(f"{what} ({why})" for what, why in missed.items())
    return f"{text}; not looked at: {not_seen}" if missed else text
