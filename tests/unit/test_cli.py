"""The command line: what it prints, and its exit statuses."""

from __future__ import annotations

import io
import json
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from bot import listing
from bot.__main__ import main
from bot.health import touched
from bot.log import configure
from bot.settings import LogSettings
from tests.unit.test_settings import SECRETS, SMALLEST
from workflows.logmigrate import LOGMIGRATE
from workflows.model import (
    STOP_FIRST,
    Event,
    EventKind,
    Job,
    JobKind,
    JobState,
    Record,
    RecordState,
)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in order, with its secrets in the environment."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "config.toml"
    path.write_text(f'data_dir = "data"\n{SMALLEST}', encoding="utf-8")
    return path


@pytest.fixture
def _logging_put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def exit_status(*argv: str) -> int:
    try:
        return main(argv)
    except SystemExit as ended:
        return int(ended.code or 0)


@pytest.mark.parametrize("argv", [("-c", "FILE", "check"), ("check", "--config", "FILE")])
def test_the_config_may_stand_before_or_after_the_verb(
    config: Path, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...]
) -> None:
    status = exit_status(*(str(config) if word == "FILE" else word for word in argv))

    assert status == 0
    assert capsys.readouterr().out == f"{config}: in order; apps: app-b; hosts: h1, h2\n"


