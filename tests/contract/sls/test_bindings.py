"""The SLS server's bindings: which configs are applied to which machine groups."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.sls.settings import Delays
from tests.contract.sls.world import (
    World,
    add_group,
    refusal,
    regex_config,
)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


def test_apply_may_be_repeated_and_remove_of_an_unapplied_pair_is_fine(world: World) -> None:
    add_group(world)
    world.source.create_logtail_config("web", regex_config(logstore=""))
    for _ in range(3):
        world.source.apply_config_to_machine_group("web", "nginx", "hosts")
    configs = world.source.get_machine_group_applied_configs("web", "hosts").get_configs()
    groups = world.source.get_config_applied_machine_groups("web", "nginx").get_machine_groups()
    for _ in range(2):
        world.source.remove_config_to_machine_group("web", "nginx", "hosts")
    after = world.source.get_machine_group_applied_configs("web", "hosts")

    assert (configs, groups) == (["nginx"], ["hosts"])
    assert (after.get_config_count(), after.get_configs()) == (0, [])


def test_apply_names_what_is_missing(world: World) -> None:
    apply = world.source.apply_config_to_machine_group
    no_group = refusal(lambda: apply("web", "nginx", "hosts"))
    add_group(world)
    no_config = refusal(lambda: apply("web", "nginx", "hosts"))

    assert (no_group[:2], no_config[:2]) == (
        (404, "MachineGroupNotExist"), (404, "ConfigNotExist"),
    )  # fmt: skip


def test_deleting_a_config_unbinds_it_and_deleting_a_group_leaves_the_config(world: World) -> None:
    for name in ("hosts", "more"):
        add_group(world, name)
    world.source.create_logtail_config("web", regex_config(logstore=""))
    world.source.apply_config_to_machine_group("web", "nginx", "hosts")
    world.source.apply_config_to_machine_group("web", "nginx", "more")
    world.source.delete_machine_group("web", "more")
    groups = world.source.get_config_applied_machine_groups("web", "nginx").get_machine_groups()
    world.source.delete_logtail_config("web", "nginx")

    assert groups == ["hosts"]
    assert world.source.get_machine_group_applied_configs("web", "hosts").get_configs() == []


def test_an_empty_group_lists_no_machines(world: World) -> None:
    add_group(world)

    assert world.send("GET", "/machinegroups/hosts/machines")[2] == {
        "count": 0, "total": 0, "machines": [],
    }  # fmt: skip


def test_an_apply_does_not_know_what_is_too_new() -> None:
    with World(delays=Delays(bindable=40)) as world:
        apply = world.source.apply_config_to_machine_group
        add_group(world)
        world.clock.forward(1)
        world.source.create_logtail_config("web", regex_config(logstore=""))
        world.clock.forward(39)
        early = refusal(lambda: apply("web", "nginx", "hosts"))
        world.clock.forward(1)
        apply("web", "nginx", "hosts")
        configs = world.source.get_machine_group_applied_configs("web", "hosts").get_configs()

    assert early[:2] == (404, "ConfigNotExist")
    assert configs == ["nginx"]
