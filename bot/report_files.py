"""What became of a job, written as files; and whether such a file is what it was."""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.log import configure
from bot.report_page import data_of, language_of, page
from bot.settings import load
from bot.version import program
from handlers.locale import LANGUAGES
from workflows.chain import SHORT
from workflows.errors import Blocked, JobError, SettingsError
from workflows.logmigrate import LOGMIGRATE
from workflows.model import Facts, Job, quoted
from workflows.report.build import report
from workflows.report.check import WIDTH, NoReport, checked

ODD = re.compile(r"[^ -~\n]")


def make(args: argparse.Namespace, say: Callable[[str], None]) -> None:
    """Without a file the JSON itself is said."""
    settings = load(args.config, os.environ)
    configure(settings.log)
    from bot import app  # noqa: PLC0415 - slow to import

    job_id = args.job.upper()  # as in Slack
    with app.store(settings) as store:
        job = store.kept(job_id)
        found = report(job, store.story(job_id), _titles(job), time.time(), program())
    if args.html:
        say(_written(args.html, page(found, args.language), found))
    if args.json or not args.html:
        text = _plain(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False))
        say(_written(args.json, f"{text}\n", found) if args.json else text)


def verify(path: Path, say: Callable[[str], None]) -> None:
    """Raises Blocked where something was altered, SettingsError where it is no report."""
    document = _read(path)
    try:
        found = _parsed(document)
        result = checked(found)
    except (NoReport, ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: not a report that can be checked: {error}") from error
    if not result.intact:
        raise Blocked(f"{path}: {result.said}")
    beside = _beside(path, document, found) if _is_page(document) else ""
    say("\n".join(filter(None, (f"{path}: {result.said}", beside))))


def _plain(text: str) -> str:
    """The same JSON, in which nothing moves a terminal's cursor nor is half a character."""
    return ODD.sub(_spelt, text)


def _spelt(sign: re.Match[str]) -> str:
    return sign[0] if sign[0].isprintable() else json.dumps(sign[0])[1:-1]


def _titles(job: Job) -> dict[str, str]:
    """Those of its own route last: two routes may share a name."""
    every = (*LOGMIGRATE.tables, LOGMIGRATE.of(job))
    return {row.name: row.title for rows in every for row in rows}


def _written(path: Path, text: str, found: Facts) -> str:
    """What to say of the file, once it is there."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise JobError(f"writing {path}: {error.strerror}") from error
    job, chain = found["job"], found["chain"]
    ended = "" if job["ended"] else f"; it is still {job['state']}"
    head = f"head {chain['head'][:SHORT]}" if chain["from"] else "not chained"
    return f"{path}: job {job['id']}, {len(found['events'])} events, {head}{ended}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"reading {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not a report, but something that is no text") from error


def _parsed(document: str) -> Any:
    """A name that stands twice would hide what other readers see."""
    text = data_of(document) if _is_page(document) else document
    return json.loads(text, object_pairs_hook=_each_once)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands twice in one place")
    return found


def _is_page(document: str) -> bool:
    return document.lstrip().startswith("<")


def _beside(path: Path, document: str, found: Facts) -> str:
    """The page is drawn again: its data may be intact, and what people read is not."""
    language = language_of(document)
    if found.get("program") != program():
        made = f"the page was made by {quoted(str(found.get('program'))[:WIDTH])}"
        return f"{made}; this is {program()}, so its data were checked alone"
    if language not in LANGUAGES or page(found, language) != document:
        text = "altered: its data are intact, but the page around them does not say what they say"
        hint = "`logmigrate report JOB --html FILE` makes it anew."
        raise Blocked(f"{path}: {text}", hint)
    return "the page says what its data say"
