"""What must hold when a story has ended, whatever happened on the way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from bot.store import RedisStore
from handlers.lines import line
from sandbox.count import FOLDER, file_lines
from sandbox.sls.journal import Entry
from tests.chaos.people import Json, Story, event_of
from tests.chaos.town import Town
from workflows.logmigrate import LOGMIGRATE
from workflows.model import EventKind

# What each collection of a project goes through: + made or attached, - deleted or detached.
FATES = {"moved": {"target": {"+"}, "source": {"+", "+-"}}}
FATES["back"] = {"target": {"", "+", "+-"}, "source": {"+", "+-+"}}

# Of each step, or of the job, at most once.
ONCE = frozenset({EventKind.STARTED, EventKind.DONE, EventKind.TAKEN_BACK})
ONCE |= {EventKind.ALREADY, EventKind.SUCCEEDED, EventKind.UNDONE}


def messages(story: Story, store: RedisStore, shown: list[Json]) -> tuple[list[str], list[str]]:
    """What the channel lacks of the job, and what it has twice or without a reason."""
    job = store.load(story.job)
    told = store.events(story.job, limit=1000)
    wanted = {"root"} | {
        event_id
        for event_id, event in told
        if event.kind is EventKind.ASKED or line(event, job, LOGMIGRATE) is not None
    }
    all_of_them = [m for root in shown for m in (root, *root["replies"])]
    found = Counter(event for job_id, event in map(event_of, all_of_them) if job_id == story.job)
    lost = [f"message of {event} is lost" for event in sorted(wanted - found.keys())]
    doubled = [f"message of {event}: {n} times" for event, n in found.items() if n > 1]
    doubled += [f"message of {event}: nothing happened" for event in found.keys() - wanted]
    seen = Counter(f"{event.kind} {event.step}" for _, event in told if event.kind in ONCE)
    doubled += [f"event {what}: {n} times" for what, n in seen.items() if n > 1]
    return lost, doubled


def lines(story: Story, town: Town) -> tuple[list[str], list[str]]:
    """Lines of the applications that are lost or doubled."""
    if story.end == "moved":
        tally = town.tally(story.site)
        lost = [] if not tally.lost and tally.in_target == tally.written else [f"lines: {tally}"]
        return lost, [f"lines: {tally}"] if tally.doubled or tally.strange else []
    target = town.held("target", story.site.target)
    held = target + town.held("source", story.site.source)
    written = [text for host in story.site.fleet.hosts for text in file_lines(host.root / FOLDER)]
    gone = [text for text in written if text not in held]
    twice = sum(n - 1 for n in target.values())
    return [f"lines: {len(gone)} lost"] * bool(gone), [f"lines: {twice} doubled"] * bool(twice)


def effects(story: Story, town: Town) -> list[str]:
    """What was done to an account or a host more often, or otherwise, than the story needs."""
    found: dict[tuple[str, str], str] = {}
    for project, what, sign in _changes(town):
        found[project, what] = found.get((project, what), "") + sign
    wrong = []
    for (project, what), signs in found.items():
        side = {story.site.target["project"]: "target", story.site.source["project"]: "source"}
        if project in side and signs not in FATES[story.end][side[project]]:
            wrong.append(f"effect: {project}{what}: {signs}")
    return wrong + _on_hosts(story)


def _on_hosts(story: Story) -> list[str]:
    now, before = story.site.ids(), story.site.ids_before
    if story.end == "back":
        return [] if now == before else [f"effect: files of {story.site.name} differ: {now}"]
    ids = b"".join(text for path, text in now.items() if path.endswith("user_defined_id"))
    once = ids.split(b"\n").count(story.site.name.encode()) == 1
    return [] if once else [f"effect: ids of {story.site.name}: {ids!r}"]


def _changes(town: Town) -> Iterator[tuple[str, str, str]]:
    """Project, what, and + or -; one that says again what is so already is none."""
    written = sorted(
        (entry.project, what, number, sign)
        for number, entry in enumerate(town.sls.journal.writes())
        if (read := _read(entry))
        for what, sign in [read]
    )
    for (project, what), same in groupby(written, key=lambda change: change[:2]):
        binding = what.startswith("/machinegroups/")
        before = "-" if binding else ""
        for *_, sign in same:
            if not (binding and sign == before):
                yield project, what, sign
            before = sign


def _read(entry: Entry) -> tuple[str, str] | None:
    """A collection or a binding, and whether something was put there or taken away."""
    if entry.method == "POST" and re.fullmatch(
        r"/(logstores(/[^/]+/index)?|configs|machinegroups)", entry.path
    ):
        return entry.path, "+"
    if entry.method == "DELETE" and (match := re.fullmatch(r"(/\w+)/[^/]+", entry.path)):
        return match[1], "-"
    if "/configs/" in entry.path and entry.path.startswith("/machinegroups/"):
        return entry.path, "+" if entry.method == "PUT" else "-"
    return None
