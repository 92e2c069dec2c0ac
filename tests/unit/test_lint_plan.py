"""What is said about the plan: accounts, names, quotas, stores, groups, files that two configs mean."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.lint_kit import (
    FIELDS,
    classic,
    config,
    errors,
    forced,
    found,
    judged,
    lines,
    pipeline,
    there,
    wanted,
    warnings,
)
from workflows.collection.found import Config, Found, Reader
from workflows.lint import Finding, Level
from workflows.lint.everything import lint
from workflows.lint.meeting import Place, holds, meet, same

ONE = found()


def planned(source: Found = ONE, **target: Any) -> tuple[Finding, ...]:
    return lint(source, there(**target), wanted(source))


def named(**names: str) -> tuple[Finding, ...]:
    """With other names in the target than the kit's."""
    plan = wanted(ONE)
    body = plan.configs["shop"] | {"configName": names.get("config", "shop")}
    group, logstore = names.get("group", "shop"), names.get("logstore", "app")
    changed: dict[str, Any] = {
        "configs": {"shop": body},
        "group": {"groupName": group},
        "logstore": plan.logstore | {"logstoreName": logstore},
    }
    return lint(ONE, there(), replace(plan, **changed))


def test_one_account_on_both_sides_is_an_error_that_names_both_projects_and_keys() -> None:
    (one,) = planned(owner="1" * 16)

    assert (one.level, one.path) == (Level.ERROR, "owner")
    assert "project shop-a belongs to account 1111111111111111, and so does" in one.text
    assert one.text.endswith("the source's project shop-b")
    assert "accounts.source.access_key_id and accounts.target.access_key_id" in one.hint


def test_two_regions_are_an_error_that_names_both() -> None:
    (one,) = planned(region="cn-beijing")

    assert (one.level, one.path) == (Level.ERROR, "region")
    assert one.text == (
        "project shop-a lies in cn-beijing, the source's project shop-b in cn-hangzhou"
    )
    assert "target.project in cn-hangzhou and accounts.target.endpoint" in one.hint


@pytest.mark.parametrize("owner", ["", "123", "200000000000000a", "2" * 17])
def test_an_id_that_is_no_main_accounts_is_a_warning(owner: str) -> None:
    assert warnings(planned(owner=owner)) == [("target's project", "owner")]


@pytest.mark.parametrize(
    ("names", "thing"),
    [
        ({"config": "a"}, "config shop"),
        ({"config": "a" * 129}, "config shop"),
        ({"config": "-shop"}, "config shop"),
        ({"config": "店"}, "config shop"),
        ({"group": "ab"}, "machine group ab"),
        ({"group": "a.b"}, "machine group a.b"),
        ({"logstore": "a" * 64}, f"logstore {'a' * 64}"),
    ],
)
def test_a_name_that_the_service_would_not_take_is_an_error_with_the_way_out(
    names: dict[str, str], thing: str
) -> None:
    (one,) = named(**names)

    assert (one.level, one.thing) == (Level.ERROR, thing)
    assert "target." in one.hint


def test_a_name_that_the_service_took_already_is_none_to_refuse() -> None:
    names = {"config": "店", "group": "ab", "logstore": "a"}
    plan, source = wanted(ONE), replace(ONE, configs=(replace(ONE.configs[0], name="店"),))
    plan = replace(
        plan,
        configs={"店": plan.configs["shop"] | {"configName": "店"}},
        group={"groupName": "ab"},
        logstore=plan.logstore | {"logstoreName": "a"},
    )
    at_hand = there(group={"groupName": "ab"}, logstore=plan.logstore)

    assert len(errors(named(**names))) == 3
    assert errors(lint(source, at_hand, plan)) == []


@pytest.mark.parametrize("names", [{"config": "a1"}, {"config": "a" * 128}, {"logstore": "a" * 63}])
def test_the_longest_and_the_shortest_names_are_taken(names: dict[str, str]) -> None:
    assert named(**names) == ()


def test_capital_letters_which_the_service_took_once_are_a_warning() -> None:
    assert warnings(named(config="Shop")) == [("config shop", "configName")]


def many(count: int) -> tuple[str, ...]:
    return tuple(f"other-{number}" for number in range(count))


@pytest.mark.parametrize(
    ("target", "level"),
    [
        ({"config_names": many(99)}, None),
        ({"config_names": many(100)}, Level.WARNING),
        ({"config_names": many(199)}, Level.WARNING),
        ({"config_names": many(200)}, Level.WARNING),
        ({"config_names": (*many(200), "shop")}, None),  # nothing is to be created
        ({"group_names": many(100)}, Level.WARNING),
        ({"group_names": many(200)}, Level.WARNING),
        ({"logstore_names": many(199)}, None),
        ({"logstore_names": many(200)}, Level.WARNING),
    ],
)
def test_a_project_that_would_grow_too_full_is_told(
    target: dict[str, Any], level: Level | None
) -> None:
    assert [one.level for one in planned(**target)] == ([level] if level else [])


def test_another_retention_is_a_warning() -> None:
    assert warnings(planned(logstore={"ttl": 7})) == [("logstore app", "ttl")]


