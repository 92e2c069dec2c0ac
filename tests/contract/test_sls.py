"""The port Sls: what the fake does, the SDK adapter does on a server that checks signatures."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from aliyun.log import LogException

from bot.credentials import fixed
from bot.sls import SlsProject, sls_client
from bot.sls_errors import translated
from sandbox.sls import Key, SlsServer
from tests.contract.sls_worlds import (
    CONFIG,
    GROUP,
    KEY,
    LOGSTORE,
    OWNER,
    REGION,
    FakeWorld,
    ServerWorld,
    World,
    a_client,
    a_server,
    eventually,
    made,
)
from workflows.collection.compare import lost
from workflows.collection.derive import FULL_TEXT
from workflows.errors import Denied, NotYet, StepFailed, Unavailable
from workflows.ports import Project, Sls


@pytest.fixture
def server() -> Iterator[SlsServer]:
    with a_server() as running:
        yield running


@pytest.fixture(params=["fake", "server"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld()
    return ServerWorld(request.getfixturevalue("server"))


def with_index(world: World) -> Sls:
    world.sls.create_logstore(LOGSTORE)
    eventually(world, made(lambda: world.sls.create_index("app-b", FULL_TEXT)))
    eventually(world, lambda: world.sls.index("app-b"))
    return world.sls


def test_a_project_says_whose_it_is_and_where(world: World) -> None:
    assert world.sls.project() == Project(OWNER, REGION)


def test_what_is_not_there_is_none_or_nothing_and_no_error(world: World) -> None:
    sls = world.sls

    assert sls.logstore("app-b") is None
    assert sls.index("app-b") is None
    assert sls.config("app-b") is None
    assert sls.machine_group("app-b") is None
    assert sls.groups_of("app-b") == ()
    assert sls.configs_of("app-b") == ()


def test_taking_away_what_is_not_there_is_fine(world: World) -> None:
    world.sls.delete_logstore("app-b")
    world.sls.delete_config("app-b")
    world.sls.delete_machine_group("app-b")
    world.sls.remove("app-b", "app-b")


def test_a_logstore_reads_back_what_was_asked_for(world: World) -> None:
    world.sls.create_logstore(LOGSTORE)
    found = eventually(world, lambda: world.sls.logstore("app-b"))

    assert lost(LOGSTORE, found) == ()


def test_creating_again_changes_nothing_and_is_no_error(world: World) -> None:
    sls = world.sls
    for ttl in (30, 90):
        sls.create_logstore({**LOGSTORE, "ttl": ttl})
        sls.create_machine_group({**GROUP, "machineList": ["app-b"] if ttl == 30 else ["other"]})
    found = eventually(world, lambda: sls.logstore("app-b"))
    group = eventually(world, lambda: sls.machine_group("app-b"))

    assert found["ttl"] == 30
    assert group["machineList"] == ["app-b"]


def test_an_index_comes_and_goes(world: World) -> None:
    sls = with_index(world)
    assert lost(FULL_TEXT, sls.index("app-b") or {}) == ()
    sls.delete_index("app-b")

    assert sls.index("app-b") is None


def test_an_index_says_when_it_was_made(world: World) -> None:
    index = with_index(world).index("app-b")

    assert index is not None
    assert abs(index["lastModifyTime"] - world.now()) < 60


def test_a_config_loses_no_field_on_the_way(world: World) -> None:
    with_index(world)
    world.sls.create_config(CONFIG)
    found = eventually(world, lambda: world.sls.config("app-b"))

    assert lost(CONFIG, found) == ()
    assert found["createTime"] > 0


def test_a_binding_shows_on_both_sides_and_goes_on_both(world: World) -> None:
    sls = world.sls
    sls.create_machine_group(GROUP)
    sls.create_config(CONFIG)
    eventually(world, made(lambda: sls.apply("app-b", "app-b")))
    sls.apply("app-b", "app-b")
    assert (sls.groups_of("app-b"), sls.configs_of("app-b")) == (("app-b",), ("app-b",))
    sls.remove("app-b", "app-b")

    assert (sls.groups_of("app-b"), sls.configs_of("app-b")) == ((), ())


def test_applying_what_is_not_there_is_not_yet_possible(world: World) -> None:
    with pytest.raises(NotYet):
        world.sls.apply("app-b", "app-b")


def test_a_deleted_group_lets_go_of_its_configs(world: World) -> None:
    sls = world.sls
    sls.create_machine_group(GROUP)
    sls.create_config(CONFIG)
    eventually(world, made(lambda: sls.apply("app-b", "app-b")))
    sls.delete_machine_group("app-b")

    assert sls.machine_group("app-b") is None
    assert sls.groups_of("app-b") == ()
    assert sls.config("app-b") is not None


def test_only_machines_with_a_heartbeat_are_listed(world: World) -> None:
    world.sls.create_machine_group(GROUP)
    eventually(world, lambda: world.sls.machine_group("app-b"))
    assert world.sls.machines("app-b") == ()
    world.beats("10.0.0.11")
    (machine,) = world.sls.machines("app-b")

    assert (machine.ip, machine.unique_id) == ("10.0.0.11", "UUID-1")
    assert abs(machine.heartbeat - world.now()) < 60


def test_lines_are_counted_by_their_own_time_from_start_up_to_end(world: World) -> None:
    sls = with_index(world)
    first = int(world.now()) - 10
    assert eventually(world, lambda: sls.count("app-b", first, first + 1)) == 0
    time_for_the_index(world)
    for second, lines in ((first - 1, 1), (first, 2), (first + 1, 4), (first + 2, 8)):
        world.writes(second, lines)
    eventually(world, lambda: sls.count("app-b", first - 1, first + 3) == 15 or None)

    assert sls.count("app-b", first, first + 2) == 6


def test_a_line_is_there_before_it_can_be_found(world: World) -> None:
    """A logstore whose lines no index covers is not an empty one."""
    world.sls.create_logstore(LOGSTORE)
    assert eventually(world, lambda: not world.sls.holds_lines("app-b") or None)
    world.writes(int(world.now()), 1)

    assert world.sls.holds_lines("app-b")


def time_for_the_index(world: World) -> None:
    """An index acts only on what comes after it, here within 60 s / 200."""
    until = time.monotonic() + 0.4
    while isinstance(world, ServerWorld) and time.monotonic() < until:
        world.sls.project()


def test_a_denied_action_is_named_with_the_resource_and_the_way_out(server: SlsServer) -> None:
    ServerWorld(server)
    account, key = server.state.keys[KEY.id]
    denied = frozenset({"log:DeleteConfig"})
    server.state.keys[KEY.id] = (account, Key(key.id, key.secret, denied))

    with pytest.raises(Denied, match="log:DeleteConfig was denied") as refusal:
        SlsProject(a_client(server), "shop-a", "target").delete_config("app-b")
    assert "acs:log:cn-hangzhou:1234567890123456:project/shop-a" in refusal.value.hint


@pytest.mark.parametrize("key", [Key(KEY.id, "wrong"), Key("LTAIother", "x"), Key("LTAIno", "x")])
def test_a_key_that_does_not_open_the_project_is_denied(server: SlsServer, key: Key) -> None:
    ServerWorld(server)

    with pytest.raises(Denied, match="target: reading project shop-a") as refusal:
        SlsProject(a_client(server, key), "shop-a", "target").project()
    assert key.secret not in str(refusal.value) or key.secret == "x"
    assert "accounts.target.access_key_id" in refusal.value.hint


def test_a_refusal_does_not_tell_the_channel_the_key() -> None:
    said = "AccessKeyId not found: LTAI5tNobodysKey0001"

    told = translated(LogException("Unauthorized", said, resp_status=401), "reading", "source")

    assert str(told) == "reading: Unauthorized: AccessKeyId not found: ***"


def test_a_service_that_is_away_is_unavailable_and_says_no_address(server: SlsServer) -> None:
    client = a_client(server)
    server.stop()

    with pytest.raises(Unavailable, match="reading project shop-a: connection refused"):
        SlsProject(client, "shop-a", "target").project()


def test_an_answer_that_is_not_known_here_is_the_steps_failure(server: SlsServer) -> None:
    ServerWorld(server)
    body = {**LOGSTORE, "ttl": -5}

    with pytest.raises(StepFailed, match=r"creating logstore app-b in project shop-a.*request"):
        SlsProject(a_client(server), "shop-a", "target").create_logstore(body)


def test_a_project_that_is_not_there_is_said_to_be_missing(server: SlsServer) -> None:
    with pytest.raises(StepFailed, match="ProjectNotExist"):
        SlsProject(a_client(server), "shop-z", "target").logstore("app-b")


@pytest.mark.parametrize("name", ["../configs/x", "a/b", "", "..", "a b", "x?y=1"])
def test_a_name_never_leads_to_another_resource(name: str) -> None:
    sls = SlsProject(
        sls_client("https://cn-hangzhou.log.aliyuncs.com", fixed("a", "b")), "shop-a", "target"
    )

    with pytest.raises(StepFailed, match="not a name"):
        sls.config(name)


def test_https_is_the_default_and_no_proxy_of_the_environment_is_used() -> None:
    client = sls_client("cn-hangzhou.log.aliyuncs.com", fixed("a", "b"))

    assert client.http_type == "https://"
    assert client._session.trust_env is False
    assert client._session.proxies == {}
