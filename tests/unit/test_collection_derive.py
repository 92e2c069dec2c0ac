"""What the target shall have, and what stops a plan because it cannot be the same there."""

from __future__ import annotations

import copy
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.shapes import SHAPES
from tests.shapes.kit import file, files, pipeline, plugin
from tests.unit.collection_kit import JSON, NAMES, Body, config, found, refusal
from workflows.collection.derive import CannotCarry, Names, restorable, wanted
from workflows.collection.forms import Form
from workflows.collection.names import target_name

TO_APP = {"Type": "flusher_sls", "Logstore": "app"}


def derived(body: Body, names: Names = NAMES) -> Body:
    return wanted(found(config(body)), names).configs["c"]


def test_a_config_gets_its_place_and_the_force_flag_and_loses_the_service_s_times() -> None:
    body = SHAPES["everything that an output may say"] | {"createTime": 1, "lastModifyTime": 2}
    made = derived(body)

    assert made["outputDetail"] == {
        "logstoreName": "store-a", "compressType": "zstd", "telemetryType": "logs",
    }  # fmt: skip
    assert made["inputDetail"]["advanced"] == {"force_multiconfig": True}
    assert made.keys() == {"configName", "inputType", "inputDetail", "outputType", "outputDetail"}


def test_a_pipeline_gets_the_target_s_region_in_its_endpoint_and_loses_project_and_account() -> (
    None
):
    (flusher,) = derived(SHAPES["everything that a flusher may say"])["flushers"]

    assert (flusher["Region"], flusher["Logstore"]) == ("cn-shanghai", "store-a")
    assert flusher["Endpoint"] == "cn-shanghai-intranet.log.aliyuncs.com"
    assert not {"Project", "Aliuid"} & flusher.keys()
    assert flusher["ExtraHeaders"] == {"x-shop": "购物车"}


@pytest.mark.parametrize(
    ("endpoint", "made"),
    [
        ("https://cn-hangzhou.log.aliyuncs.com", "https://cn-shanghai.log.aliyuncs.com"),
        ("log-global.aliyuncs.com", "log-global.aliyuncs.com"),
        ("web.cn-hangzhou.log.aliyuncs.com", None),
        ("logs.example.com", None),
        ("cn-beijing.log.aliyuncs.com", None),
        (7, None),
    ],
)
def test_an_endpoint_that_is_the_source_s_own_is_left_to_the_service(
    endpoint: Any, made: str | None
) -> None:
    body = pipeline(files("/a/b.log"), flushers=[TO_APP | {"Endpoint": endpoint}])

    assert derived(body)["flushers"][0].get("Endpoint") == made


def test_syslog_is_created_under_its_outer_name_and_not_forced() -> None:
    made = derived(SHAPES["syslog with a tag"] | {"inputType": "streamlog"})

    assert (made["inputType"], made["inputDetail"]) == ("syslog", {"tag": "cart"})


def test_a_config_is_made_again_in_the_source_by_its_own_words() -> None:
    body = {"configName": "c", "inputType": "streamlog", "createTime": 1, "modifyTime": 2, "new": 3}

    assert restorable(body) == {"configName": "c", "inputType": "syslog", "new": 3}
    assert restorable(pipeline(files("/a"))) == pipeline(files("/a"))


def test_unknown_fields_at_the_top_are_carried() -> None:
    classic = derived(SHAPES["json with a time key"] | {"futureTop": {"a": [1]}})
    flat = derived(SHAPES["lines as they are"] | {"futureTop": None, "extensions": []})

    assert classic["futureTop"] == {"a": [1]}
    assert flat["futureTop"] is None


@pytest.mark.parametrize("claim", SHAPES)
def test_deriving_changes_nothing_of_what_was_found(claim: str) -> None:
    what = found(config(SHAPES[claim]))
    before = copy.deepcopy(what)
    wanted(what, NAMES)

    assert what == before


def test_several_configs_of_both_forms_are_one_job_by_their_names_in_the_source() -> None:
    one, two = config(SHAPES["json with a time key"], "a"), config(SHAPES["spl"], "b")
    made = wanted(found(one, two), replace(NAMES, config_template="{app}-{config}")).configs

    assert {name: body["configName"] for name, body in made.items()} == {
        "a": "cart-a",
        "b": "cart-b",
    }