def test_a_setting_of_the_logstore_that_is_not_carried_is_a_warning_that_names_it() -> None:
    source = replace(ONE, logstore=ONE.logstore | {"futureTier": "cold", "createTime": 7})
    (one,) = lint(source, there(), wanted(source))

    assert (one.level, one.thing) == (Level.WARNING, "logstore app")
    assert one.text == "futureTier of the source's is not documented, so the target's does without"


def test_fewer_shards_than_the_source_has_are_noted() -> None:
    (one,) = planned(found(shards=14))

    assert (one.level, one.path) == (Level.NOTE, "shardCount")


def test_keys_that_the_index_lacks_are_noted_and_strange_types_warned_of() -> None:
    keys = {"level": {"type": "text"}, "time": {"type": "date"}}
    one, other = judged(index={"line": {}, "keys": keys})

    assert (one.level, one.path) == (Level.WARNING, "keys.time.type")
    assert (other.level, other.text) == (Level.NOTE, "config shop makes message, which it lacks")


def test_a_config_that_is_applied_to_no_group_is_an_error() -> None:
    assert errors(judged(config(classic(), groups=()))) == [("config shop", "")]


def two(groups: tuple[str, ...], *members: list[str]) -> tuple[Finding, ...]:
    """Config shop on group web, cart on `groups`; group bodies by their members."""
    cart = config(classic("cart", logPath="/var/log/cart"), groups=groups)
    bodies = {
        name: {"machineIdentifyType": "ip", "machineList": listed}
        for name, listed in zip(("web", "other"), members, strict=True)
    }
    return judged(classic(), cart, groups=bodies)


def test_configs_on_groups_with_other_hosts_are_an_error_that_names_both_groups() -> None:
    (one,) = two(("other",), ["10.0.0.1"], ["10.0.0.2"])

    assert (one.level, one.thing) == (Level.ERROR, "config cart")
    assert "applied to other, config shop to web, with other hosts" in one.text


def test_configs_on_two_groups_with_the_same_hosts_are_fine() -> None:
    assert two(("other",), ["10.0.0.1", "10.0.0.2"], ["10.0.0.2", "10.0.0.1"]) == ()
    assert two(("web",), ["10.0.0.1"], ["10.0.0.2"]) == ()


def test_two_configs_of_the_app_that_mean_the_same_files_are_an_error() -> None:
    (one,) = judged(classic(), classic("cart", filePattern="*.log"))

    assert (one.level, one.thing, one.path) == (Level.ERROR, "config shop", "inputDetail.logPath")
    assert (
        "config cart means the same files (/var/log/shop/app.log and /var/log/shop/*.log)"
        in one.text
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"logPath": "/var/log/cart"},
        {"filePattern": "*.txt"},
        {"logPath": "/var/log", "maxDepth": 0},
        {"filePattern": "*", "advanced": {"blacklist": {"filename_blacklist": ["*.log"]}}},
        {"logPath": "/var", "advanced": {"blacklist": {"dir_blacklist": ["/var/log/shop"]}}},
        {
            "filePattern": "*",
            "advanced": {"blacklist": {"filepath_blacklist": ["/var/log/shop/app.log"]}},
        },
    ],
)
def test_configs_whose_files_are_parted_are_fine(changes: dict[str, Any]) -> None:
    assert judged(classic(), classic("cart", **changes)) == ()


def test_a_pipeline_that_excludes_the_files_is_fine_and_one_that_does_not_is_an_error() -> None:
    paths = ["/var/log/**/*.log"]
    cart = {"configName": "cart"}

    assert errors(judged(classic(), pipeline(FilePaths=paths, MaxDirSearchDepth=2) | cart))
    assert not judged(
        classic(), pipeline(FilePaths=paths, MaxDirSearchDepth=2, ExcludeFiles=["app.log"]) | cart
    )


def test_configs_that_are_both_forced_double_lines_in_the_source_too() -> None:
    assert errors(judged(forced(classic()), forced(classic("cart")))) == []
    assert warnings(judged(forced(classic()), forced(classic("cart")))) == [
        ("config shop", "inputDetail.logPath")
    ]


def test_files_in_containers_may_differ_by_their_containers() -> None:
    found = judged(classic(), classic("cart", dockerFile=True))

    assert errors(found) == []
    assert ("config shop", "inputDetail.logPath") in warnings(found)


def other(name: str, logstore: str = "app", **detail: Any) -> Config:
    return config(classic(name, **detail) | {"outputDetail": {"logstoreName": logstore}})


def test_a_config_of_others_in_the_source_that_means_the_same_files_is_a_warning_that_names_it() -> (
    None
):
    (one,) = judged(beside=(other("audit", "audit"), other("cart", logPath="/var/log/cart")))

    assert one.level is Level.WARNING
    assert "config audit of the source" in one.text


@pytest.mark.parametrize(
    ("beside", "level"),
    [
        (other("audit", advanced={"force_multiconfig": True}), Level.ERROR),
        (other("audit", "audit", advanced={"force_multiconfig": True}), Level.WARNING),
        (other("audit"), Level.WARNING),
    ],
)
def test_a_forced_config_of_the_target_for_the_same_files_and_logstore_is_an_error(
    beside: Config, level: Level
) -> None:
    (one,) = planned(beside=(beside,))

    assert one.level is level
    assert "config audit of the target" in one.text


