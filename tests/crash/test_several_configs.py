"""An app that several configs feed, of both forms: they are one job, there and back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.crash.conftest import Count
from tests.crash.test_crashes import Story, agreeing, deaths, turning_back
from tests.crash.test_dangers import look_until_stopped, until
from tests.crash.test_keeping import with_their_logstore
from tests.crash.world import APP, BOB, OLD_CONFIG, World
from workflows.apps import Side
from workflows.collection.found import Reader
from workflows.errors import Denied
from workflows.logmigrate import LOGMIGRATE
from workflows.model import EventKind, JobState

SEVERAL = replace(
    APP, source=Side("shop-b", "old-logs"), target=replace(APP.target, config="a-{config}")
)


ACCESS: dict[str, Any] = {
    "configName": "access",
    "inputs": [{"Type": "input_file", "FilePaths": ["/var/log/nginx/access.log"]}],
    "processors": [
        {"Type": "processor_parse_json_native", "SourceKey": "content"},
        {
            "Type": "processor_parse_timestamp_native",
            "SourceKey": "at",
            "SourceFormat": "%Y-%m-%d %H:%M:%S",
        },
    ],
    "flushers": [{"Type": "flusher_sls", "Logstore": "old-logs", "Region": "cn-hangzhou"}],
}


class Both(World):
    """Account B collects the app with a classic and a pipeline config, by two machine groups."""

    def __init__(self) -> None:
        super().__init__(app=SEVERAL)

    def _collect_into_b(self) -> None:
        super()._collect_into_b()
        self.source.config_bodies["access"] = dict(ACCESS)
        self.source.bound.add(("access", "old-hosts"))


def both() -> World:
    return Both().start()


def row(world: World, name: str) -> str:
    return world.job.record(name).note


def refused(world: World) -> str:
    """Why the first row lets nothing through."""
    world.start()
    look_until_stopped(world)
    assert world.source.journal == world.target.journal == []
    return world.job.reason


def test_every_config_that_feeds_the_logstore_is_moved_in_its_own_form() -> None:
    world = both()
    world.live(agreeing)

    assert world.target.journal == [
        "create group app-b",
        "create logstore app-b",
        "create index app-b",
        "create config a-access",
        "apply a-access app-b",
        "create config a-old-config",
        "apply a-old-config app-b",
    ]
    assert world.source.journal == [
        "remove access old-hosts",
        "remove old-config old-hosts",
        "delete config access",
        "delete config old-config",
    ]
    access = world.target.config_bodies["a-access"]
    assert access["flushers"][0]["Logstore"] == "app-b"
    assert access["inputs"][0]["AllowingIncludedByMultiConfigs"] is True


def test_each_row_names_all_of_them() -> None:
    world = both()
    world.live(agreeing)

    assert row(world, "source") == (
        "2 configs: access (pipeline), old-config (classic) of logstore old-logs, "
        "applied to old-hosts"
    )
    assert row(world, "both") == "3 of 3 hosts hold the target's 2 configs"
    assert row(world, "delete") == "config access, old-config of project shop-b are gone"
    asked = [event for event in world.store.told["J1"] if event.kind is EventKind.ASKED]
    assert asked[0].lines[:2] == (
        "remove config access from machine group old-hosts",
        "remove config old-config from machine group old-hosts",
    )
    assert asked[1].lines[0] == "delete config access of project shop-b"


@pytest.mark.parametrize("at", ["stop?", "delete?", "the end"])
def test_all_of_them_are_put_back(at: str) -> None:
    before, world = Both(), both()
    world.live(partial(turning_back, at))
    if at == "the end":
        world.service.roll_back("J1", BOB)
        world.live(agreeing)
    world.forget_what_was_collected()

    assert world.job.state is JobState.UNDONE
    assert world.surroundings() == before.surroundings()


def test_the_settings_may_name_exactly_those_that_feed_the_logstore() -> None:
    world = Both()
    world.app = replace(SEVERAL, source=Side("shop-b", "old-logs", "old-config"))

    assert refused(again(world)) == (
        "Read what the source collects, and check it: config access feeds logstore old-logs too, "
        "so old-config alone would not be all of it"
    )
    assert world.job.hint == (
        "Roll back, leave apps.app-b.source.config out (every config that feeds it is moved), "
        "and start again."
    )
    named = Both()
    named.app = replace(SEVERAL, source=Side("shop-b", "old-logs", "old-config", also=("access",)))
    again(named).start().live(agreeing)
    assert named.job.state is JobState.SUCCEEDED


def test_a_config_without_a_group_may_be_left_where_it_is_by_naming_the_others() -> None:
    world = Both()
    world.source.bound.discard(("access", "old-hosts"))
    world.app = replace(SEVERAL, source=Side("shop-b", "old-logs", "old-config"))
    again(world).start().live(agreeing)

    assert world.job.state is JobState.SUCCEEDED
    assert set(world.source.config_bodies) == {"access"}
    assert "create config a-access" not in world.target.journal


def again(world: World) -> World:
    """With the service of the app as it is by now."""
    world.service = replace(world.service, apps={APP.name: world.app})
    return world


def test_two_names_that_come_out_equal_are_told_with_the_way_out() -> None:
    world = Both()
    world.app = replace(SEVERAL, target=replace(APP.target, config="{app}"))

    assert "would both be called app-b in the target" in refused(again(world))
    assert "{config}" in world.job.hint


def test_a_config_of_another_logstore_and_one_that_is_not_there_are_named() -> None:
    world = World(app=replace(APP, source=Side("shop-b", "old-logs", "other")))
    world.source.config_bodies["other"] = {
        **OLD_CONFIG, "configName": "other", "outputDetail": {"logstoreName": "others"},
    }  # fmt: skip
    assert "config other feeds logstore others and not old-logs" in refused(world)

    gone = World(app=replace(APP, source=Side("shop-b", "old-logs", "gone")))
    assert "config gone does not exist in project shop-b" in refused(gone)


def test_a_logstore_that_nobody_feeds_or_that_is_not_there_is_named() -> None:
    world = World(app=replace(APP, source=Side("shop-b", "old-logs")))
    world.source.config_bodies.clear()
    assert "no config of project shop-b feeds logstore old-logs" in refused(world)

    gone = World(app=replace(APP, source=Side("shop-b", "no-logs")))
    assert "logstore no-logs does not exist in project shop-b" in refused(gone)


def test_a_machine_group_that_the_settings_name_is_the_one_that_is_meant() -> None:
    world = World(app=replace(APP, source=replace(APP.source, machine_group="others")))

    assert "is applied to old-hosts, and apps.app-b.source.machine_group says others" in refused(
        world
    )


def test_a_config_of_others_under_the_wanted_name_stops_the_plan_with_every_difference() -> None:
    world = World()
    theirs = {**OLD_CONFIG, "configName": "app-b", "outputDetail": {"logstoreName": "theirs"}}
    world.target.config_bodies["app-b"] = theirs
    said = refused(world)

    assert "config app-b: exists in the target with another" in said
    assert 'inputDetail.advanced: {"force_multiconfig": true} is wanted' in said
    assert 'outputDetail.logstoreName: "app-b" is wanted, there is "theirs"' in said
    assert world.target.config_bodies["app-b"] is theirs


def test_several_errors_and_their_ways_out_are_told_line_by_line() -> None:
    world = World()
    world.target.config_bodies["app-b"] = {**OLD_CONFIG, "configName": "app-b", "logSample": "x"}
    theirs = {"groupName": "app-b", "machineIdentifyType": "userdefined", "machineList": ["x"]}
    world.target.groups["app-b"] = theirs
    first, *errors = refused(world).splitlines()
    hints = world.job.hint.splitlines()

    assert first.endswith(": 2 errors:")
    assert len(hints) == 2
    assert [line for line in errors if line.startswith(("config app-b: ", "machine group app-b: "))]
    assert all(hint.startswith("Make it equal in project shop-a and Retry") for hint in hints)


def test_a_name_that_a_config_of_the_other_form_has_is_taken() -> None:
    world = World()
    world.target.config_bodies["app-b"] = {**ACCESS, "configName": "app-b"}

    assert "exists in the target as a pipeline config, and a classic one is wanted" in refused(
        world
    )


def test_a_logstore_without_an_index_is_moved_by_reading_its_lines() -> None:
    world = World()
    world.source.indexes.clear()
    world.start().live(agreeing)

    assert world.job.state is JobState.SUCCEEDED
    assert world.target.indexes["app-b"]["line"]


def test_a_config_that_hosts_cannot_be_asked_for_is_named() -> None:
    world = World(app=replace(APP, source=Side("shop-b", "old-logs")))
    world.source.config_bodies = {"old.logs": {**OLD_CONFIG, "configName": "old.logs"}}
    world.source.bound.add(("old.logs", "old-hosts"))

    assert "config old.logs, configName: has signs in its name" in refused(world)


def test_who_reads_the_logstore_is_listed_and_what_may_not_be_looked_at_is_said() -> None:
    world = World()
    world.source.reading["old-logs"] = (Reader("dashboard", "d1", "Orders"),)
    readers = world.source.readers

    def some(logstore: str, kind: str = "") -> tuple[Reader, ...]:
        if kind == "alert":
            raise Denied("listing alerts in project shop-b: log:ListJobs was denied")
        return readers(logstore, kind)

    world.source.readers = some  # type: ignore[method-assign]
    until(world.start(), lambda w: w.asked() == "stop?")

    silent = "note: source's project, dashboards: 1 dashboard will get no new lines: Orders"
    assert silent in row(world, "source")
    found = world.job.record("source").before["found"]
    (said,) = found["unseen"]
    assert said.startswith("which alerts read logstore old-logs: listing alerts in project shop-b")
    asked = world.store.told["J1"][-1]
    assert silent in asked.lines
    assert [
        line for line in asked.lines if line.startswith("warning: source's project: not looked")
    ]


def test_what_may_not_be_looked_at_in_the_target_is_told_as_the_targets() -> None:
    world = World()

    def none() -> tuple[str, ...]:
        raise Denied("listing the logstores in project shop-a: log:ListLogStores was denied")

    world.target.logstores = none  # type: ignore[method-assign]
    until(world.start(), lambda w: w.asked() == "stop?")
    (said,) = [line for line in row(world, "source").splitlines() if "not looked at" in line]

    assert said == (
        "warning: target's project: not looked at: logstores of the target: listing the logstores "
        "in project shop-a: log:ListLogStores was denied"
    )


STORIES: dict[str, Story] = {
    "two configs": (both, agreeing),
    "two configs, and back": (both, partial(turning_back, "delete?")),
    "a logstore that is kept": (with_their_logstore, agreeing),
}


@pytest.mark.parametrize("story", STORIES)
def test_dying_at_any_call_changes_nothing_in_the_end(story: str, count: Count) -> None:
    points, different = deaths(STORIES[story])
    count(points, len(different))

    assert different == []
    assert points > 100


def test_the_first_row_is_the_first_and_the_question_runs_by_itself() -> None:
    first, second, *_ = LOGMIGRATE.steps

    assert (first.name, second.name) == ("source", "keep?")
