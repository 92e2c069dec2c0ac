"""Who the app's hosts are: the settings' list, the source's machine group, or both compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.crash.world import AGENT, APP, CONF, WAITS, World
from workflows.apps import Host, HostsFrom
from workflows.errors import Blocked, StepFailed
from workflows.ports import Machine
from workflows.step import Context
from workflows.steps import roster


def beating(world: World, *numbers: int, ago: float = 0.0) -> World:
    """The source's machine group lists these hosts, by the last number of their ip."""
    at = world.clock.now() - ago
    known = world.source.beats.get("old-hosts", ())
    fresh = tuple(Machine(f"10.0.0.{n}", f"UUID-{n}", at) for n in numbers)
    world.source.beats["old-hosts"] = (*known, *fresh)
    return world


def context(world: World, hosts_from: HostsFrom, *hosts: Host, **more: Any) -> Context:
    app = replace(APP, hosts=hosts or APP.hosts, hosts_from=hosts_from)
    return Context(app, WAITS, world.hosts, world.source, world.target, world.clock, **more)


def names(found: dict[str, Any]) -> list[str]:
    return [host["name"] for host in found["roster"]]


def test_the_list_of_the_settings_is_looked_at_host_by_host() -> None:
    asked = context(beating(World(), 11, 12), HostsFrom.LIST)
    found = roster.look(asked)

    assert names(found) == ["h1", "h2", "h3"]
    assert found["expected"]["h3"] == {"ip": "10.0.0.13", "unique_id": "UUID-13"}
    told = roster.told(asked, found)
    assert told.text == "3 hosts, by the settings' list"
    assert told.hosts[0].said == "10.0.0.11, agent 1.8.8"


def test_a_host_of_the_group_that_the_list_forgot_is_named_by_its_ip() -> None:
    with pytest.raises(Blocked, match=r"is collected from 10\.0\.0\.99 too") as refusal:
        roster.look(context(beating(World(), 11, 99), HostsFrom.LIST))

    assert "apps.app-b.hosts" in refusal.value.hint


def test_a_stranger_that_fell_silent_is_no_stranger() -> None:
    silent = beating(World(), 99, ago=WAITS.fresh + 1)

    assert names(roster.look(context(silent, HostsFrom.LIST))) == ["h1", "h2", "h3"]


def test_the_machine_group_names_the_hosts_and_the_settings_say_where_they_are() -> None:
    world = beating(World(), 12, 13)
    world.hosts.hosts["10.0.0.13"] = world.hosts.hosts.pop("h3")
    found = roster.look(context(world, HostsFrom.GROUP, Host("h2", ip="10.0.0.12")))

    assert names(found) == ["h2", "10.0.0.13"]
    assert found["roster"][1] == {
        "name": "10.0.0.13",
        "conf_dir": CONF,
        "agent_dir": AGENT,
        "service": "",
        "ip": "10.0.0.13",
    }


def test_a_machine_group_that_names_nobody_is_no_fleet_of_nobody() -> None:
    with pytest.raises(Blocked, match="names no host with a fresh heartbeat"):
        roster.look(context(World(), HostsFrom.GROUP))


def test_both_must_agree_and_who_is_missing_is_named() -> None:
    with pytest.raises(
        Blocked, match=r"h2 stands in apps\.app-b\.hosts and has no fresh"
    ) as refusal:
        roster.look(context(beating(World(), 11, 13), HostsFrom.BOTH))
    assert [result.host for result in refusal.value.hosts] == ["h2"]

    with pytest.raises(Blocked, match=r"is collected from 10\.0\.0\.14 too"):
        roster.look(context(beating(World(), 11, 12, 13, 14), HostsFrom.BOTH))

    agreed = context(beating(World(), 11, 12, 13), HostsFrom.BOTH)
    assert names(roster.look(agreed)) == ["h1", "h2", "h3"]


def test_every_host_that_does_not_answer_is_named_before_anything_is_touched() -> None:
    world = World()
    world.hosts.refuse("h1")
    world.hosts.refuse("h3", "no answer within 10 s")
    with pytest.raises(Blocked, match="2 of 3 hosts: h1: connecting to h1") as refusal:
        roster.look(context(world, HostsFrom.LIST))

    assert [result.host for result in refusal.value.hosts] == ["h1", "h3"]


def test_a_host_that_was_left_out_is_not_asked_and_said_so() -> None:
    world = World()
    world.hosts.refuse("h2")
    asked = context(world, HostsFrom.LIST, without=frozenset({"h2"}))
    found = roster.look(asked)

    assert list(found["expected"]) == ["h1", "h3"]
    assert "left out: h2" in roster.told(asked, found).text


def test_leaving_out_what_is_no_host_or_all_of_them_is_refused() -> None:
    with pytest.raises(Blocked, match="h7 was to be left out and is none of the app's hosts"):
        roster.look(context(World(), HostsFrom.LIST, without=frozenset({"h7"})))

    everybody = frozenset({"h1", "h2", "h3"})
    with pytest.raises(Blocked, match="every host was left out"):
        roster.look(context(World(), HostsFrom.LIST, without=everybody))


def test_a_left_out_host_that_still_collects_blocks_the_start_and_the_stop() -> None:
    without = {"without": frozenset({"h2"})}
    with pytest.raises(Blocked, match=r"was it left out \(h2\)"):
        roster.look(context(beating(World(), 11, 12, 13), HostsFrom.LIST, **without))

    world = beating(World(), 11, 13)
    found = roster.look(context(world, HostsFrom.LIST, **without))
    beating(world, 12)  # it came back
    later = context(world, HostsFrom.LIST, **without, known={"hosts": found})
    with pytest.raises(StepFailed, match=r"is collected from 10\.0\.0\.12 too"):
        roster.still_nobody_else(later)


def test_a_job_of_an_older_version_knows_its_agents_from_its_group() -> None:
    known = {"group": {"expected": {"h1": {"ip": "10.0.0.11", "unique_id": ""}}}, "hosts": {}}
    older = context(World(), HostsFrom.LIST, known=known)

    assert roster.agents(older) == known["group"]["expected"]
    assert [host.name for host in older.roster] == ["h1", "h2", "h3"]