def test_the_environment_names_the_config_where_the_line_does_not(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGMIGRATE_CONFIG", str(config))

    assert exit_status("check") == 0


@pytest.mark.parametrize("verb", ["up", "serve", "work", "check", "health"])
def test_wrong_settings_are_one_line_and_status_2(
    config: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    config.write_text("[wait]\n" + SMALLEST, encoding="utf-8")

    status = exit_status(verb, "-c", str(config))

    assert status == 2
    assert capsys.readouterr().err == "wait: no such setting; did you mean waits?\n"


@pytest.mark.parametrize("argv", [(), ("fly",), ("jobs",), ("jobs", "show"), ("check", "--loud")])
def test_wrong_usage_is_one_line_and_status_2(
    capsys: pytest.CaptureFixture[str], argv: tuple[str, ...]
) -> None:
    status = exit_status(*argv)

    said = capsys.readouterr().err
    assert status == 2
    assert said.startswith("logmigrate: ")
    assert said.count("\n") == 1


def test_the_process_itself_ends_with_2_and_without_a_traceback(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "serve", "-c", str(tmp_path / "none.toml")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{tmp_path}/none.toml: no such file; copy config.example.toml")
    assert ended.stderr.count("\n") == 1


def test_a_process_touches_its_file_in_a_folder_that_it_makes(tmp_path: Path) -> None:
    alive = tmp_path / "made" / "alive"

    with touched(alive, every=0.01):
        first = alive.stat().st_mtime_ns
        again = until(lambda: alive.stat().st_mtime_ns > first)

    assert again


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether the condition came to hold before the deadline."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        os.sched_yield()
    return condition()


def test_a_touched_file_is_health(config: Path) -> None:
    alive = config.parent / "data" / "alive"
    alive.parent.mkdir()
    alive.touch()

    assert exit_status("health", "-c", str(config)) == 0


def test_a_file_that_is_not_touched_any_more_is_ill_health(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alive = tmp_path / "alive"
    alive.touch()
    os.utime(alive, (time.time() - 45,) * 2)
    monkeypatch.setenv("LOGMIGRATE_ALIVE", str(alive))

    assert exit_status("health") == 1
    assert capsys.readouterr().err == f"{alive} was last touched 45 s ago; is the process stuck?\n"


def test_no_file_at_all_is_ill_health(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status("health", "-c", str(config)) == 1
    assert capsys.readouterr().err.endswith("no such file or directory; is the process running?\n")


@pytest.mark.usefixtures("_logging_put_back")
def test_an_empty_store_lists_no_jobs_and_knows_none(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = exit_status("jobs", "list", "-c", str(config)), capsys.readouterr().out
    shown = exit_status("jobs", "-c", str(config), "show", "7Q2"), capsys.readouterr().err

    assert listed == (0, "no jobs\n")
    assert shown[0] == 1
    assert "7Q2" in shown[1].splitlines()[-1]


@pytest.mark.usefixtures("_logging_put_back")
def test_redis_away_is_one_sentence_and_status_1(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refuses, and nobody else gets it
        port = taken.getsockname()[1]
        monkeypatch.setenv("LOGMIGRATE_REDIS_URL", f"redis://:hush@127.0.0.1:{port}/0")
        status = exit_status("jobs", "list", "-c", str(config))

    said = capsys.readouterr().err
    assert status == 1
    assert "hush" not in said
    assert f"127.0.0.1:{port}" in said.splitlines()[-1]


def test_steps_prints_a_row_for_each_step_of_every_kind_of_job(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert exit_status("steps") == 0

    rows = [row for row in capsys.readouterr().out.splitlines() if "`" in row]
    kinds = (JobKind.MOVE, JobKind.DIAGNOSE, JobKind.HISTORY)
    every = [step for kind in kinds for step in LOGMIGRATE.rows(kind)]
    every += [row for row in LOGMIGRATE.routes[STOP_FIRST] if row not in LOGMIGRATE.steps]
    assert [row.split("`")[1] for row in rows] == [step.name for step in every]


def job(**changes: object) -> Job:
    records = (
        Record("identity", RecordState.DONE, since=1.0, note="on 3 hosts"),
        Record("group", RecordState.PROVING, since=61.0),
        Record("destination"),
    )
    given = {"id": "7Q2", "app": "app-b", "requested_by": "UALICE", "channel": "C1"}
    return Job(**{**given, "created": 0.0, "records": records, **changes})  # type: ignore[arg-type]


def test_the_list_says_where_each_job_stands() -> None:
    stopped = job(id="8R3", state=JobState.STOPPED, reason="h2 does not answer")

    listed = listing.jobs_table([job(state=JobState.RUNNING), stopped]).splitlines()

    assert listed[0].split() == ["JOB", "APP", "KIND", "STATE", "CREATED", "BY", "AT"]
    assert " ".join(listed[1].split()) == (
        "7Q2 app-b move running 1970-01-01 00:00:00Z UALICE group: being proven"
    )
    assert listed[2].endswith("h2 does not answer")
    assert listed[1].index("UALICE") == listed[2].index("UALICE")


def test_an_empty_list_says_so() -> None:
    assert listing.jobs_table([]) == "no jobs"


def test_a_story_ends_with_its_events_each_in_one_line() -> None:
    events = [
        Event(0.0, "7Q2", EventKind.STARTED, who="UALICE"),
        Event(2.0, "7Q2", EventKind.DONE, step="identity", text="on\n3 hosts"),
    ]

    told = listing.story(job(), events).splitlines()

    assert " ".join(told[-1].split()) == "1970-01-01 00:00:02Z done identity on 3 hosts"


def logged(form: str, **fields: object) -> str:
    stream = io.StringIO()
    configure(LogSettings(level="info", format=form), stream)
    structlog.get_logger("bot").info("looking", **fields)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.usefixtures("_logging_put_back")
def test_secrets_are_hidden_by_name_and_by_look(form: str) -> None:
    said = logged(
        form,
        bot_token="abc-hush",
        nested={"Authorization": "Bearer hush", "list": ["xapp-1-hush"]},
        url="redis://:hush@h:6379/0",
        text="sent xoxb-12-hush with LTAIhush12345678",
        error=ValueError("xoxb-hush"),
    )

    assert "hush" not in said
    assert said.count("***") == 7
    assert "h:6379/0" in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("token CAISushushushushushush/a+b== came", "token *** came"),
        ("asking redis://me:hu@sh@h:6379/0", "asking redis://***@h:6379/0"),
        ("http://h:80/a and b:c@d", "http://h:80/a and b:c@d"),
    ],
)
@pytest.mark.usefixtures("_logging_put_back")
def test_tokens_and_passwords_with_odd_signs_are_hidden(text: str, told: str) -> None:
    assert json.loads(logged("json", text=text))["text"] == told


@pytest.mark.usefixtures("_logging_put_back")
def test_a_traceback_hides_secrets_too() -> None:
    stream = io.StringIO()
    configure(LogSettings(level="info", format="json"), stream)

    try:
        raise ValueError("xoxb-12-hush")
    except ValueError:
        structlog.get_logger("bot").exception("asking Slack")

    line = json.loads(stream.getvalue())
    assert "hush" not in stream.getvalue()
    assert "Traceback" in line["exception"]


@pytest.mark.usefixtures("_logging_put_back")
def test_what_libraries_log_takes_the_same_way() -> None:
    stream = io.StringIO()
    configure(LogSettings(level="info", format="json"), stream)

    structlog.contextvars.bind_contextvars(job="7Q2")
    logging.getLogger("somebody").warning("token is %s", "xoxb-12-hush")
    logging.getLogger("slack_bolt").info("of use to its authors")
    structlog.contextvars.clear_contextvars()

    line = json.loads(stream.getvalue())
    assert line["event"] == "token is ***"
    assert line["job"] == "7Q2"
    assert line["level"] == "warning"
