"""How far back the copy goes, where the seam is, and what there is to copy."""

from __future__ import annotations

from collections.abc import Container

from workflows.errors import Blocked, NotYet
from workflows.model import Evidence, Facts
from workflows.ports import Line
from workflows.step import Context
from workflows.steps.behind import AHEAD, clock, pulled, until
from workflows.steps.filling import WEEK, many
from workflows.steps.gap import marks
from workflows.steps.history.tail import Tail, held, read_on
from workflows.steps.history.window import Past, described

DAY = 86_400
SAFETY = 60  # seconds; the service's clock may be so far from ours
WINDOW = 600  # seconds of the source that are searched at a time
FAR = 3600  # seconds that are searched in all
FOREVER = 3650  # days; a logstore of that time to live keeps its lines for ever
MOST = 200_000  # lines whose marks are held at once
SEARCHED = 2_000_000  # lines of the source that are worth a sharper seam


def known(context: Context) -> Past:
    """What the first row found."""
    return Past.of(context.known["past"])


def look(context: Context) -> Facts:
    """Reads what the target's agents brought of the past, a share at a time."""
    start = _start(context)
    reading = context.known.get("past", {}).get("reading") or _begun(context)
    edge = int(reading["edge"])
    tail, whole = read_on(context, Tail.of(reading["tail"]), int(reading["end"]), edge)
    if not whole:
        context.keep({"reading": {**reading, "tail": tail.facts}})
        raise NotYet(f"the target's own lines are read, {many(tail.lines)} of the past so far")
    by_service, seam = _roles_fit(context), _seam(context, tail, start, edge)
    return Past(
        start=start,
        asked=int(context.asked["from"]),
        seam=seam,
        edge=edge,
        until=until(context),
        tail=tail.facts,
        by_service=by_service,
        **_sizes(context, start, edge, seam if by_service else start),
    ).facts


def _begun(context: Context) -> Facts:
    """Of what the source received before the target collected, all lies before this edge.

    What is not settled yet the target's agents may still bring. The target goes on receiving; it is
    read to a fixed end, or a slow reader would never come to it.
    """
    now = int(context.clock.now())
    edge = min(int(context.asked["live"]) + AHEAD, int(now - context.waits.settle))
    return {"edge": edge, "end": now + 1, "tail": Tail().facts}


def _start(context: Context) -> int:
    """As far back as asked, but no line is older than the source keeps it."""
    name = context.app.source.logstore
    body = context.source.logstore(name)
    if body is None:
        raise Blocked(f"the source's logstore {name} is gone", "Roll back: nothing can be copied.")
    days = int(body.get("ttl", FOREVER))
    oldest = 0 if days >= FOREVER else int(context.clock.now()) - days * DAY
    return max(int(context.asked["from"]), oldest)


def _roles_fit(context: Context) -> bool:
    """Whether the service can copy; a role of another account would only fail later."""
    roles = context.app.roles
    if not roles.source:
        return False
    for key, arn, sls in (
        ("source_role", roles.source, context.source),
        ("target_role", roles.target, context.target),
    ):
        owner = sls.project().owner
        if f"::{owner}:" not in arn:
            raise Blocked(
                f"apps.{context.app.name}.history.{key} is {arn}, a role of another account than "
                f"{owner}, which holds the project",
                "Correct it in the settings, restart the workers, then Retry.",
            )
    return True


def _seam(context: Context, tail: Tail, start: int, edge: int) -> int:
    """Whatever the source received before it, the target does not have."""
    began = int(context.asked["began"]) - SAFETY
    if not tail.lines:
        return max(start, began)
    earliest = max(start, min(tail.first - AHEAD, began))  # no line comes earlier than that
    if tail.lines > MOST or (_count(context, earliest, earliest + AHEAD) or 0) > SEARCHED:
        return earliest
    ours = {mark for mark, _ in held(context, tail, edge)}
    last = min(began, earliest + FAR)
    found = _first(context, ours, earliest, last, WINDOW)
    return max(start, found or (began if last == began else earliest))


def _first(context: Context, ours: Container[bytes], start: int, end: int, step: int) -> int:
    """The second in which the source received the first of these lines; 0 if it did not.

    Found by asking for ever shorter windows: not every logstore tells when a line came.
    """
    logstore = context.app.source.logstore
    for at in range(start, end, step):
        window = pulled(context.source, logstore, [(at, min(at + step, end))])
        if any(mark in ours for lines in window for mark, _ in marks(lines)):
            return (
                at if step == 1 else _first(context, ours, at, min(at + step, end), step // 10 or 1)
            )
    return 0


def _sizes(context: Context, start: int, edge: int, copier: int) -> Facts:
    """`copier`: from here on the copier writes, which cannot write what is older than a week."""
    first = _first_lines(context, start)
    if not first:
        more = f"Cancel it, and ask for more: /logmigrate history {context.app.name} --from 90d."
        gone = "Cancel it: what was received before, the source does not keep any more."
        raise Blocked(
            f"the source has received no line since {clock(start)}",
            more if start == int(context.asked["from"]) else gone,
        )
    lines = _count(context, start, edge) or None  # an index may be younger than the lines
    week = int(context.clock.now()) - WEEK
    old = _count(context, copier, week) if copier < week else 0
    mean = sum(len(key) + len(value) for one in first for key, value in one.fields) / len(first)
    return {"lines": lines, "old": old, "size": int((lines or 0) * mean)}


def _count(context: Context, start: int, end: int) -> int | None:
    """By their own time; None where the source's index does not say."""
    try:
        return context.source.count(context.app.source.logstore, start, end)
    except NotYet:
        return None


def _first_lines(context: Context, start: int) -> list[Line]:
    """A page of them, or less."""
    logstore = context.app.source.logstore
    for page in context.source.pages(logstore, start, until(context)):
        if lines := [line for one in page.lines for line in one.lines]:
            return lines
    return []


def told(context: Context, before: Facts) -> Evidence:
    """The window and the seam in words."""
    return Evidence("\n".join(described(context, Past.of(before))))


def nothing(context: Context, before: Facts) -> None:
    """Looking changes nothing."""


def would(context: Context, before: Facts) -> str:
    return "look at the past of both sides"


def nothing_to_undo(context: Context, before: Facts) -> str:
    return "looking changed nothing"