def test_a_plan_without_the_force_flag_is_an_error() -> None:
    plan = wanted(ONE)
    (one,) = lint(ONE, there(), replace(plan, configs={"shop": classic()}))

    assert (one.level, one.thing) == (Level.ERROR, "config shop")


def test_an_endpoint_that_is_not_carried_is_a_warning_that_names_it() -> None:
    flusher = {"Type": "flusher_sls", "Logstore": "app"}
    body = pipeline() | {"flushers": [flusher | {"Endpoint": "logs.example.com"}]}
    source = found(body)
    plan = replace(wanted(source), configs={"shop": forced(body) | {"flushers": [flusher]}})

    assert warnings(lint(source, there(), wanted(source))) == []
    (one,) = lint(source, there(), plan)
    assert (one.level, one.path) == (Level.WARNING, "flushers[0].Endpoint")
    assert one.text.startswith("logs.example.com is not carried over")


def test_readers_that_will_go_silent_are_noted_by_kind() -> None:
    readers = (Reader("alert", "a2"), Reader("dashboard", "d1", "Sales"), Reader("alert", "a1"),
               Reader("saved search", "s1"), Reader("saved search", "s2"))  # fmt: skip
    one, two, three = judged(readers=readers)

    assert (one.level, one.text) == (Level.NOTE, "2 alerts will get no new lines: a1, a2")
    assert two.text == "1 dashboard will get no new lines: Sales"
    assert (three.path, three.text) == (
        "saved searches", "2 saved searches will get no new lines: s1, s2",
    )  # fmt: skip


def test_what_could_not_be_looked_at_is_a_warning() -> None:
    (one,) = judged(unseen=("listing alerts: denied log:ListJobs",))
    (two,) = planned(unseen=("logstores of the target: denied log:ListLogStores",))

    assert (one.level, one.thing) == (Level.WARNING, "source's project")
    assert "log:ListJobs" in one.text
    assert (two.level, two.thing) == (Level.WARNING, "target's project")
    assert two.hint.startswith("Give the target's key")


def test_findings_come_each_once_errors_first_and_the_same_way_every_time() -> None:
    source = found(classic(regex="(a"), classic("cart", timeFormat="%Q"), index=None)
    once = lint(source, there(), wanted(source), (lines(FIELDS),))

    levels = [list(Level).index(one.level) for one in once]
    assert levels == sorted(levels)
    assert len(set(once)) == len(once)
    assert once == lint(source, there(), wanted(source), (lines(FIELDS),))


def test_a_finding_is_one_line_and_marks_nobody_whatever_others_called_their_things() -> None:
    (one,) = judged(readers=(Reader("dashboard", "d", "Sales\n<!channel> \x1b[2J"),))

    assert str(one).endswith("get no new lines: Sales ‹!channel› \\x1b[2J")


NAMES = st.text("ab*?", max_size=4)


@given(NAMES, NAMES)
def test_two_patterns_meet_where_a_name_fits_both(one: str, two: str) -> None:
    words = ["".join(word) for size in range(6) for word in product("ab", repeat=size)]
    known = any(_fits(one, word) and _fits(two, word) for word in words)

    assert same(one, two) == known


def _fits(pattern: str, word: str) -> bool:
    if not pattern:
        return not word
    if pattern[0] == "*":
        return any(_fits(pattern[1:], word[at:]) for at in range(len(word) + 1))
    return bool(word) and pattern[0] in ("?", word[0]) and _fits(pattern[1:], word[1:])


@pytest.mark.parametrize(
    ("one", "two", "meets"),
    [
        (Place("/a", "x", 0), Place("/a/b", "x", 0), False),
        (Place("/a", "x", 1), Place("/a/b", "x", 0), True),
        (Place("/a", "x", -1), Place("/a/b/c/d", "x", 0), True),
        (Place("/a", "x", -5), Place("/a/b/c/d", "x", 0), True),
        (Place("/*/b", "x", 0), Place("/a/?", "x", 0), True),
        (Place("/a/", "x", 0), Place("//a/.", "x", 0), True),
        (Place("/", "x", 3), Place("/a", "[xy]", 0), True),
        (Place("/a", "z", 0), Place("/a", "[xy]", 0), True),  # rather once too often
        (Place("/a", f"{'n' * 300}1*", 0), Place("/a", f"{'n' * 300}2*", 0), True),
        (Place("/a", "x" * 300, 0), Place("/a", "y" * 300, 0), False),
    ],
)
def test_folders_meet_within_their_depths(one: Place, two: Place, meets: bool) -> None:
    assert meet(one, two) is meets
    assert meet(two, one) is meets


def test_a_file_lies_in_its_folder_and_not_in_another() -> None:
    assert holds(Place("/var/log/shop", "*.log", 1), "/var/log/shop/old/app.log")
    assert not holds(Place("/var/log/shop", "*.log", 0), "/var/log/shop/old/app.log")
    assert not holds(Place("/", "*", -1), "")
