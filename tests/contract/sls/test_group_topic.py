"""The topic of a machine group on its way to the agents."""

from __future__ import annotations

from aliyun.log import MachineGroupDetail

from tests.contract.sls.world import World, beat, regex_config


def test_a_config_is_delivered_with_the_topic_of_the_group_it_is_applied_to() -> None:
    with World() as world:
        attribute = {"externalName": "", "groupTopic": "orders"}
        group = MachineGroupDetail("hosts", "userdefined", ["app-b"], "", attribute)
        world.source.create_machine_group("web", group)
        world.source.create_logtail_config("web", regex_config(logstore=""))
        world.source.apply_config_to_machine_group("web", "nginx", "hosts")
        (delivered,) = world.server.door.beat(beat(ids=("app-b",)))

    assert delivered.group_topic == "orders"
