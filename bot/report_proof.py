"""The approvals of a report: what was asked on which evidence, its curves, and who decided."""

from __future__ import annotations

from typing import Any

from bot.report_curves import curves
from bot.report_html import Html, el, joined, table
from bot.report_parts import folded
from bot.report_words import moment, short, size
from handlers.locale import Tongue

GREEN = "equal"
NAMED = 50  # hosts in one line


def approvals(report: dict[str, Any], say: Tongue) -> Html:
    if not report["approvals"]:
        return el("p", say("Nobody was asked."), of="soft")
    return joined(_card(one, report, say) for one in report["approvals"])


def _card(one: dict[str, Any], report: dict[str, Any], say: Tongue) -> Html:
    title = say(report["titles"].get(one["step"], one["step"]))
    asked = say("asked {when}, shown as {digest}, event {n}").format(
        when=moment(one["at"]), digest=one["shown"], n=one["event"]
    )
    facts = one["facts"]
    return el(
        "section",
        el("h3", title),
        el("p", asked, of="soft"),
        el("ol", *(el("li", line) for line in one["lines"])),
        el("p", el("b", say("Evidence")), ": ", one["evidence"]) if one["evidence"] else "",
        _figures(facts, say) if facts.get("comparison") else "",
        *(_decided(decision, say) for decision in one["decided"]),
        el("p", say("Proven again at the click"), ": ", one["proven"]["text"])
        if one.get("proven")
        else "",
        el("p", say("Nobody has decided yet."), of="soft") if not one["decided"] else "",
        of="card",
    )


def _decided(decision: dict[str, Any], say: Tongue) -> Html:
    kind, who = decision["kind"], decision.get("who", "")
    words = [el("b", say(kind), of="good" if kind == "approved" else "bad")]
    words += [Html(" "), el("span", f"@{who}")] if who else []
    words.append(el("span", f" {moment(decision.get('at', 0))}", of="soft"))
    words += [Html(": "), el("span", decision["text"])] if decision.get("text") else []
    return el("p", *words)


def _figures(facts: dict[str, Any], say: Tongue) -> Html:
    """Totals, the curves, and each host."""
    compared = facts["comparison"]
    minutes = compared.get("minutes", ())
    verdict = facts.get("verdict", "")
    of = "good" if verdict == GREEN else "bad"
    told = [
        (say("Verdict"), el("b", say(verdict), of=of)),
        (say("Lines in the source"), f"{sum(one['source'] for one in minutes):,}"),
        (say("Lines in the target"), f"{sum(one['target'] for one in minutes):,}"),
        (say("Minutes compared"), f"{len(minutes):,}"),
        (say("From, to"), f"{moment(compared['start'])} – {moment(compared['end'])}"),
        (say("Hosts with lines"), _named(facts.get("hosts", ()))),
        (say("Hosts that wrote nothing"), _named(facts.get("idle", ()))),
        (say("Compared by"), compared.get("engine", "")),
        *((say(word), f"{compared.get(key, 0):,}") for key, word in COUNTED.items()),
        (say("Size in the target"), size(compared["size"]) if compared.get("size") else ""),
    ]
    pairs = (el("dt", word) + el("dd", said) for word, said in told if said)
    return joined([el("dl", Html("".join(pairs))), curves(minutes, say), _hosts(compared, say)])


COUNTED = {
    "overlap": "Overlap: lines from before the start",
    "doubled": "Doubled in the target",
    "restarts": "of these, by an agent's restart",
    "repeated": "Repeated in the source",
    "late": "Late lines",
    "strange": "Lines of other hosts, not compared",
}


def _named(hosts: Any) -> str:
    """Of very many the first; the tables have all."""
    names = [str(host) for host in hosts]
    more = ", …" if len(names) > NAMED else ""
    return f"{len(names):,}: {', '.join(names[:NAMED])}{more}" if names else ""


def _hosts(compared: dict[str, Any], say: Tongue) -> Html:
    rows = [
        (
            host["host"],
            host["source"],
            host["target"],
            el("span", say("equal" if host["equal"] else "different"),
               of="" if host["equal"] else "bad"),
            host.get("files", 0),
            short(host.get("since", 0)),
            short(host.get("newest", 0)),
        )
        for host in compared.get("hosts", ())
    ]  # fmt: skip
    words = ("Host", "Source", "Target", "Verdict", "Files", "First in the target", "Newest line")
    return folded(table([say(word) for word in words], rows), len(rows), say) if rows else Html("")
