"""The sections of a report beside its approvals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.report_html import Html, el, joined, table
from bot.report_words import moment, short, span
from handlers.locale import Tongue
from workflows.chain import SHORT
from workflows.model import EventKind, RecordState

KINDS = {
    "move": "moving log collection to the target account",
    "plan": "what a move would do",
    "diagnosis": "why hosts are silent",
    "history": "copying the lines of before the move",
}


def head(report: dict[str, Any], say: Tongue) -> Html:
    job = report["job"]
    what = say(KINDS.get(job["kind"], job["kind"]))
    running = [] if job["ended"] else [el("p", say(RUNNING), of="bad")]
    why = [el("p", job["reason"], " ", job["hint"])] if job["reason"] else []
    return joined([el("h1", f"{job['app']}: {what}"), *running, *why, _summary(report, say)])


RUNNING = "The job has not ended: this tells what happened until the report was made."


def _summary(report: dict[str, Any], say: Tongue) -> Html:
    job, events = report["job"], report["events"]
    ended = events[-1].get("at", 0.0) if events else job["created"]
    names = job["names"]
    sides = [
        " / ".join(filter(None, (names.get(f"{side}.project"), names.get(f"{side}.logstore"))))
        for side in ("source", "target")
    ]
    told = [
        ("Job", job["id"]),
        ("State", say(job["state"])),
        ("Asked by", f"@{job['requested_by']}"),
        ("Begun", moment(job["created"])),
        ("Newest event", f"{moment(ended)}, {span(ended - job['created'])}"),
        ("Source", sides[0]),
        ("Target", sides[1]),
        ("Route", say(job["route"]) if job["kind"] == "move" else ""),
        ("Without hosts", ", ".join(job["without"])),
        ("Only hosts", ", ".join(job["only"])),
        ("Report made", f"{moment(report['made'])}, {report['program']}"),
    ]
    pairs = (el("dt", say(word)) + el("dd", said) for word, said in told if said)
    return el("dl", Html("".join(pairs)))


def plan(report: dict[str, Any], say: Tongue) -> Html:
    return el("ol", *(el("li", line) for line in report["plan"]))


def proofs(report: dict[str, Any], say: Tongue) -> Html:
    """Every verdict; those under an approval stand there with their curves."""
    words = ("Event", "Step", "Verdict", "Minutes compared", *SUMMED.values())
    lines = [
        (one["event"], say(report["titles"].get(one["step"], one["step"])), say(one["verdict"]),
         one["minutes"], *(one[name] for name in SUMMED))
        for one in report["proofs"]
    ]  # fmt: skip
    return table([say(word) for word in words], lines)


SUMMED = {
    "source": "Source",
    "target": "Target",
    "overlap": "Overlap",
    "doubled": "Doubled",
    "restarts": "by restarts",
    "late": "Late",
}


def rows(report: dict[str, Any], say: Tongue) -> Html:
    """As the record has them, with the times that follow from the events."""
    times = {row["name"]: row for row in report["rows"]}
    words = ("Step", "State", "Worked", "Waited for people", "What it came to")
    lines = []
    for record in report["job"]["records"]:
        name, took = record["name"], times.get(record["name"], {})
        title = say(report["titles"].get(name, name))
        worked, waited = (took.get(key, 0.0) for key in ("worked", "waited"))
        told = (span(seconds) if seconds else "" for seconds in (worked, waited))
        lines.append((title, _word(_state(record, took), say), *told, record["note"]))
    return table([say(word) for word in words], lines)


def _state(record: dict[str, Any], took: dict[str, Any]) -> str:
    """What only looked is done, though there is nothing of it to take back."""
    if record["state"] != RecordState.ALREADY:
        return str(record["state"])
    if took.get("outcome") == EventKind.DONE:
        return "done"
    return "already so" if took or record["note"] else "not needed"


def _word(word: str, say: Tongue) -> Html:
    return el("span", say(word), of="word")


def hosts(report: dict[str, Any], say: Tongue) -> Html:
    """One line per answer; folded where there are many."""
    words = ("Host", "Step", "Answer", "Said", "Seconds")
    lines = [
        (host, say(report["titles"].get(one["step"], one["step"])), _answer(one, say),
         one.get("said", ""), round(one.get("seconds", 0.0), 2) or "")
        for host, answers in report["hosts"].items()
        for one in answers
    ]  # fmt: skip
    return folded(table([say(word) for word in words], lines), len(lines), say)


def _answer(one: dict[str, Any], say: Tongue) -> Html:
    if not one["ok"]:
        return el("span", say("trouble"), of="bad")
    return _word("changed" if one.get("changed") else "OK", say)


def requests(report: dict[str, Any], say: Tongue) -> Html:
    words = ("Event", "Call, and the service's request id")
    lines = [(one["event"], el("code", one["call"])) for one in report["requests"]]
    return folded(table([say(word) for word in words], lines), len(lines), say)


def events(report: dict[str, Any], say: Tongue) -> Html:
    words = ("No.", "Time, UTC", "What", "Step", "Who", "Said", "Link")
    lines = [_event(n, event, report, say) for n, event in enumerate(report["events"], 1)]
    return table([say(word) for word in words], lines, of="events")


def _event(
    number: int, event: dict[str, Any], report: dict[str, Any], say: Tongue
) -> Sequence[object]:
    step = event.get("step", "")
    who = f"@{event['who']}" if event.get("who") else ""
    return (
        number,
        short(event.get("at", 0.0)),
        _word(event["kind"], say),
        say(report["titles"].get(step, step)),
        who,
        " ".join(filter(None, (event.get("text"), event.get("hint")))),
        el("code", event.get("link", "")[:SHORT]),
    )


def folded(inside: Html, count: int, say: Tongue) -> Html:
    """What is long is opened by whoever wants it, and by newer browsers on paper."""
    if count <= 40:
        return inside
    return el("details", el("summary", say("{n} lines").format(n=count)), inside)
