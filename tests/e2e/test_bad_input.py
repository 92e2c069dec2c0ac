"""What is wrong before a move is begun: the plan names object, field and way out, and writes nothing.

`PlanWorld.plan` itself fails where anything was written, by the SLS server's journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.sls import CrossReads
from sandbox.source import LOG_CONFIG
from tests.e2e.plan_kit import KEYS, A, B, PlanWorld, row, world
from workflows.model import Event

LOOK = "Read what the source collects"
PIPELINE: dict[str, Any] = {
    "configName": "audit",
    "inputs": [{"Type": "input_file", "FilePaths": ["/var/log/app-b/audit.log"]}],
    "processors": [
        {
            "Type": "processor_parse_json_native",
            "SourceKey": "content",
        },
        {
            "Type": "processor_parse_timestamp_native",
            "SourceKey": "time",
            "SourceFormat": "%Y-%m-%d %H:%M:%S",
        },
    ],
    "flushers": [{"Type": "flusher_sls", "Logstore": "old-logs"}],
}


@pytest.fixture
def b() -> Iterator[PlanWorld]:
    with world() as made:
        yield made


def classic(name: str, **detail: Any) -> dict[str, Any]:
    """Another config like the one that is there."""
    output = {"projectName": "shop-b", "logstoreName": "old-logs"}
    inputs = {**LOG_CONFIG["inputDetail"], **detail}
    return {**LOG_CONFIG, "configName": name, "inputDetail": inputs, "outputDetail": output}


def in_the_way(planned: Event, *words: str) -> None:
    """The first row says it all, and the others were not tried."""
    said = row(planned, LOOK)

    assert "in the way" in said
    assert [word for word in words if word not in said] == [], said
    assert all("not looked at" in line for line in planned.lines[1:])


def passes(planned: Event, *words: str) -> None:
    said = row(planned, LOOK)

    assert "in the way" not in said
    assert [word for word in words if word not in said] == [], said


def test_what_is_in_order_is_told_row_by_row(b: PlanWorld) -> None:
    planned = b.plan()

    passes(planned, "access", "old-logs", "web")
    assert [line for line in planned.lines if "in the way" in line] == []
    assert "create logstore app-b" in row(planned, "Create logstore and index")


def test_the_same_state_has_the_same_digest_and_another_state_another(b: PlanWorld) -> None:
    first, again = b.plan(), b.plan()
    body = b.get(B, "/logstores/old-logs")
    b.put(B, "/logstores/old-logs", {**body, "ttl": 31})
    other = b.plan()

    assert first.shown == again.shown
    assert other.shown != first.shown


def test_a_config_that_was_deleted_meanwhile(b: PlanWorld) -> None:
    b.with_app(source={"config": "access"})
    b.owner(B).delete_logtail_config("shop-b", "access")

    in_the_way(
        b.plan(), "config access does not exist in project shop-b", "apps.app-b.source.config"
    )


def test_a_logstore_that_nothing_feeds(b: PlanWorld) -> None:
    b.owner(B).delete_logtail_config("shop-b", "access")

    in_the_way(b.plan(), "no config of project shop-b feeds logstore old-logs", "source.logstore")


def test_a_logstore_that_does_not_exist(b: PlanWorld) -> None:
    b.with_app(source={"logstore": "gone"})

    in_the_way(b.plan(), "logstore gone does not exist in project shop-b", "source.logstore")


def test_another_config_that_feeds_the_logstore_too(b: PlanWorld) -> None:
    b.post(B, "/configs", classic("second", logPath="/var/log/other"))
    b.owner(B).apply_config_to_machine_group("shop-b", "second", "web")
    b.with_app(source={"config": "access"})

    in_the_way(
        b.plan(), "config second feeds logstore old-logs too", "Leave apps.app-b.source.config"
    )


def test_two_configs_with_the_same_path(b: PlanWorld) -> None:
    b.post(B, "/configs", classic("second"))
    b.owner(B).apply_config_to_machine_group("shop-b", "second", "web")

    in_the_way(b.plan(), "config access", "inputDetail.logPath", "config second", "/var/log/app-b/")


def test_two_configs_that_would_have_one_name(b: PlanWorld) -> None:
    b.post(B, "/configs", classic("second", logPath="/var/log/other"))
    b.with_app(target={"config": "{app}"})

    in_the_way(b.plan(), "access", "second", "{config}", "apps.app-b.target.config")


def test_a_name_that_is_too_long_once_it_is_renamed(b: PlanWorld) -> None:
    b.with_app(target={"config": "{config}-" + "x" * 125})

    in_the_way(b.plan(), "config access", "access-xxx", "128", "target.config")


def test_a_project_in_another_region() -> None:
    with world(target_region="cn-shanghai") as b:
        in_the_way(b.plan(), "target's project, region", "cn-hangzhou", "cn-shanghai")


def test_one_account_on_both_sides(b: PlanWorld) -> None:
    b.owner(B).create_project("shop-c", "B's own")
    b.keys["target"] = KEYS[B]
    b.with_app(target={"project": "shop-c"})

    in_the_way(b.plan(), "target's project, owner", B, "shop-b", "accounts.source.access_key_id")


@pytest.mark.parametrize(
    ("side", "key", "project"), [("source", A, "shop-b"), ("target", B, "shop-a")]
)
def test_the_key_of_one_account_for_the_project_of_the_other(
    b: PlanWorld, side: str, key: str, project: str
) -> None:
    b.keys[side] = KEYS[key]

    in_the_way(
        b.plan(),
        f"{side}: reading project {project}: Unauthorized",
        f"accounts.{side}.access_key_id",
    )


@pytest.mark.parametrize("cross_reads", CrossReads)
def test_a_pipeline_config_is_none_of_the_classic_ones(cross_reads: CrossReads) -> None:
    with world(cross_reads=cross_reads) as b:
        b.post(B, "/pipelineconfigs", PIPELINE)
        b.owner(B).apply_config_to_machine_group("shop-b", "audit", "web")
        planned = b.plan()

    passes(planned, "access (classic)", "audit (pipeline)")
    assert "audit" in row(planned, "Collect into the target")


def test_fields_that_nobody_knows_are_carried_and_noted(b: PlanWorld) -> None:
    body = b.get(B, "/configs/access")
    b.put(
        B, "/configs/access", {**body, "inputDetail": {**body["inputDetail"], "fromTheFuture": 7}}
    )
    planned = b.plan()
    seen = b.store.load("J1").record("source").before

    passes(planned, "fromTheFuture")
    assert seen["wanted"]["configs"]["access"]["inputDetail"]["fromTheFuture"] == 7


def test_a_key_of_the_source_account_is_named(b: PlanWorld) -> None:
    encrypted = {
        "logstoreName": "secret", "ttl": 30, "shardCount": 1,
        "encrypt_conf": {
            "enable": True, "encrypt_type": "default",
            "user_cmk_info": {
                "cmk_key_id": "key-of-b", "arn": f"acs:ram::{B}:role/sls", "region_id": "cn-hangzhou",
            },
        },
    }  # fmt: skip
    b.post(B, "/logstores", encrypted)
    config = classic("secrets", logPath="/var/log/secret")
    b.post(
        B,
        "/configs",
        {**config, "outputDetail": {**config["outputDetail"], "logstoreName": "secret"}},
    )
    b.with_app(source={"logstore": "secret"})

    in_the_way(b.plan(), "logstore secret", "encrypt_conf", "key-of-b")


def test_a_config_that_is_applied_to_no_group(b: PlanWorld) -> None:
    b.owner(B).remove_config_to_machine_group("shop-b", "access", "web")

    in_the_way(b.plan(), "config access: is applied to no machine group", "Apply it")


def test_a_logstore_of_the_target_that_differs_is_shown_field_by_field(b: PlanWorld) -> None:
    b.post(A, "/logstores", {"logstoreName": "app-b", "ttl": 7, "shardCount": 2})
    planned = b.plan()
    (asked,) = [line for line in planned.lines if "\nlogstore app-b: " in line]

    assert "logstore app-b: ttl: 30 is wanted, there is 7" in asked
    assert "stays as it is" in asked


def test_a_config_of_the_target_that_differs_is_never_written_over(b: PlanWorld) -> None:
    b.post(A, "/logstores", {"logstoreName": "other", "ttl": 7, "shardCount": 2})
    theirs = classic("access", filePattern="*.txt")
    b.post(A, "/configs", {**theirs, "outputDetail": {"logstoreName": "other"}})

    in_the_way(
        b.plan(), "config access", "inputDetail.filePattern", '"*.txt"', "outputDetail.logstoreName",
        "apps.app-b.target.config",
    )  # fmt: skip


def test_a_machine_group_of_the_target_that_differs_is_never_written_over(b: PlanWorld) -> None:
    theirs = {"groupName": "app-b", "groupType": "", "machineIdentifyType": "ip",
              "machineList": ["10.9.9.9"], "groupAttribute": {}}  # fmt: skip
    b.post(A, "/machinegroups", theirs)

    in_the_way(b.plan(), "machine group app-b", "machineIdentifyType", "target.machine_group")


def test_a_config_without_a_time_of_its_own_is_noted_and_moved_by_its_content(b: PlanWorld) -> None:
    body = b.get(B, "/configs/access")
    detail = {**body["inputDetail"], "timeKey": "", "timeFormat": ""}
    b.put(B, "/configs/access", {**body, "inputDetail": detail})
    first = b.plan().lines[0]

    assert "in the way" not in first
    assert "note: config access: takes the time of reading as a line's time" in first


def test_everything_that_is_wrong_is_told_at_once(b: PlanWorld) -> None:
    b.post(A, "/logstores", {"logstoreName": "other", "ttl": 7, "shardCount": 2})
    theirs = classic("access", filePattern="*.txt")
    b.post(A, "/configs", {**theirs, "outputDetail": {"logstoreName": "other"}})
    group = {"groupName": "app-b", "groupType": "", "machineIdentifyType": "ip",
             "machineList": ["10.9.9.9"], "groupAttribute": {}}  # fmt: skip
    b.post(A, "/machinegroups", group)

    in_the_way(b.plan(), "2 errors:\n", "config access", "machine group app-b")


def test_hosts_that_do_not_answer_do_not_hide_what_the_source_is_like(b: PlanWorld) -> None:
    b.hosts.refuse("h2")
    planned = b.plan()

    passes(planned, "access")
    assert "h2" in row(planned, "Look at every host")
    assert "in the way" in row(planned, "Look at every host")
