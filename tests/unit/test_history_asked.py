"""How people ask for the past, what they read, and what the settings say of the roles."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.world import contexts
from handlers.messages import root
from handlers.parse import parse
from handlers.requests import History, Request, Unknown
from tests.crash.history_world import World
from tests.fake_hosts import FakeHosts
from tests.fakes import FakeClock
from tests.unit.chat_kit import buttons, read
from tests.unit.test_settings import SMALLEST, refusal, settings
from workflows.apps import Roles
from workflows.logmigrate import LOGMIGRATE
from workflows.model import JobState

APPS = ["app-b", "shop"]
READER, WRITER = "acs:ram::1:role/reader", "acs:ram::2:role/writer"


def with_roles(**roles: str) -> str:
    written = "".join(f'{key} = "{arn}"\n' for key, arn in roles.items())
    return f"{SMALLEST}\n[apps.app-b.history]\n{written}"


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("history app-b --from 30d", History("app-b", "30d")),
        ("history app-b --from=12h", History("app-b", "12h")),
        ("HISTORY App-B —from 2026-10-01", History("app-b", "2026-10-01")),
        ("history app-b -- from 30 d", History("app-b", "30 d")),
        (
            "history app-b",
            Unknown(
                "“history” needs how far back: --from 30d, 12h or 2026-10-01.",
                "/logmigrate history app-b --from 30d",
            ),
        ),
        ("history", Unknown("“history” needs the name of an app. Apps: app-b, shop.")),
        (
            "history app-c --from 3d",
            Unknown(
                "There is no app “app-c”. Apps: app-b, shop.",
                "/logmigrate history app-b --from 3d",
            ),
        ),
        (
            "history app-b --from 3d --without h1",
            Unknown("“history” takes one app and --from.", "/logmigrate history app-b --from 3d"),
        ),
        (
            "histroy app-b --from 3d",
            Unknown("There is no “histroy”.", "/logmigrate history app-b --from 3d"),
        ),
    ],
)
def test_what_is_typed_is_understood_or_answered_with_what_may_be_meant(
    text: str, request_: Request
) -> None:
    assert parse(text, APPS) == request_


def test_the_message_says_that_the_past_is_copied_and_offers_both_ways_out() -> None:
    world = World()
    world.source.held["old-logs"].clear()
    world.begin().live()
    shown = root(world.job, LOGMIGRATE)

    assert world.job.state is JobState.STOPPED
    assert "app-b: copying the lines of before its move" in read(shown)
    assert set(buttons(shown)) == {"retry", "roll_back"}


def test_the_message_of_a_past_that_is_copied_says_so() -> None:
    world = World().begin()
    world.live()

    assert "✅ Copied, and proven" in read(root(world.job, LOGMIGRATE))


def test_both_roles_are_read_and_the_service_is_told_where_the_target_is(tmp_path: Path) -> None:
    found = settings(tmp_path, with_roles(source_role=READER, target_role=WRITER))
    context = contexts(found, FakeClock())("app-b", FakeHosts({}))
    host = found.target.endpoint.removeprefix("https://")

    assert found.apps["app-b"].roles == Roles(READER, WRITER)
    assert context.app.roles == Roles(READER, WRITER, host)


def test_without_roles_the_copier_does_it(tmp_path: Path) -> None:
    assert settings(tmp_path).apps["app-b"].roles == Roles()


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ({"source_role": READER}, "apps.app-b.history.target_role: missing beside the other"),
        ({"target_role": WRITER}, "apps.app-b.history.source_role: missing beside the other"),
        ({"source_role": "reader", "target_role": WRITER}, "it must be the ARN of a RAM role"),
        ({"role": READER}, "apps.app-b.history.role: no such setting; known are"),
    ],
)
def test_a_role_alone_or_misspelt_is_refused_with_the_cure(
    tmp_path: Path, roles: dict[str, str], said: str
) -> None:
    assert said in refusal(tmp_path, with_roles(**roles))
