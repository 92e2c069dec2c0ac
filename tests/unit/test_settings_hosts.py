"""Hosts in the settings: how each is reached, through which other one, and who says who they are."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.settings_reach import fallback_of, targets_of
from bot.world import reach
from tests.unit.test_settings import SMALLEST, refusal, settings, swapped, with_top
from workflows.apps import Host, HostsFrom, Ramp

JUMPING = swapped("[hosts.h1]", '[hosts.bastion]\n[hosts.h1]\njump = "bastion"')
BY_GROUP = swapped('hosts = ["h1", "h2"]', 'hosts_from = "group"')


def with_app(text: str, base: str = SMALLEST) -> str:
    """The settings with more tables of app-b."""
    return base + text


def test_a_host_says_its_service_and_the_address_that_its_agent_tells(tmp_path: Path) -> None:
    text = swapped("[hosts.h1]", '[hosts.h1]\nservice = "/etc/init.d/agent"\nip = "10.1.0.1"')

    found = settings(tmp_path, text)

    assert found.apps["app-b"].hosts[0] == Host("h1", service="/etc/init.d/agent", ip="10.1.0.1")


def test_a_host_is_reached_through_its_jump_host(tmp_path: Path) -> None:
    targets = targets_of(settings(tmp_path, JUMPING), "app-b")

    assert targets["h1"].jump is not None
    assert (targets["h1"].jump.name, targets["h1"].jump.jump) == ("bastion", None)
    assert targets["h2"].jump is None


def test_the_jump_host_of_all_and_those_before_it_are_reached_directly(tmp_path: Path) -> None:
    text = swapped('user = "ops"', 'user = "ops"\njump = "inner"\nsudo = true')
    text = text.replace("[hosts.h1]", '[hosts.outer]\n[hosts.inner]\njump = "outer"\n[hosts.h1]')

    found = settings(tmp_path, text)

    jumps = {name: host.jump for name, host in found.hosts.items()}
    assert jumps == {"outer": "", "inner": "outer", "h1": "inner", "h2": "inner"}
    assert all(host.sudo for host in found.hosts.values())


def test_a_host_may_do_without_the_jump_host_of_all(tmp_path: Path) -> None:
    text = swapped('user = "ops"', 'user = "ops"\njump = "h2"')

    found = settings(tmp_path, text.replace("[hosts.h1]", '[hosts.h1]\njump = ""'))

    assert found.hosts["h1"].jump == ""


def test_an_app_has_its_own_words_for_all_its_hosts_and_for_one(tmp_path: Path) -> None:
    own = '[apps.app-b.on]\nuser = "deploy"\nconf_dir = "/a"\n[apps.app-b.on.h2]\nconf_dir = "/b"\n'

    found = settings(tmp_path, with_app(own))

    assert [host.conf_dir for host in found.apps["app-b"].hosts] == ["/a", "/b"]
    assert {target.user for target in targets_of(found, "app-b").values()} == {"deploy"}
    assert found.hosts["h2"].conf_dir == Host.conf_dir
    assert found.hosts["h2"].user == "ops"


def test_the_word_of_an_app_does_not_send_its_jump_host_through_itself(tmp_path: Path) -> None:
    found = settings(tmp_path, with_app('[apps.app-b.on]\njump = "h2"\n'))

    targets = targets_of(found, "app-b")

    assert targets["h2"].jump is None
    assert targets["h1"].jump == targets["h2"]


def test_a_machine_group_may_say_which_hosts_there_are(tmp_path: Path) -> None:
    app = settings(tmp_path, BY_GROUP).apps["app-b"]

    assert app.hosts_from is HostsFrom.GROUP
    assert app.hosts == (Host("h1"), Host("h2", ip="10.0.0.12"))


def test_a_list_narrows_what_a_machine_groups_hosts_may_be_called(tmp_path: Path) -> None:
    text = swapped('hosts = ["h1", "h2"]', 'hosts = ["h2"]\nhosts_from = "group"')

    app = settings(tmp_path, text).apps["app-b"]

    assert [host.name for host in app.hosts] == ["h2"]


def test_an_address_that_no_table_has_is_reached_as_all_are(tmp_path: Path) -> None:
    text = BY_GROUP.replace('user = "ops"', 'user = "ops"\nsudo = true\njump = "h1"')
    found = settings(tmp_path, with_app("[apps.app-b.on]\nport = 2222\n", text))

    target = fallback_of(found, "app-b")("10.0.0.77")

    assert target is not None
    assert (target.name, target.address, target.port) == ("10.0.0.77", "10.0.0.77", 2222)
    assert (target.user, target.sudo) == ("ops", True)
    assert target.jump is not None
    assert target.jump.name == "h1"


@pytest.mark.parametrize(
    ("ip", "address"), [("10.0.0.12", "10.0.0.12"), ("192.168.0.1", "h1")], ids=["address", "ip"]
)
def test_an_address_that_a_table_has_is_reached_as_that_table_says(
    tmp_path: Path, ip: str, address: str
) -> None:
    text = BY_GROUP.replace("[hosts.h1]", '[hosts.h1]\nip = "192.168.0.1"')

    target = fallback_of(settings(tmp_path, text), "app-b")(ip)

    assert target is not None
    assert (target.name, target.address) == (ip, address)


@pytest.mark.parametrize("name", ["h9", "10.0.0", "example.com", ""])
def test_what_is_no_address_is_never_reached_by_itself(tmp_path: Path, name: str) -> None:
    assert fallback_of(settings(tmp_path, BY_GROUP), "app-b")(name) is None


def test_only_a_machine_group_can_bring_hosts_that_no_table_names(tmp_path: Path) -> None:
    assert fallback_of(settings(tmp_path), "app-b")("10.0.0.77") is None


def test_the_worker_reaches_a_host_that_only_the_machine_group_names(tmp_path: Path) -> None:
    target = reach(settings(tmp_path, BY_GROUP), "app-b").fallback("10.0.0.77")

    assert target is not None
    assert target.address == "10.0.0.77"


def test_how_a_change_reaches_many_hosts_can_be_set(tmp_path: Path) -> None:
    text = with_top(
        "[fleet]\nfirst = 5\ngrowth = 2\ntries = 1\nerrors = 0\nshare = 0.5\n[work]\nbatch = 50\n"
    )

    found = settings(tmp_path, text)

    assert found.fleet == Ramp(first=5, growth=2.0, tries=1, errors=0, share=0.5)
    assert found.work.batch == 50


WRONG = {
    swapped("[hosts.h1]", '[hosts.h1]\njump = "h7"'): (
        'hosts.h1.jump: no such host "h7"; known are h1, h2'
    ),
    swapped('user = "ops"', 'user = "ops"\njump = "h7"'): 'ssh.jump: no such host "h7"; known are',
    swapped("[hosts.h1]", '[hosts.h1]\njump = "h1"'): (
        "hosts.h1.jump: goes in a circle, h1 → h1; write jump = "
    ),
    swapped("[hosts.h1]", '[hosts.h1]\njump = "h2"').replace(
        "[hosts.h2]", '[hosts.h2]\njump = "h1"'
    ): "hosts.h1.jump: goes in a circle, h1 → h2 → h1; write",
    with_app('[apps.app-b.on]\njump = "h7"\n'): 'apps.app-b.on.jump: no such host "h7"',
    with_app('[apps.app-b.on.h1]\njump = "h1"\n'): (
        "apps.app-b.on.h1.jump: goes in a circle, h1 → h1; write"
    ),
    with_app('[apps.app-b.on.h1]\njump = "bastion"\n', JUMPING)
    .replace("[hosts.bastion]", '[hosts.bastion]\njump = "h2"')
    .replace("[hosts.h2]", '[hosts.h2]\njump = "h1"'): "hosts.bastion.jump: goes in a circle",
    with_app("[apps.app-b.on]\ncolour = 1\n"): "apps.app-b.on.colour: no such setting",
    with_app('[apps.app-b.on]\naddress = "10.0.0.1"\n'): "apps.app-b.on.address: no such setting",
    with_app("[apps.app-b.on.h9]\nport = 1\n"): "apps.app-b.on.h9: no such setting",
    with_app('[apps.app-b.on.h1]\nconf_dir = "x"\n'): "apps.app-b.on.h1.conf_dir: is 'x'; it must",
    swapped("[hosts.h1]", '[hosts.h1]\naddress = "10.0.0.12"'): (
        "hosts.h2.address: 10.0.0.12:22 is h1's too; one host has one name"
    ),
    swapped("[hosts.h1]", '[hosts.h1]\nservice = "ilogtaild"'): "hosts.h1.service: is 'ilogtaild';",
    swapped("[hosts.h1]", '[hosts.h1]\nip = "h1.example"'): "hosts.h1.ip: is 'h1.example'; it must",
    swapped('hosts = ["h1", "h2"]', 'hosts_from = "both"'): (
        'apps.app-b.hosts: names no host; known are h1, h2; hosts_from = "group" takes'
    ),
    swapped('hosts = ["h1", "h2"]', 'hosts_from = "dns"'): (
        "apps.app-b.hosts_from: is 'dns'; it must be list or group or both"
    ),
    swapped('hosts = ["h1", "h2"]', 'hosts = ["h1", "h1"]'): (
        "apps.app-b.hosts[1]: 'h1' stands in the list twice"
    ),
    with_top("[fleet]\ngrowth = 0.5\n"): "fleet.growth: is 0.5; it must be at least 1",
    with_top("[fleet]\nshare = 1.5\n"): "fleet.share: is 1.5; it must be at most 1",
    with_top("[fleet]\nerrors = -1\n"): "fleet.errors: is -1; it must be at least 0",
    with_top("[fleet]\nfirst = 0\n"): "fleet.first: is 0; it must be at least 1",
    with_top("[fleet]\npace = 1\n"): "fleet.pace: no such setting; known are first, growth,",
}


@pytest.mark.parametrize(("text", "expected"), WRONG.items(), ids=WRONG.values())
def test_what_does_not_fit_is_said_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    assert refusal(tmp_path, text).startswith(expected)


def test_one_address_with_two_ports_is_two_hosts(tmp_path: Path) -> None:
    text = swapped("[hosts.h1]", '[hosts.h1]\naddress = "10.0.0.12"\nport = 2201')

    assert len(settings(tmp_path, text).hosts) == 2


def test_one_address_behind_two_jump_hosts_is_two_hosts(tmp_path: Path) -> None:
    text = JUMPING.replace('jump = "bastion"', 'jump = "bastion"\naddress = "10.0.0.12"')

    assert len(settings(tmp_path, text).hosts) == 3


def test_ten_thousand_hosts_are_read_in_a_moment(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(10_000)]
    tables = "\n".join(f"[hosts.{name}]" for name in names)
    text = swapped("[hosts.h1]", f"{tables}\n[hosts.h1]")
    text = text.replace('["h1", "h2"]', str(names).replace("'", '"'))
    began = time.process_time()

    found = settings(tmp_path, text)

    assert len(found.apps["app-b"].hosts) == 10_000
    assert time.process_time() - began < 1.5  # ten times less, unless each looks through all
