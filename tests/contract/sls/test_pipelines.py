"""The SLS server's pipeline configs, and what they share with classic ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aliyun.log.logtail_pipeline_config_detail import LogtailPipelineConfigDetail

from sandbox.sls import Account, CrossReads, Key, Limits
from tests.contract.sls.world import SOURCE_KEY, World, add_group, beat, refusal, regex_config

MISSING, TAKEN = (404, "ConfigNotExist"), (400, "ConfigAlreadyExist")
BODY: dict[str, Any] = {
    "configName": "lines",
    "logSample": "a line",
    "global": {"TopicType": "filepath"},
    "inputs": [{"Type": "input_file", "FilePaths": ["/var/log/app/*.log"]}],
    "processors": [{"Type": "processor_parse_json_native", "SourceKey": "content"}],
    "aggregators": [],
    "flushers": [{"Type": "flusher_sls", "Logstore": "app", "Region": "cn-hangzhou"}],
    "task": {},
}


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


def pipeline(name: str = "lines", logstore: str = "app", **more: Any) -> Any:
    return LogtailPipelineConfigDetail(
        name, BODY["inputs"], [{"Type": "flusher_sls", "Logstore": logstore}], **more
    )


def classic(world: World, name: str = "nginx") -> None:
    world.source.create_logtail_config("web", regex_config(name, logstore=""))


def raw(world: World, name: str = "lines") -> Any:
    return world.send("GET", f"/pipelineconfigs/{name}")[2]


def test_a_pipeline_config_is_given_back_as_sent_with_the_server_s_times(world: World) -> None:
    copied = BODY | {"createTime": 1, "lastModifyTime": 2}
    before = int(world.clock.now())
    status, _, _ = world.send("POST", "/pipelineconfigs", json.dumps(copied).encode())
    got = raw(world)
    made = got["createTime"]

    assert (status, got) == (200, BODY | {"createTime": made, "lastModifyTime": made})
    assert before <= made <= int(world.clock.now())


def test_the_sdk_creates_reads_replaces_and_deletes_a_pipeline_config(world: World) -> None:
    client = world.source
    client.create_logtail_pipeline_config("web", pipeline(log_sample="a line"))
    first = raw(world)
    world.clock.forward(9)
    client.update_logtail_pipeline_config("web", pipeline(logstore="other"))
    second = raw(world)
    read = client.get_logtail_pipeline_config("web", "lines").get_pipeline_config()
    client.delete_logtail_pipeline_config("web", "lines")
    gone = refusal(lambda: client.get_logtail_pipeline_config("web", "lines"))

    assert read.flushers == [{"Type": "flusher_sls", "Logstore": "other"}]
    assert ("logSample" in first, "logSample" in second) == (True, False)
    assert second["createTime"] == first["createTime"]
    assert second["lastModifyTime"] >= first["lastModifyTime"] + 9
    assert gone == (404, "ConfigNotExist", "Config lines not exist")


def test_pipeline_lists_are_paged_and_filtered(world: World) -> None:
    client = world.source
    for name, logstore in (("c1", "app"), ("c2", "web"), ("d1", "app")):
        client.create_logtail_pipeline_config("web", pipeline(name, logstore))

    def names(**how: Any) -> tuple[int, int, list[str]]:
        got = client.list_logtail_pipeline_config("web", **how)
        return got.get_count(), got.get_total(), got.get_configs()

    assert names(offset=1, size=1) == (1, 3, ["c2"])
    assert names(config_name="c") == (2, 2, ["c1", "c2"])
    assert names(logstore_name="app", size=-1) == (2, 2, ["c1", "d1"])
    assert names(logstore_name="ap") == (0, 0, [])


def test_what_does_not_exist_is_named_by_every_call(world: World) -> None:
    client = world.source

    assert [
        refusal(lambda: client.get_logtail_pipeline_config("web", "lines"))[:2],
        refusal(lambda: client.update_logtail_pipeline_config("web", pipeline()))[:2],
        refusal(lambda: client.delete_logtail_pipeline_config("web", "lines"))[:2],
    ] == [MISSING] * 3


def test_both_forms_share_one_name_space_and_each_list_shows_its_own(world: World) -> None:
    client = world.source
    classic(world, "one")
    client.create_logtail_pipeline_config("web", pipeline("two"))
    as_pipeline = refusal(lambda: client.create_logtail_pipeline_config("web", pipeline("one")))
    as_classic = refusal(lambda: classic(world, "two"))

    assert (as_pipeline[:2], as_classic[:2]) == (TAKEN, TAKEN)
    assert client.list_logtail_config("web").get_configs() == ["one"]
    assert client.list_logtail_pipeline_config("web").get_configs() == ["two"]


def test_both_forms_share_the_quota() -> None:
    with World(limits=Limits(configs=1)) as world:
        classic(world)
        refused = refusal(lambda: world.source.create_logtail_pipeline_config("web", pipeline()))

    assert refused[:2] == (400, "ProjectQuotaExceed")


def cross_calls(world: World) -> list[tuple[int, str, str]]:
    """The answers to get, update and delete of each form by the calls of the other."""
    client = world.source
    classic(world, "nginx")
    client.create_logtail_pipeline_config("web", pipeline("lines"))
    return [
        refusal(lambda: client.get_logtail_config("web", "lines")),
        refusal(lambda: client.update_logtail_config("web", regex_config("lines", ""))),
        refusal(lambda: client.delete_logtail_config("web", "lines")),
        refusal(lambda: client.get_logtail_pipeline_config("web", "nginx")),
        refusal(lambda: client.update_logtail_pipeline_config("web", pipeline("nginx"))),
        refusal(lambda: client.delete_logtail_pipeline_config("web", "nginx")),
    ]


def test_a_config_of_the_other_form_is_not_found(world: World) -> None:
    answers = cross_calls(world)

    assert [answer[:2] for answer in answers] == [MISSING] * 6
    assert raw(world)["flushers"] == [{"Type": "flusher_sls", "Logstore": "app"}]
    assert world.send("GET", "/configs/nginx")[2]["inputType"] == "file"


def test_a_config_of_the_other_form_is_a_bad_request_where_the_server_is_set_so() -> None:
    with World(cross_reads=CrossReads.BAD_REQUEST) as world:
        answers = cross_calls(world)
        missing = refusal(lambda: world.source.get_logtail_config("web", "nothing"))

    assert [answer[:2] for answer in answers] == [(400, "BadRequest")] * 6
    assert ["use /pipelineconfigs" in answer[2] for answer in answers] == [True] * 3 + [False] * 3
    assert missing[:2] == MISSING


def test_the_switch_is_named_as_an_operator_writes_it() -> None:
    assert [CrossReads(name) for name in ("not-found", "bad-request")] == list(CrossReads)


def test_an_applied_pipeline_config_is_delivered_to_machines(world: World) -> None:
    client = world.source
    add_group(world)
    client.create_logtail_pipeline_config("web", pipeline())
    client.apply_config_to_machine_group("web", "lines", "hosts")
    (delivered,) = world.server.door.beat(beat())
    applied = client.get_machine_group_applied_configs("web", "hosts").get_configs()
    groups = client.get_config_applied_machine_groups("web", "lines").get_machine_groups()
    client.remove_config_to_machine_group("web", "lines", "hosts")

    assert (delivered.key, delivered.body) == ("##1.0##web$lines", raw(world))
    assert delivered.create_time == raw(world)["createTime"]
    assert (applied, groups) == (["lines"], ["hosts"])
    assert world.server.door.beat(beat()) == ()


def test_deleting_a_pipeline_config_unbinds_it(world: World) -> None:
    add_group(world)
    world.source.create_logtail_pipeline_config("web", pipeline())
    world.source.apply_config_to_machine_group("web", "lines", "hosts")
    world.source.delete_logtail_pipeline_config("web", "lines")

    assert world.source.get_machine_group_applied_configs("web", "hosts").get_configs() == []


EXTENDED, NATIVE = {"Type": "processor_json"}, {"Type": "processor_parse_json_native"}
SPL = {"Type": "processor_spl"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"configName": "-x"}, "configName '-x' is invalid"),
        ({"configName": None}, "configName None is invalid"),
        ({"inputType": "file"}, "unknown key inputType"),
        ({"inputs": []}, "one input"),
        ({"inputs": BODY["inputs"] * 2}, "one input"),
        ({"inputs": {"Type": "input_file"}}, "inputs must be a list of objects"),
        ({"inputs": ["input_file"]}, "inputs must be a list of objects"),
        ({"inputs": [{"FilePaths": []}]}, "each of inputs must have a Type"),
        ({"aggregators": [{"Type": "aggregator_context"}] * 2}, "at most one aggregator"),
        ({"processors": [NATIVE, EXTENDED]}, "cannot be mixed"),
        ({"processors": None}, "processors must be a list"),
        ({"flushers": []}, "one flusher_sls"),
        ({"flushers": [{"Type": "flusher_kafka"}]}, "one flusher_sls"),
        ({"flushers": [{"Type": "flusher_sls"}]}, "must name a Logstore"),
        ({"global": []}, "global must be an object"),
        ({"task": "x"}, "task must be an object"),
        ({"logSample": 1}, "logSample must be a string"),
    ],
)
def test_a_malformed_pipeline_config_is_refused(
    world: World, change: dict[str, Any], why: str
) -> None:
    body = json.dumps(BODY | change).encode()
    status, _, answer = world.send("POST", "/pipelineconfigs", body)

    assert (status, answer["errorCode"]) == (400, "InvalidParameter")
    assert why in answer["errorMessage"]
    assert world.source.list_logtail_pipeline_config("web").get_total() == 0


@pytest.mark.parametrize(
    "processors",
    [[NATIVE, NATIVE], [EXTENDED, EXTENDED], [SPL, NATIVE], [SPL, EXTENDED]],
)
def test_processors_of_one_kind_go_together(world: World, processors: list[dict[str, str]]) -> None:
    detail = pipeline(processors=processors)
    world.source.create_logtail_pipeline_config("web", detail)

    assert raw(world)["processors"] == processors


def test_a_body_that_is_no_json_is_refused(world: World) -> None:
    status, _, answer = world.send("POST", "/pipelineconfigs", b"Type: input_file")

    assert (status, answer["errorCode"]) == (400, "PostBodyInvalid")


def test_an_update_cannot_rename(world: World) -> None:
    world.source.create_logtail_pipeline_config("web", pipeline())
    body = json.dumps(BODY | {"configName": "other"}).encode()
    status, _, answer = world.send("PUT", "/pipelineconfigs/lines", body)

    assert (status, answer["errorCode"]) == (400, "BadRequest")


def test_ram_denies_pipeline_configs_by_their_own_action() -> None:
    key = Key("reader", "secret", frozenset({"log:CreateLogtailPipelineConfig"}))
    account = Account("1000000000000002", "cn-hangzhou", (SOURCE_KEY, key))
    with World() as world:
        world.server.state.keys[key.id] = (account, key)
        client = world.client(key)
        refused = refusal(lambda: client.create_logtail_pipeline_config("web", pipeline()))
        client.create_logtail_config("web", regex_config(logstore=""))

    assert refused[:2] == (401, "Unauthorized")
    assert "action: log:CreateLogtailPipelineConfig" in refused[2]
