"""`logmigrate doctor`: everything looked at, nothing changed, each trouble with its way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot import doctor
from bot.slack import Bot, Shut
from tests.fakes import FakeClock, FakeSls
from workflows.apps import App, Host, Side, Waits
from workflows.errors import StoreAway
from workflows.model import HostResult
from workflows.ports import Command
from workflows.step import Context

APP = App(
    "app-b",
    "app-b-moved",
    Side("company-b", "app-b", "AppB", "app-b"),
    Side("company-a", "app-b", "app-b", "app-b"),
    (Host("h1"), Host("h2")),
)
BOT = Bot("logmigrate", "acme", frozenset({"commands", "chat:write", "files:write"}))


@dataclass
class Answering:
    """Hosts of which some do not answer."""

    dead: frozenset[str] = frozenset()

    def run(self, commands: Mapping[str, Command], errand: str = "") -> tuple[HostResult, ...]:
        return tuple(self._on(name) for name in commands)

    def forget(self, errand: str) -> None: ...

    def _on(self, name: str) -> HostResult:
        said = f"connecting to {name}: refused" if name in self.dead else ""
        return HostResult(name, ok=name not in self.dead, said=said)


@dataclass
class Jobs:
    away: bool = False
    closed: tuple[str, ...] = ()

    def check(self) -> None:
        return

    def time(self) -> float:
        if self.away:
            raise StoreAway("asking Redis at r:6379: refused", "Look at that server.")
        return 1.0

    def server(self) -> str:
        return "Valkey 9.1.2 at r:6379"

    def unreadable(self) -> tuple[str, ...]:
        return self.closed


@dataclass
class World:
    dead: frozenset[str] = frozenset()
    source: FakeSls = field(default_factory=lambda: FakeSls("1002", FakeClock()))
    target: FakeSls = field(default_factory=lambda: FakeSls("1001", FakeClock()))

    def __post_init__(self) -> None:
        fed = {"logstoreName": "app-b"}
        self.source.config_bodies["AppB"] = {"configName": "AppB", "outputDetail": fed}

    def findings(self, app: App = APP) -> dict[str, doctor.Finding]:
        reached = Answering(self.dead)
        context = Context(app, Waits(), reached, self.source, self.target, FakeClock())
        return {one.about: one for one in doctor.app(context, app, reached)}


def test_where_all_is_in_order_every_line_says_so() -> None:
    world = World()

    findings = world.findings()

    assert {about for about, one in findings.items() if one.ok} == set(findings)
    assert findings["app-b source"].said == "company-b of account 1002 in cn-hangzhou"
    assert findings["app-b hosts"].said == "2 of 2 answer"
    assert world.source.journal == world.target.journal == []


def test_a_host_that_does_not_answer_is_named_with_the_reason() -> None:
    findings = World(dead=frozenset({"h2"})).findings()

    assert findings["app-b hosts"].said == "1 of 2 answer"
    assert findings["host h2"] == doctor.Finding("host h2", False, "connecting to h2: refused")  # noqa: FBT003


def test_one_account_on_both_sides_is_found() -> None:
    findings = World(target=FakeSls("1002", FakeClock())).findings()

    assert not findings["app-b accounts"].ok
    assert findings["app-b accounts"].said == "source and target are both account 1002"


def test_two_regions_are_found() -> None:
    findings = World(target=FakeSls("1001", FakeClock(), region="cn-beijing")).findings()

    assert not findings["app-b accounts"].ok
    assert "the target in cn-beijing" in findings["app-b accounts"].said


def test_a_config_that_is_not_there_is_found() -> None:
    world = World()
    world.source.config_bodies.clear()

    said = world.findings()["app-b source"].said
    assert said == "no config AppB in company-b feeds logstore app-b"


def test_a_logstore_that_no_config_feeds_is_found_where_none_is_named() -> None:
    world, app = World(), replace(APP, source=Side("company-b", "app-b"))
    assert world.findings(app)["app-b source"].ok
    world.source.config_bodies.clear()

    said = world.findings(app)["app-b source"].said
    assert said == "no config in company-b feeds logstore app-b"


def test_a_redis_that_is_away_is_said_with_its_way_out() -> None:
    finding = doctor.look("Redis", lambda: doctor.redis(Jobs(away=True)))

    assert not finding.ok
    assert finding.hint == "Look at that server."


def test_jobs_that_no_key_opens_are_named() -> None:
    finding = doctor.look("snapshots", lambda: doctor.snapshots(Jobs(closed=("7Q2", "8XY"))))

    assert not finding.ok
    assert "7Q2, 8XY" in finding.said


def test_a_token_with_too_few_rights_and_one_that_is_refused_are_told_apart() -> None:
    def refused() -> Bot:
        raise Shut("auth.test: invalid_auth")

    poor = Bot("logmigrate", "acme", frozenset({"commands"}))
    lacking = doctor.look("Slack", lambda: doctor.slack(lambda: poor))
    shut = doctor.look("Slack", lambda: doctor.slack(refused))

    assert lacking.said == "the bot's token lacks chat:write"
    assert "invalid_auth" in shut.said
    assert doctor.look("Slack", lambda: doctor.slack(lambda: BOT)).said == "@logmigrate in acme"


def test_a_token_that_may_not_attach_files_is_in_order_and_says_what_plans_lack() -> None:
    plain = Bot("logmigrate", "acme", frozenset({"commands", "chat:write"}))
    said = doctor.slack(lambda: plain)

    assert said == "@logmigrate in acme; without files:write, so plans have no file"


def test_the_way_out_stands_below_what_is_not_in_order() -> None:
    bad = doctor.Finding("Slack", ok=False, said="no\nway", hint="Try the door.")
    good = doctor.Finding("Redis", ok=True, said="fine")

    assert doctor.told([good, bad]) == "ok   Redis: fine\nNOT  Slack: no way\n     Try the door."
