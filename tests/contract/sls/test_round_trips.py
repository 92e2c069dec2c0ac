"""What B has arrives in A: put there raw, read, derived, created by the product, and read again.

Equality is judged twice: by the product's comparison, and by a walk of the test's own that knows
nothing but the few paths that may change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.sls import SlsProject
from tests.contract.sls.world import SOURCE, TARGET_KEY, World
from tests.shapes import SHAPES
from tests.shapes.stores import INDEXES, LOGSTORES
from workflows.collection import facts_of
from workflows.collection.compare import differences, lost
from workflows.collection.derive import Names, wanted
from workflows.collection.forms import form_of
from workflows.collection.found import Config, Found

Body = dict[str, Any]
NAMES = Names("cart", "shop-a", "store-a", "hosts-a", "{config}-{app}", "cart-b", "cn-hangzhou")
STORE: Body = {"logstoreName": "app", "ttl": 30, "shardCount": 2}
TIMES = {"createTime", "lastModifyTime"}
CALLS = {True: "/pipelineconfigs", False: "/configs"}
GONE = "is gone"
FORCEABLE = ("input_file", "input_container_stdio")


class Two(World):
    """Project `web` of account B, and `shop-a` of account A."""

    def __init__(self) -> None:
        super().__init__()
        self.target.create_project("shop-a", "")
        self.product = SlsProject(self.target, "shop-a", "target")

    def put(self, path: str, body: Body) -> None:
        status, _, answer = self.send("POST", path, json.dumps(body).encode())
        assert status == 200, answer

    def read(self, path: str, *, target: bool = False) -> Body:
        if not target:
            return self.send("GET", path)[2]
        return self.send("GET", path, key=TARGET_KEY, project="shop-a")[2]


@pytest.fixture(scope="module")
def two() -> Iterator[Two]:
    with Two() as world:
        yield world


def found(body: Body | None = None, store: Body = STORE, index: Body | None = None) -> Found:
    configs = (Config(body["configName"], form_of(body), body, ("hosts-b",)),) if body else ()
    groups: Body = {"hosts-b": {"groupAttribute": {"groupTopic": "t"}}}
    return Found(SOURCE.id, "cn-hangzhou", store, index, 2, configs, groups)


def changes(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every place where `after` is not `before`, with what is there now."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            where = f"{path}.{key}" if path else key
            if key not in after:
                yield where, GONE
            elif key not in before:
                yield where, after[key]
            else:
                yield from changes(before[key], after[key], where)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for at, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from changes(one, other, f"{path}[{at}]")
    elif json.dumps(before) != json.dumps(after):
        yield path, after


def expected(source: Body) -> Body:
    """What may change of a config, and it must."""
    if "flushers" in source:
        return _of_a_pipeline(source)
    said: Body = {"outputDetail.logstoreName": "store-a"}
    for key in ("endpoint", "region", "projectName"):
        if key in source["outputDetail"]:
            said[f"outputDetail.{key}"] = GONE
    if source["inputType"] == "file":
        said |= _forced(source["inputDetail"])
    return said


def _forced(detail: Body) -> Body:
    if "advanced" not in detail:
        return {"inputDetail.advanced": {"force_multiconfig": True}}
    already = detail["advanced"].get("force_multiconfig") is True
    return {} if already else {"inputDetail.advanced.force_multiconfig": True}


def _of_a_pipeline(source: Body) -> Body:
    said: Body = {"flushers[0].Logstore": "store-a"}
    for key in ("Project", "Aliuid"):
        if key in source["flushers"][0]:
            said[f"flushers[0].{key}"] = GONE
    first = source["inputs"][0]
    if first["Type"] in FORCEABLE and first.get("AllowingIncludedByMultiConfigs") is not True:
        said["inputs[0].AllowingIncludedByMultiConfigs"] = True
    return said


@pytest.mark.parametrize("claim", SHAPES)
def test_a_config_arrives_with_every_field_but_those_of_its_place(two: Two, claim: str) -> None:
    name = f"s{[*SHAPES].index(claim)}"
    sent, call = {"configName": name} | SHAPES[claim], CALLS["flushers" in SHAPES[claim]]
    two.put(call, sent)
    source = two.read(f"{call}/{name}")
    body = wanted(found(source), NAMES).configs[name]
    two.product.create_config(body)
    arrived = two.read(f"{call}/{name}-cart", target=True)
    told = dict(changes(source, arrived))

    assert differences(body, arrived) == ()
    assert differences(arrived, body) == ()
    assert differences(sent, source) == ()
    assert {key: one for key, one in told.items() if key not in TIMES} == (
        {"configName": f"{name}-cart"} | expected(source)
    )
    assert facts_of.unknown_fields(arrived) == facts_of.unknown_fields(SHAPES[claim])


def test_there_are_shapes_of_every_kind() -> None:
    kinds = {facts_of.kind(body) for body in SHAPES.values()}

    assert len(SHAPES) >= 60
    assert kinds == {*facts_of.Kind} - {facts_of.Kind.UNKNOWN}


def test_a_config_made_twice_is_there_once_and_as_it_was_wanted(two: Two) -> None:
    source = {"configName": "again"} | SHAPES["json with a time key"]
    body = wanted(found(source), NAMES).configs["again"]
    two.product.create_config(body)
    two.product.create_config(body)

    assert differences(body, two.read("/configs/again-cart", target=True)) == ()


@pytest.mark.parametrize("claim", LOGSTORES)
def test_a_logstore_arrives_with_all_its_settings(two: Two, claim: str) -> None:
    name = f"store-{[*LOGSTORES].index(claim)}"
    two.put("/logstores", {"logstoreName": name} | LOGSTORES[claim])
    source = two.read(f"/logstores/{name}")
    shards = source["shardCount"]
    made = Found(SOURCE.id, "cn-hangzhou", source, None, shards, (), {})
    names = Names("cart", "shop-a", name, "hosts-a", "{config}", "cart-b", "cn-hangzhou")
    body = wanted(made, names).logstore
    two.product.create_logstore(body)
    arrived = two.read(f"/logstores/{name}", target=True)
    told = dict(changes(source, arrived))

    assert differences(body, arrived) == differences(arrived, body) == ()
    assert {key for key in told if key not in TIMES} == set()


@pytest.mark.parametrize("claim", INDEXES)
def test_an_index_arrives_with_its_keys(two: Two, claim: str) -> None:
    name = f"index-{[*INDEXES].index(claim)}"
    two.put("/logstores", STORE | {"logstoreName": name})
    two.product.create_logstore(STORE | {"logstoreName": name})
    two.clock.forward(60)
    two.put(f"/logstores/{name}/index", INDEXES[claim])
    source = two.read(f"/logstores/{name}/index")
    body = wanted(found(index=source), NAMES).index
    two.product.create_index(name, body)
    arrived = two.read(f"/logstores/{name}/index", target=True)

    assert differences(body, arrived) == differences(arrived, INDEXES[claim]) == ()
    assert dict(changes(INDEXES[claim], arrived)).keys() <= {
        "ttl", "storage", "index_mode", "lastModifyTime",
    }  # fmt: skip


def test_a_machine_group_arrives_with_the_topic_of_the_source_s(two: Two) -> None:
    body = wanted(
        found({"configName": "c"} | SHAPES["the topic of the machine group"]), NAMES
    ).group
    two.product.create_machine_group(body)
    arrived = two.read("/machinegroups/hosts-a", target=True)

    assert differences(body, arrived) == lost(body, arrived) == ()
    assert arrived["groupAttribute"]["groupTopic"] == "t"
    assert arrived["machineList"] == ["cart-b"]
