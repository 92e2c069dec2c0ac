"""The report as a page: nothing in it runs or is fetched, and it can be read in both languages."""

from __future__ import annotations

import ast
import copy
import json
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot import report_curves, report_page, report_parts, report_proof
from bot.report import LANGUAGES as OFFERED
from bot.report_curves import MOST, binned, curves
from bot.report_html import el, text
from bot.report_page import data_of, page
from bot.report_words import size, span
from handlers.locale import LANGUAGES, tongue
from handlers.locale.zh import ZH
from tests.unit.report_kit import Story, a_move, compared
from workflows.logmigrate import LOGMIGRATE
from workflows.model import DUAL, STOP_FIRST, EventKind, JobKind, JobState, RecordState
from workflows.proof.verdict import Verdict

VOID = {"meta", "link", "img", "br", "input", "base"}
EVIL = '</script><script>alert(1)</script><img src=x onerror="a">\u202e&amp;'


class Reader(HTMLParser):
    """Elements with their attributes, and whether each that was opened was closed."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.open += [tag] * (tag not in VOID)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def tags(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


def evil(thing: Any) -> Any:
    """The same with everything that somebody said made worse."""
    if isinstance(thing, dict):
        return {key: evil(part) for key, part in thing.items()}
    if isinstance(thing, list):
        return [evil(part) for part in thing]
    return f"{thing}{EVIL}" if isinstance(thing, str) else thing


def with_evil(report: dict[str, Any]) -> dict[str, Any]:
    found = evil(copy.deepcopy(report))
    return {**found, "chain": report["chain"], "hosts": {EVIL: found["hosts"]["h1"]}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_element_of_a_page_is_closed_and_none_runs_or_loads(language: str) -> None:
    read = Reader(page(a_move().report(), language))

    assert read.open == []
    assert read.tags("script") == [{"type": "application/json", "id": "report"}]
    loading = {"src", "href", "style", "action", "data"}
    assert [found for found in read.found if loading & found[1].keys()] == []
    assert {
        name for _, attributes in read.found for name in attributes if name[:2] == "on"
    } == set()


def test_the_policy_of_a_page_lets_in_its_own_style_alone() -> None:
    (policy,) = [
        attributes["content"]
        for attributes in Reader(page(a_move().report(), "en")).tags("meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]

    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_whatever_was_said_is_text_in_a_page() -> None:
    report = with_evil(a_move().report())
    document = page(report, "en")
    read = Reader(document)

    assert len(read.tags("script")) == 1
    assert read.tags("img") == []
    assert "\u202e" not in document
    assert json.loads(data_of(document)) == report


def test_people_and_dates_read_as_slack_shows_them() -> None:
    said = text("<@U1> asked <!date^1700000000^{date} {time}|2023-11-14 22:13 UTC>")

    assert said == "@U1 asked 2023-11-14 22:13 UTC"


def test_the_same_report_makes_the_same_page_after_it_was_read_back() -> None:
    report = a_move().report()
    document = page(report, "zh")

    assert page(json.loads(data_of(document)), "zh") == document


def test_a_page_tells_who_agreed_to_what_and_on_which_figures() -> None:
    said = " ".join(Reader(page(a_move().report(), "en")).said)

    for words in ("Stop collecting into the source?", "0a1b2c", "@U2", "remove config app-b",
                  "equal", "target POST /configs R1", "permission denied"):  # fmt: skip
        assert words in said


def test_what_only_looked_is_done_and_what_was_not_asked_not_needed() -> None:
    already = {"state": "already so", "note": ""}

    assert report_parts._state(already, {"outcome": "done"}) == "done"
    assert report_parts._state({**already, "note": "there"}, {}) == "already so"
    assert report_parts._state(already, {}) == "not needed"


def test_a_thousand_hosts_are_folded_and_no_wall_of_names() -> None:
    report = a_move().report()
    names = [f"h{n:04}" for n in range(1000)]
    facts = report["approvals"][0]["facts"]
    facts |= {"hosts": names, "idle": names}
    facts["comparison"]["hosts"] *= 1000
    document = page(report, "en")
    shown = document[: document.index('<script type="application/json"')]

    assert "<summary>1000 lines</summary>" in shown
    assert "1,000: h0000, " in shown
    assert "h0999" not in shown


def test_the_page_of_a_job_that_runs_says_so() -> None:
    story = Story()
    story.tells(EventKind.DONE, "hosts")

    assert report_parts.RUNNING in page(story.report(), "en")
    assert report_parts.RUNNING not in page(a_move().report(), "en")


def test_a_report_of_an_older_program_has_a_page_too() -> None:
    report = a_move().report()
    bare = [{k: v for k, v in event.items() if k != "link"} for event in report["events"]]

    assert "not chained" in page({**report, "events": bare, "chain": {"head": "", "from": 0}}, "en")


def constants(nodes: Iterable[ast.expr]) -> set[str]:
    values = (node.value for node in nodes if isinstance(node, ast.Constant))
    return {value for value in values if isinstance(value, str)}


def branches(arg: ast.expr) -> list[ast.expr]:
    return [arg.body, arg.orelse] if isinstance(arg, ast.IfExp) else [arg]


def words_of_the_code() -> set[str]:
    """Every sentence that is handed to `say`, and those of the tables."""
    found = {title for title, _, _ in report_page.SECTIONS}
    for module in (report_curves, report_page, report_parts, report_proof):
        code = Path(str(module.__file__)).read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"say", "_word"}:
                found |= constants(part for arg in node.args for part in branches(arg))
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "words":
                found |= constants(getattr(node.value, "elts", ()))
        found |= set(re.findall(r'^        \("([A-Z][^"]+)", ', code, re.MULTILINE))
    tables = (report_parts.KINDS, report_parts.SUMMED, report_proof.COUNTED)
    told = {report_parts.RUNNING, "not needed"}
    return found | told | {word for table in tables for word in table.values()}


def test_every_word_of_a_page_is_there_in_chinese() -> None:
    kinds = {*EventKind, *JobState, *RecordState, *Verdict, DUAL, STOP_FIRST}
    every = (LOGMIGRATE.steps, *LOGMIGRATE.also.values())
    titles = {row.title for rows in every for row in rows}
    words = words_of_the_code()

    assert len(words) > 40
    assert sorted((words | {str(kind) for kind in kinds} | titles) - ZH.keys()) == []
    assert {str(kind) for kind in JobKind} == report_parts.KINDS.keys()


def test_chinese_leaves_no_place_of_a_sentence_empty() -> None:
    for english, chinese in ZH.items():
        assert re.findall(r"\{\w+\}", english) == sorted(
            re.findall(r"\{\w+\}", chinese), key=english.index
        )


def test_the_languages_that_are_offered_are_those_that_there_are() -> None:
    assert tuple(LANGUAGES) == OFFERED


def test_many_minutes_make_a_picture_of_bounded_size_that_hides_no_difference() -> None:
    minutes = compared(minutes=2000, lost=3)["comparison"]["minutes"]
    bins = binned([vars(minute) if not isinstance(minute, dict) else minute for minute in minutes])

    assert len(bins) <= MOST
    assert sum(one.source for one in bins) == 200_000
    assert [one.equal for one in bins].count(False) == 1


def test_a_picture_shows_where_the_target_has_less_and_where_content_differs() -> None:
    minutes = [
        {"start": 0, "source": 5, "target": 5, "equal": True},
        {"start": 60, "source": 5, "target": 4, "equal": False},
        {"start": 120, "source": 5, "target": 5, "equal": False},
    ]
    picture = curves(minutes, tongue("en"))

    assert picture.count('class="differs"') == 2
    assert "00:01 -1" in picture
    assert "2 differ" in picture


def test_a_picture_of_nothing_is_none_and_one_minute_is_seen() -> None:
    assert curves([], tongue("en")) == ""
    one = curves([{"start": 0, "source": 0, "target": 0, "equal": True}], tongue("en"))
    assert one.count("<polyline") == 2


def test_times_and_sizes_are_short() -> None:
    assert [span(s) for s in (0, 2.04, 59.6, 61, 3600, 7260, 200_000)] == [
        "0 s", "2.0 s", "60 s", "1 min 1 s", "1 h", "2 h 1 min", "2 d 7 h",
    ]  # fmt: skip
    assert [size(n) for n in (0, 999, 53_000_000, 2e15)] == ["0 B", "999 B", "53.0 MB", "2000.0 TB"]


def test_attributes_are_escaped() -> None:
    assert el("p", "x", aria_label='"<') == '<p aria-label="&quot;&lt;">x</p>'
