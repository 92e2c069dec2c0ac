"""Whether a report is what the program wrote: offline, from the report alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from time import gmtime, strftime
from typing import Any

from workflows.chain import SHORT, Flaw, canonical, flaw
from workflows.model import EventKind, Facts, quoted
from workflows.report.build import FORMAT, drawn, sealed

WIDTH = 80  # characters of what a report says itself
ENDS = {EventKind.SUCCEEDED, EventKind.UNDONE}  # what the thread says of them shows the link


class NoReport(Exception):
    """It cannot be read as a report; the text says why."""


@dataclass(frozen=True)
class Checked:
    """`said` is for people; intact only if every event and all that is drawn from them is."""

    intact: bool
    said: str


def checked(report: Any) -> Checked:
    """Raises NoReport where it is none, or one of a newer program."""
    _shaped(report)
    events, chain = report["events"], report["chain"]
    try:
        found = flaw(report["job"], events, chain["head"], chain["from"])
        if found:
            return Checked(intact=False, said=_named(found, events))
        if not chain["from"]:
            return Checked(intact=False, said=UNCHAINED.format(len(events)))
        return _beside(report)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        text = f"not a whole report, something is missing or of another kind: {error!r}"
        raise NoReport(text) from error


UNCHAINED = (
    "not chained: none of its {} events has a link, so nothing can be checked; "
    "a program from before the links wrote them"
)


def _shaped(report: Any) -> None:
    if not isinstance(report, dict) or not isinstance(report.get("format"), int):
        raise NoReport("it has no format number")
    if report["format"] > FORMAT:
        raise NoReport(
            f"written in format {report['format']}, this program reads up to {FORMAT}; "
            "check it with the newer program that wrote it"
        )
    shapes = {"job": dict, "chain": dict, "events": list}
    wrong = [name for name, shape in shapes.items() if not isinstance(report.get(name), shape)]
    if wrong or not all(isinstance(event, dict) for event in report["events"]):
        raise NoReport(f"not a whole report: without {', '.join(wrong) or 'events'} as they are")
    first = report["chain"].get("from")
    if type(first) is not int or not 0 <= first <= len(report["events"]) + 1:
        raise NoReport("not a whole report: it does not say from which event on it is chained")


def _beside(report: Facts) -> Checked:
    """What is drawn from the events must say what they say."""
    events, first = report["events"], report["chain"]["from"]
    for name, part in drawn(events).items():
        if canonical(report.get(name)) != canonical(part):
            text = f"altered: its events are intact, but “{name}” does not say what they say"
            return Checked(intact=False, said=text)
    if report.get("seal") != sealed(report)["seal"]:
        text = "altered: its events are intact, but something beside them was changed"
        return Checked(intact=False, said=text)
    return Checked(intact=True, said=_intact(events, report["chain"]["head"], first))


def _intact(events: list[Facts], head: str, first: int) -> str:
    """With what a reader can hold against the thread: only that stands where nobody can edit it."""
    lines = [f"intact: {len(events)} events, head {head[:SHORT]}"]
    if first > 1:
        lines.append(f"chained from event {first} on; an older program wrote those before")
    lines += [
        f"the thread in Slack shows {event['link'][:SHORT]} where it says that the job "
        f"{event['kind']} ({_when(event)})"
        for event in events
        if event["kind"] in ENDS and event.get("link")
    ]
    return "\n".join(lines)


def _named(found: Flaw, events: list[Facts]) -> str:
    if not found.number or found.number > len(events):
        return f"altered: {found.why}"
    event = events[found.number - 1]
    what = f"{event.get('kind', '')} {event.get('step', '')}".strip()
    # Of an altered event anybody may have written the words: nothing in them moves a terminal.
    return f"altered: event {found.number}, {_when(event)}, {quoted(what[:WIDTH])}: {found.why}"


def _when(event: Facts) -> str:
    try:
        return strftime("%Y-%m-%d %H:%M:%SZ", gmtime(event.get("at", 0)))
    except (OverflowError, OSError, TypeError, ValueError):
        return "at no time"