def test_a_name_is_put_into_the_template_as_it_is() -> None:
    assert target_name("{config}-of-{app}", "a{app}", "cart") == "a{app}-of-cart"
    assert target_name("fixed", "a", "cart") == "fixed"


def test_two_configs_that_would_have_one_name_are_told_apart_by_the_template() -> None:
    one, two = config(SHAPES["spl"], "a"), config(SHAPES["spl"], "b")

    assert refusal(found(one, two), replace(NAMES, config_template="{app}")) == (
        "config b", "configName", "it and config a would both be called cart in the target",
        "Roll back, put {config} into apps.cart.target.config, and start again.",
    )  # fmt: skip


# What cannot be carried


@pytest.mark.parametrize(
    ("body", "path", "said"),
    [
        (pipeline(files("/a"), flushers=[TO_APP, {"Type": "flusher_kafka_v2"}]), "flushers[1]",
         "flusher_kafka_v2"),
        (pipeline(files("/a"), flushers=[TO_APP, TO_APP | {"Logstore": "b"}]),
         "flushers[1].Logstore", "'b'"),
        (pipeline(files("/a"), flushers=[TO_APP | {"Workspace": "w1"}]), "flushers[0].Workspace",
         "w1"),
        (pipeline(files("/a"), flushers=[]), "flushers", "no list of objects"),
        (pipeline(files("/a"), flushers=[TO_APP, 3]), "flushers", "no list of objects"),
        (pipeline(files("/a"), flushers=[TO_APP], inputs="x"), "inputs", "no list of objects"),
        (SHAPES["spl"] | {"flushers": [{"Type": "flusher_sls"}]}, "flushers[0].Logstore", "''"),
        (SHAPES["syslog with a tag"] | {"outputDetail": {"logstoreName": "z"}},
         "outputDetail.logstoreName", "'z', the app's is app"),
        (SHAPES["syslog with a tag"] | {"inputDetail": None}, "inputDetail", "no object"),
        (file("json_log", advanced='{"tail_size_kb": 5}'), "inputDetail.advanced", "no object"),
        (file("json_log", customizedFields={"line_count": {"switch": True, "project_name": "ops"}}),
         "inputDetail.customizedFields.line_count", "project ops"),
        (plugin("service_kafka", {"ConsumerGroup": "cart"}),
         "inputDetail.plugin.inputs[0].detail.ConsumerGroup", "share the messages"),
        (plugin("service_canal", {}), "inputDetail.plugin.inputs[0].detail.ServerID", "125"),
        (pipeline({"Type": "service_syslog"}), "inputs[0].Address", "tcp://127.0.0.1:9999"),
        (pipeline({"Type": "input_forward", "Endpoint": "0.0.0.0:7899"}), "inputs[0].Endpoint",
         "listen at '0.0.0.0:7899'"),
        (SHAPES["what containers print"] | {"inputDetail": {"plugin": {
            "inputs": [], "flushers": [{"type": "flusher_sls", "detail": {"LogstoreName": "b"}}]}}},
         "inputDetail.plugin.flushers[0].detail", "past outputDetail"),
    ],
)  # fmt: skip
def test_what_would_not_be_the_same_stops_the_plan_by_object_and_field(
    body: Body, path: str, said: str
) -> None:
    thing, at, text, hint = refusal(found(config(body)))

    assert (thing, at) == ("config c", path)
    assert said in text
    assert hint.endswith(".")


@pytest.mark.parametrize(
    ("claim", "form"),
    [("spl", Form.CLASSIC), ("json with a time key", Form.PIPELINE)],
)
def test_a_config_that_was_read_in_the_other_form_is_refused(claim: str, form: Form) -> None:
    thing, path, text, _ = refusal(found(config(SHAPES[claim], form=form)))

    assert (thing, path, text) == ("config c", "", f"it was read as {form} and is none")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SHAPES)), st.data())
def test_with_any_json_in_place_of_a_part_there_is_a_body_or_a_reason(
    claim: str, data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(SHAPES[claim])))
    what = found(config(SHAPES[claim] | {key: data.draw(JSON)}))

    with suppress(CannotCarry):
        assert wanted(what, NAMES).configs["c"]["configName"] == "c"
