"""The report as one HTML file: no scripts, nothing loaded from elsewhere, its data within it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from bot import report_parts as parts
from bot.report_html import Html, el, joined
from bot.report_proof import approvals
from bot.report_style import STYLE
from handlers.locale import Tongue, tongue
from workflows.chain import SHORT

DATA = re.compile(r'<script type="application/json" id="report">(.*?)</script>', re.DOTALL)
LANGUAGE = re.compile(r'<html lang="([a-z]+)">')

Section = tuple[str, Callable[[dict[str, Any], Tongue], Html], str]
SECTIONS: tuple[Section, ...] = (  # title, what draws it, the part without which it is left out
    ("What it would do", parts.plan, "plan"),
    ("Approvals", approvals, ""),
    ("Verdicts", parts.proofs, "proofs"),
    ("Steps", parts.rows, "rows"),
    ("Hosts", parts.hosts, "hosts"),
    ("What was written at the service", parts.requests, "requests"),
    ("Events", parts.events, "events"),
)


def page(report: dict[str, Any], language: str) -> str:
    """The same report makes the same page, byte by byte."""
    report = json.loads(json.dumps(report, sort_keys=True))
    say = tongue(language)
    body = el(
        "main",
        parts.head(report, say),
        *(_section(*section, report, say) for section in SECTIONS),
        _intactness(report, say),
    )
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{language}">',
            _head(report),
            f"<body>{body}{_data(report)}</body>",
            "</html>\n",
        ]
    )


def data_of(document: str) -> str:
    """The JSON within a page. Raises ValueError where there is none, or more than one."""
    found = DATA.findall(document)
    if len(found) != 1:
        raise ValueError(f"{len(found)} reports lie in it, and not one")
    return str(found[0])


def language_of(document: str) -> str:
    found = LANGUAGE.search(document)
    return found[1] if found else ""


def _head(report: dict[str, Any]) -> Html:
    """Nothing but this one style is let in, whatever stands in the page."""
    style = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
    title = f"{report['job']['app']}, {report['job']['id']}"
    return joined(
        [
            Html('<head><meta charset="utf-8">'),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            el("title", title),
            Html(f"<style>{STYLE}</style></head>"),
        ]
    )


def _section(title: str, draw: Any, part: str, report: dict[str, Any], say: Tongue) -> Html:
    if part and not report[part]:
        return Html("")
    return el("section", el("h2", say(title)), draw(report, say))


def _intactness(report: dict[str, Any], say: Tongue) -> Html:
    chain = report["chain"]
    told = say("{n} events, chained from event {first} on; the head is {head}.").format(
        n=len(report["events"]), first=chain["from"], head=chain["head"][:SHORT]
    )
    how = say(
        "Each event holds a fingerprint of the one before. The command below checks this file "
        "offline; the head also stands at the end of the job's thread in Slack."
    )
    check = el("p", el("code", "logmigrate report verify FILE"))
    quoted = say("What steps, hosts and services said is quoted as they said it.")
    said = (told if chain["from"] else say("These events are not chained."), how, check, quoted)
    inside = (word if isinstance(word, Html) else el("p", word) for word in said)
    return el("section", el("h2", say("Whether this is what happened")), *inside)


def _data(report: dict[str, Any]) -> Html:
    """As text that no HTML parser can take for anything else."""
    bare = json.dumps(report, sort_keys=True)
    for sign in "<>&":
        bare = bare.replace(sign, f"\\u{ord(sign):04x}")
    return Html(f'<script type="application/json" id="report">{bare}</script>')
