"""What a server that is up for days keeps has a bound."""

from __future__ import annotations

from dataclasses import replace

from sandbox.sls import Limits, wire
from sandbox.sls.settings import Unsettled
from sandbox.sls.state import MOST_MACHINES, MachineGroup
from sandbox.sls.tape import OVERHEAD
from tests.contract.sls.world import World, add_group, beat, regex_config


def test_a_logstore_keeps_no_more_bytes_than_it_may_and_the_oldest_lines_go() -> None:
    room = 3 * OVERHEAD + 1500
    with World(limits=Limits(bytes_kept=room)) as world:
        world.logstore(index=False)
        for _ in range(9):
            world.write(1)
        kept = world.server.state.project("web").logstore("app")

    assert (kept.kept, kept.dropped) == (len(kept.groups()), 9 - kept.kept)
    assert 1 <= kept.kept <= 4
    assert kept.weight == sum(group.weight for group in kept.groups()) <= room


def test_of_too_many_machines_the_one_silent_for_longest_is_forgotten() -> None:
    group = MachineGroup({"machineIdentifyType": "userdefined", "machineList": ["app-b"]})
    first = beat("10.9.9.9")
    for number in range(MOST_MACHINES):
        group.hear(replace(beat(), unique_id=f"U{number}"), number)
        group.hear(first, number)
    heard = {one.unique_id for one, _ in group.machines(0, Unsettled())}

    assert len(heard) == MOST_MACHINES
    assert "U0" not in heard
    assert {"U1", first.unique_id} <= heard


def test_deleted_configs_and_machine_groups_leave_nothing_behind() -> None:
    with World() as world:
        world.source.create_logtail_config("web", regex_config(logstore=""))
        add_group(world)
        world.source.delete_logtail_config("web", "nginx")
        world.source.delete_machine_group("web", "hosts")

        assert world.server.state.project("web").bindable_at == {}


def test_a_line_of_a_file_whose_name_is_no_utf_8_can_be_sent() -> None:
    raw = wire.encode("t\udcff", "", {"__path__": "/var/\udcff.log"}, [(1, {"\ud800": "a\udcff"})])
    group = wire.decode(raw)

    assert group.LogTags[0].Value == "/var/\ufffd.log"
    assert (group.Topic, group.Logs[0].Contents[0].Value) == ("t\ufffd", b"a\xff")
