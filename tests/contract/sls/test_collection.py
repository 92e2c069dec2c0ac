"""The SLS server's configs, machine groups and the agents' door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aliyun.log import (
    MachineGroupDetail,
)

from sandbox.sls import Limits
from sandbox.sls.door import Beat
from tests.contract.sls.world import (
    SOURCE,
    TARGET,
    World,
    add_group,
    beat,
    refusal,
    regex_config,
)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


# Configs


def test_a_config_comes_back_with_the_server_s_defaults_and_times(world: World) -> None:
    world.source.create_logstore("web", "app")
    world.source.create_logtail_config("web", regex_config(createTime=1, modifyTime=2))
    got = world.send("GET", "/configs/nginx")[2]
    through_sdk = world.source.get_logtail_config("web", "nginx").logtail_config

    assert got["inputDetail"] == {
        "adjustTimezone": False, "delayAlarmBytes": 0, "discardNonUtf8": False,
        "discardUnmatch": True, "dockerFile": False, "enableRawLog": False, "enableTag": False,
        "fileEncoding": "utf8", "localStorage": True, "logTimezone": "", "maxDepth": 1000,
        "maxSendRate": -1, "mergeType": "topic", "preserve": True, "preserveDepth": 0,
        "priority": 0, "sendRateExpire": 0, "sensitive_keys": [], "tailExisted": False,
        "logPath": "/var/log/app", "filePattern": "*.log", "logType": "common_reg_log",
        "regex": "(.*)", "key": ["content"], "timeFormat": "",
    }  # fmt: skip
    assert abs(got["createTime"] - world.clock.now()) < 5
    assert got["lastModifyTime"] == got["createTime"]
    assert "modifyTime" not in got
    assert through_sdk.logstore_name == "app"


def test_an_update_replaces_all_but_the_create_time(world: World) -> None:
    world.source.create_logtail_config("web", regex_config(logstore=""))
    created = world.send("GET", "/configs/nginx")[2]["createTime"]
    world.clock.forward(30)
    forced = regex_config(logstore="", advanced={"force_multiconfig": True})
    world.source.update_logtail_config("web", forced)
    got = world.send("GET", "/configs/nginx")[2]

    assert got["inputDetail"]["advanced"] == {"force_multiconfig": True}
    assert (got["createTime"], got["lastModifyTime"] - created >= 30) == (created, True)


def test_a_config_does_not_need_its_logstore_but_the_sdk_looks_for_it(world: World) -> None:
    body = json.dumps(regex_config(logstore="later").to_json()).encode()

    made = world.send("POST", "/configs", body)[0]
    second = regex_config("b2", "later")
    refused = refusal(lambda: world.source.create_logtail_config("web", second))

    assert made == 200
    assert refused[:2] == (404, "LogStoreNotExist")


def test_a_syslog_input_reads_back_as_streamlog(world: World) -> None:
    body = regex_config().to_json() | {"inputType": "syslog", "inputDetail": {"tag": "t"}}
    world.send("POST", "/configs", json.dumps(body).encode())
    got = world.send("GET", "/configs/nginx")[2]

    assert got["inputType"] == "streamlog"
    assert "fileEncoding" not in got["inputDetail"]


@pytest.mark.parametrize(
    "change",
    [
        {"configName": "-x"}, {"configName": "a b"}, {"outputType": "Else"},
        {"outputDetail": {}}, {"inputType": "smoke"}, {"inputDetail": []},
        {"inputDetail": {"logType": "common_reg_log"}}, {"colour": "red"},
    ],
)  # fmt: skip
def test_a_config_against_the_rules_is_an_invalid_resource(
    world: World, change: dict[str, Any]
) -> None:
    body = json.dumps(regex_config().to_json() | change).encode()
    status, _, answer = world.send("POST", "/configs", body)

    assert (status, answer["errorCode"]) == (400, "InvalidParameter")
    assert answer["errorMessage"].startswith("Invalid config resource json.")


def test_config_errors_have_the_codes_of_the_service(world: World) -> None:
    config = regex_config(logstore="")
    world.source.create_logtail_config("web", config)
    other = json.dumps(config.to_json() | {"configName": "other"}).encode()

    assert refusal(lambda: world.source.create_logtail_config("web", config))[:2] == (
        400, "ConfigAlreadyExist",
    )  # fmt: skip
    assert refusal(lambda: world.source.delete_logtail_config("web", "zz")) == (
        404, "ConfigNotExist", "Config zz not exist",
    )  # fmt: skip
    assert world.send("PUT", "/configs/nginx", other)[2]["errorCode"] == "BadRequest"
    assert world.send("POST", "/configs", b"[1")[2]["errorCode"] == "PostBodyInvalid"


def test_configs_are_listed_by_part_of_name_by_logstore_and_by_page(world: World) -> None:
    for name, logstore in (("web-1", "a-1"), ("web-2", "b-1"), ("db-1", "a-1")):
        body = json.dumps(regex_config(name, logstore).to_json()).encode()
        world.send("POST", "/configs", body)
    everything = world.source.list_logtail_config("web")

    assert everything.get_configs() == ["db-1", "web-1", "web-2"]
    assert world.source.list_logtail_config("web", logstore="a-1").get_configs() == [
        "db-1", "web-1",
    ]  # fmt: skip
    assert world.source.list_logtail_config("web", config="web").get_configs() == [
        "web-1", "web-2",
    ]  # fmt: skip
    assert world.source.list_logtail_config("web", offset=2, size=5).get_configs() == ["web-2"]


def test_one_config_more_than_the_quota_is_refused() -> None:
    with World(limits=Limits(configs=1)) as world:
        world.source.create_logtail_config("web", regex_config(logstore=""))
        second = regex_config("second", logstore="")
        got = refusal(lambda: world.source.create_logtail_config("web", second))

    assert got[:2] == (400, "ProjectQuotaExceed")


# Machine groups and the agents' door


def test_a_machine_group_is_created_read_changed_listed_and_deleted(world: World) -> None:
    add_group(world)
    got = world.source.get_machine_group("web", "hosts").get_machine_group()
    got.machine_list = ["10.0.0.1"]
    got.machine_type = "ip"
    world.source.update_machine_group("web", got)
    second = world.send("GET", "/machinegroups/hosts")[2]
    names = world.source.list_machine_group("web").get_machine_group()
    world.source.delete_machine_group("web", "hosts")

    assert set(got.group_attribute) == {"externalName", "groupTopic", "osType", "region", "policy"}
    assert (second["machineIdentifyType"], second["machineList"]) == ("ip", ["10.0.0.1"])
    assert second["groupType"] == ""
    assert second["createTime"] <= second["lastModifyTime"]
    assert names == ["hosts"]
    assert refusal(lambda: world.source.get_machine_group("web", "hosts")) == (
        404, "MachineGroupNotExist", "MachineGroup hosts not exist",
    )  # fmt: skip


def test_machine_group_errors_have_the_codes_of_the_service(world: World) -> None:
    add_group(world)
    bad = world.send("POST", "/machinegroups", b'{"groupName": "x1x", "machineList": []}')

    assert refusal(lambda: add_group(world)) == (
        400, "MachineGroupAlreadyExist", "group hosts already exists",
    )  # fmt: skip
    assert refusal(lambda: add_group(world, "No"))[:2] == (400, "InvalidParameter")
    assert bad[2]["errorMessage"].startswith("invalid group resource json")


def test_a_heartbeat_shows_the_machine_and_delivers_the_applied_configs(world: World) -> None:
    add_group(world)
    world.source.create_logtail_config("web", regex_config(logstore=""))
    before = world.server.door.beat(beat())
    world.source.apply_config_to_machine_group("web", "nginx", "hosts")
    (delivered,) = world.server.door.beat(beat(ids=("other", "app-b")))
    (machine,) = world.source.list_machines("web", "hosts").get_machines()

    assert before == ()
    assert delivered.key == "##1.0##web$nginx"
    assert (delivered.project, delivered.account) == ("web", SOURCE.id)
    assert delivered.body["inputDetail"]["logPath"] == "/var/log/app"
    assert delivered.create_time == delivered.body["createTime"]
    assert (machine.ip, machine.machine_unique_id) == ("10.0.0.11", "uid-10.0.0.11")
    assert machine.user_defined_id.split("\n") == ["other", "app-b"]
    assert abs(machine.heartbeat_time - world.clock.now()) < 5


@pytest.mark.parametrize(
    "stranger",
    [
        beat(accounts=frozenset({TARGET.id})),
        beat(accounts=frozenset()),
        beat(region="cn-beijing"),
        beat(ids=("app-bb", "app")),
        beat(ids=()),
    ],
)
def test_a_machine_of_another_account_region_or_id_is_not_in_the_group(
    world: World, stranger: Beat
) -> None:
    add_group(world)
    world.server.door.beat(stranger)

    assert world.source.list_machines("web", "hosts").get_total() == 0


def test_an_ip_group_knows_machines_by_their_ip(world: World) -> None:
    listed: Any = ["10.0.0.12"]
    world.source.create_machine_group("web", MachineGroupDetail("hosts", "ip", listed))
    for ip in ("10.0.0.11", "10.0.0.12"):
        world.server.door.beat(beat(ip, ids=()))
    machines = world.source.list_machines("web", "hosts").get_machines()

    assert [machine.ip for machine in machines] == ["10.0.0.12"]


def test_a_silent_machine_is_absent_after_300_s(world: World) -> None:
    add_group(world)
    world.server.door.beat(beat("10.0.0.11"))
    world.clock.forward(200)
    world.server.door.beat(beat("10.0.0.12"))
    world.clock.forward(101)
    machines = world.source.list_machines("web", "hosts").get_machines()

    assert [machine.ip for machine in machines] == ["10.0.0.12"]


def test_machines_are_listed_by_page(world: World) -> None:
    add_group(world)
    for number in range(12):
        world.server.door.beat(beat(f"10.0.0.{number + 10}"))
    page = world.source.list_machines("web", "hosts", offset=10, size=10)

    assert (page.get_count(), page.get_total()) == (2, 12)
    assert world.source.list_machines("web", "hosts", size=-1).get_count() == 12
