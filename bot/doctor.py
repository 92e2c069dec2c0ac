"""Look at all that a migration needs, change nothing, and say how each thing stands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.slack import Bot, SlackTrouble
from workflows.apps import App, Side
from workflows.errors import Denied, JobError, StepFailed, Unavailable
from workflows.ports import Command, Hosts, Sls
from workflows.step import Context

NEEDED = frozenset({"commands", "chat:write"})  # with the next, as in manifest.yaml
FOR_FILES = "files:write"  # without it plans come without their file, and say so


@dataclass(frozen=True)
class Finding:
    """How one thing stands; `hint` is the way out where it is not in order."""

    about: str
    ok: bool
    said: str
    hint: str = ""


class Jobs(Protocol):
    """bot.store.RedisStore, as far as it is looked at."""

    def check(self) -> None: ...
    def time(self) -> float: ...
    def server(self) -> str: ...
    def unreadable(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Nothing:
    """ports.Command: only whether the host can be reached, and a command be run."""

    script: str = "exit 0"


def look(about: str, asked: Callable[[], str]) -> Finding:
    """What `asked` says, or the trouble that it met."""
    try:
        return Finding(about, ok=True, said=asked())
    except JobError as trouble:
        return Finding(about, ok=False, said=str(trouble), hint=trouble.hint)


def redis(jobs: Jobs) -> str:
    """Its kind, its pace and its settings. Raises StoreAway."""
    began = time.monotonic()
    jobs.time()
    took = time.monotonic() - began
    jobs.check()
    return f"{jobs.server()}, answers in {took * 1000:.1f} ms, keeps and does not drop"


def snapshots(jobs: Jobs) -> str:
    """Whether the keys at hand open what lies there. Raises StepFailed."""
    closed = jobs.unreadable()
    if closed:
        text = f"reading jobs {', '.join(closed)}: no key opens their snapshots, or a newer program"
        raise StepFailed(f"{text} wrote them", "Put the keys of before after the new one.")
    return "every job can be read"


def slack(who: Callable[[], Bot]) -> str:
    """Who the bot is. Raises Unavailable, and Denied where a right is missing."""
    try:
        bot = who()
    except SlackTrouble as trouble:
        raise Unavailable(f"asking Slack: {trouble}", "Check the bot's token.") from trouble
    if missing := sorted(NEEDED - bot.scopes):
        hint = "Add them to the app (manifest.yaml has them all) and install it again."
        raise Denied(f"the bot's token lacks {', '.join(missing)}", hint)
    files = "" if FOR_FILES in bot.scopes else f"; without {FOR_FILES}, so plans have no file"
    return f"@{bot.name} in {bot.team}{files}"


def side(sls: Sls, named: Side, *, source: bool) -> str:
    """Whether the project is there and what the app is collected with can be read."""
    project = sls.project()
    if source:
        _fed(sls, named)
    return f"{named.project} of account {project.owner} in {project.region}"


def _fed(sls: Sls, named: Side) -> None:
    feeding = {name for name, _ in sls.configs(named.logstore)}
    for name in named.configs:
        if name not in feeding:
            text = f"no config {name} in {named.project} feeds logstore {named.logstore}"
            raise StepFailed(text, "Correct the app's source.config in the settings.")
    if not feeding:
        text = f"no config in {named.project} feeds logstore {named.logstore}"
        raise StepFailed(text, "Correct the app's source.logstore in the settings.")


def apart(source: Sls, target: Sls) -> str:
    """Source and target must not be one account. Raises StepFailed."""
    ours, theirs = source.project(), target.project()
    if ours.owner == theirs.owner:
        hint = "Check the two access keys."
        raise StepFailed(f"source and target are both account {ours.owner}", hint)
    if ours.region != theirs.region:
        hint = "Agents send across regions only if their own configuration names both."
        raise StepFailed(f"the source is in {ours.region}, the target in {theirs.region}", hint)
    return "two accounts, one region"


def app(context: Context, named: App, reached: Hosts) -> Iterator[Finding]:
    """Both sides of one app, and its hosts."""
    ours, theirs = context.source, context.target
    yield look(f"{named.name} source", lambda: side(ours, named.source, source=True))
    yield look(f"{named.name} target", lambda: side(theirs, named.target, source=False))
    yield look(f"{named.name} accounts", lambda: apart(ours, theirs))
    yield from hosts(named, reached)


def hosts(named: App, reached: Hosts) -> list[Finding]:
    """One finding for all that answer, and one for each host that does not."""
    nothing: Mapping[str, Command] = {host.name: Nothing() for host in named.hosts}
    results = reached.run(nothing)
    bad = [Finding(f"host {one.host}", ok=False, said=one.said) for one in results if not one.ok]
    good = len(results) - len(bad)
    answer = Finding(f"{named.name} hosts", ok=good > 0, said=f"{good} of {len(results)} answer")
    return [answer, *bad]


def told(findings: Iterable[Finding]) -> str:
    """Each on its line, with the way out below where one is needed."""
    lines = []
    for one in findings:
        lines.append(f"{'ok ' if one.ok else 'NOT'}  {one.about}: {' '.join(one.said.split())}")
        lines += [f"     {one.hint}"] if one.hint and not one.ok else []
    return "\n".join(lines)
