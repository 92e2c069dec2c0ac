"""`logmigrate report verify FILE`: its words and its exit status, offline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.report_files import _plain
from bot.report_page import page
from bot.version import program
from tests.unit.report_kit import a_move

REPORT = a_move().report(program())


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What it answers to a file with this text: exit status, and what it says."""
    monkeypatch.setenv("LOGMIGRATE_CONFIG", str(tmp_path / "there-is-none.toml"))

    def verify(text: str | bytes) -> tuple[int, str]:
        file = tmp_path / "report"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        status = main(["report", "verify", str(file)])
        told = capsys.readouterr()
        return status, told.out + told.err

    return verify


def test_an_intact_report_is_told_with_its_events_and_head(said) -> None:
    status, words = said(json.dumps(REPORT))

    assert status == 0
    assert f"intact: 11 events, head {REPORT['chain']['head'][:12]}" in words


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_is_checked_as_its_data_are_and_for_what_people_read(said, language: str) -> None:
    document = page(REPORT, language)
    intact = said(document)
    forged = said(document.replace("@U2", "@U3"))
    nameless = said(document.replace(f' lang="{language}"', "").replace("@U2", "@U3"))
    broken = said(document.replace('"who": "U2"', '"who": "U3"', 1))

    assert intact[0] == 0
    assert "the page says what its data say" in intact[1]
    assert (forged[0], nameless[0]) == (1, 1)
    assert "the page around them does not say what they say" in forged[1]
    assert broken[0] == 1
    assert "altered: " in broken[1]


def test_the_page_of_another_version_is_checked_by_its_data_alone(said) -> None:
    status, words = said(page(a_move().report("logmigrate 0.0.9"), "en"))

    assert status == 0
    assert "the page was made by logmigrate 0.0.9" in words


def test_the_first_event_that_was_altered_is_named_with_its_time_and_kind(said) -> None:
    text = json.dumps(REPORT).replace("equal: 3 minutes", "equal: 4 minutes")
    status, words = said(text)

    assert status == 1
    assert "altered: event 8, 2026-09-21 14:49:01Z, asked stop?: it was altered" in words


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "<html></html>", b"\xff\xfe", '{"format": 1}', "[" * 100_000, "NaN",
     page(REPORT, "en") + page(REPORT, "en")],
    ids=range(9),
)  # fmt: skip
def test_what_is_no_report_is_told_as_wrong_usage(said, text: str | bytes) -> None:
    status, words = said(text)

    assert status == 2
    assert "not a report" in words


def test_a_name_that_stands_twice_is_refused(said) -> None:
    """A reader that takes the first would see another report than one that takes the last."""
    text = json.dumps(REPORT).replace('"who": "U2"', '"who": "U3", "who": "U2"', 1)
    status, words = said(text)

    assert status == 2
    assert "'who' stands twice" in words


def test_a_version_that_a_forger_wrote_moves_no_terminal(said) -> None:
    status, words = said(page(a_move().report("\x1b[2J<!channel>" + "x" * 999), "en"))

    assert status == 0
    assert words.replace("\n", "").isprintable()
    assert "‹!channel›" in words
    assert len(words) < 600


def test_the_json_is_the_same_and_moves_no_terminal() -> None:
    said = {"text": "\x1b[2J\x9b2J \u202e \ud800 \x7f 主机 “a”\n"}
    plain = _plain(json.dumps(said, ensure_ascii=False, indent=1))

    assert json.loads(plain) == said
    assert plain.replace("\n", "").isprintable()
    assert "主机 “a”" in plain
    assert plain.encode()


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["report", "verify", "/nowhere/report.html"])

    assert status == 2
    assert "reading /nowhere/report.html: No such file or directory" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [("verify",), ("7Q2", "report.html")])
def test_a_word_too_few_or_too_many_is_told_with_the_way_out(
    argv: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", *argv]) == 2
    assert "report --help shows both" in capsys.readouterr().err
