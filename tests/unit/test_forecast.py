"""Both routes forecast: the numbers of a file, how fast it grows, and what people read of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crash.world import APP, WAITS, World
from tests.fake_hosts import FakeHost
from workflows.apps import Host, Prices
from workflows.collection.watched import TAIL
from workflows.errors import NotYet
from workflows.model import Facts
from workflows.planning import Drawn
from workflows.ports import Line, Lines
from workflows.proof.route import FileNow, bound, handed, overloaded
from workflows.step import Context
from workflows.steps import forecast, outlook, source
from workflows.steps.growth import Earlier, growing
from workflows.steps.on_host.file_look import FileSeen, HostFiles
from workflows.steps.on_host.positions import Position

LOG = "/var/log/app-b/app.log"
CHECKPOINT = "/tmp/logtail_check_point"
KEY = "##1.0##shop-b$old-config"
SIZES = st.integers(0, 5_000)


@given(size=SIZES, read=SIZES, tail=SIZES)
def test_every_byte_before_the_start_is_read_once_or_named(size: int, read: int, tail: int) -> None:
    read = min(read, size)
    source, target = set(range(read)), set(range(max(0, size - tail), size))

    found = handed(size, read, tail)

    assert set(range(*found.lost)) == set(range(size)) - source - target
    assert set(range(*found.again)) == source & target


# Worked by hand: one MiB of tail, and 65 s between the source's end and the target's start.
@pytest.mark.parametrize(
    ("rate", "lost", "again"),
    [(1_000, 0, TAIL - 65_000), (100_000, 6_500_000 - TAIL, 0), (1_000_000, 65_000_000 - TAIL, 0)],
)
def test_stopping_first_loses_and_repeats_what_the_worked_numbers_say(
    rate: int, lost: int, again: int
) -> None:
    file = FileNow("h1", LOG, size=10 * TAIL, unread=0, rate=rate, tail=TAIL)

    assert (file.lost(65.0), file.again(65.0)) == (lost, again)


def test_what_the_source_had_not_read_is_lost_first_and_repeated_last() -> None:
    file = FileNow("h1", LOG, size=10 * TAIL, unread=3 * TAIL, rate=0.0, tail=TAIL)

    assert (file.lost(0.0), file.again(0.0)) == (2 * TAIL, 0)
    assert replace(file, unread=TAIL // 4).again(0.0) == TAIL - TAIL // 4


def test_a_short_file_is_repeated_whole_and_overlaps_whole_or_up_to_the_tail_if_it_grows() -> None:
    file = FileNow("h1", LOG, size=700, unread=0, rate=1.0, tail=TAIL)

    assert (file.lost(600.0), file.again(0.0)) == (0, 700)
    assert (file.overlap, replace(file, rate=0.0).overlap) == (1024 * 1024, 700)
    assert replace(file, tail=0).overlap == 0


def test_a_file_whose_rate_is_not_known_is_counted_and_not_guessed() -> None:
    known = FileNow("h1", LOG, size=10 * TAIL, unread=0, rate=100_000.0, tail=TAIL)

    found = bound([known, replace(known, rate=None)], longest=65.0)

    assert (found.files, found.unsure, found.rate) == (2, 1, 100_000.0)
    assert found.lost == known.lost(65.0)
    assert found.again == 2 * TAIL


def test_an_agent_that_uses_more_than_half_of_its_limit_may_not_bear_twice_the_work() -> None:
    assert overloaded(0.21, 0.4)
    assert not overloaded(0.19, 0.4)
    assert not overloaded(None, 0.4)


def host(size: int, age: int = 0, **more: Any) -> HostFiles:
    return HostFiles(1_000, (FileSeen(LOG, 1, 7, size, 1_000 - age),), **more)


def only(found: HostFiles, earlier: Earlier | None = None) -> FileNow:
    (file,) = growing("h1", found, [KEY], lambda _: TAIL, earlier)
    return file


def test_two_looks_tell_a_rate_and_too_close_together_none() -> None:
    assert only(host(900), Earlier(980, {(1, 7): 700})).rate == 10.0
    assert only(host(900), Earlier(998, {(1, 7): 700})).rate is None
    assert only(host(900), Earlier(980, {(1, 8): 700}, whole=False)).rate is None
    assert only(host(900), Earlier(980, {(1, 7): 901})).rate is None


def test_of_a_file_that_is_new_since_the_first_look_all_has_come_since() -> None:
    assert only(host(900), Earlier(980, {(1, 8): 700})).rate == 45.0


def test_a_file_that_is_renamed_while_no_config_is_there_loses_all_of_that_time() -> None:
    file = FileNow("h1", LOG, size=10 * TAIL, unread=70, rate=1_000.0, tail=TAIL)

    assert (file.lost(65.0), file.lost_if_rotated(65.0)) == (0, 65_070)


def test_where_the_agent_was_tells_a_rate_too() -> None:
    seen = host(900, dumped=900, positions=(Position(KEY, 1, 7, 400),))

    assert (only(seen).rate, only(seen).unread) == (5.0, 0)


def test_with_a_rate_what_the_agent_lags_behind_is_unread() -> None:
    seen = host(900, dumped=900, positions=(Position(KEY, 1, 7, 400),))

    file = only(seen, Earlier(980, {(1, 7): 860}))

    assert (file.rate, file.unread) == (2.0, 300)


def test_the_position_of_another_config_tells_nothing() -> None:
    seen = host(900, dumped=900, positions=(Position("##1.0##other$x", 1, 7, 400),))

    assert only(seen).rate is None


def test_a_file_that_was_quiet_for_two_minutes_is_not_begun_with() -> None:
    assert list(growing("h1", host(900, age=121), [KEY], lambda _: TAIL)) == []


def with_log(world: World, size: int, names: tuple[str, ...] = ("h1", "h2", "h3")) -> World:
    for name in names:
        fake = world.hosts.hosts[name]
        fake.files[LOG] = b"x" * size
        fake.agent.clock = world.clock.now
    return world


def position(world: World, name: str, offset: int, ago: int) -> None:
    fake = world.hosts.hosts[name]
    inode = list(fake.files).index(LOG) + 1
    kept = {"config": KEY, "dev": 1, "inode": inode, "offset": offset}
    fake.files[CHECKPOINT] = json.dumps({"check_point": [kept]}).encode()
    fake.written[CHECKPOINT] = int(world.clock.now()) - ago


def context(world: World, **more: Any) -> Context:
    asked = Context(APP, WAITS, world.hosts, world.source, world.target, world.clock, **more)
    return replace(asked, known={"source": source.look(asked)})


def said(world: World, **more: Any) -> str:
    asked = context(world, **more)
    return forecast.told(asked, json.loads(json.dumps(forecast.look(asked)))).text


def test_both_routes_are_told_before_anything_is_changed() -> None:
    world = with_log(World(), 5_000_000)
    for name in ("h1", "h2", "h3"):
        position(world, name, 4_000_000, ago=100)
    position(world, "h2", 0, ago=100)

    text = said(world, prices=Prices("CNY", ingest=1.0, index=1.5))

    first, dual, stop_first = text.splitlines()
    assert first == "both sides collect for a while, so nothing is lost"
    assert dual == (
        "forecast, dual: no line is lost or doubled, the target has what was written before its "
        "start too, up to 3.1 MB, and 70.0 kB/s (0.63 CNY an hour) are received and indexed twice "
        "meanwhile"
    )
    assert stop_first == (
        "forecast, stop first: as fast as the files grow now 13.7 MB, or 16.8 MB if they are "
        "rotated, would be lost in 240 s without a config, and up to 3.1 MB repeated, most of "
        "/var/log/app-b/app.log on h2 (11.0 MB and 1.0 MB), which is why logmigrate moves dual"
    )


def test_each_file_has_the_tail_of_the_config_that_reads_it() -> None:
    world = with_log(World(), 5_000_000, ("h1",))
    config = world.source.config_bodies["old-config"]
    config["inputDetail"] = {**config["inputDetail"], "advanced": {"tail_size_kb": 2}}

    figures = forecast.look(context(world))[forecast.FIGURES]

    assert figures["total"]["overlap"] == 2048


def test_lines_are_counted_where_the_source_shows_how_long_one_is() -> None:
    world = with_log(World(), 1_000)
    for name in ("h1", "h2", "h3"):
        position(world, name, 1_000, ago=100)
    now = int(world.clock.now()) - 60
    fields = (("time", "x" * 19), ("message", "x" * 79))
    world.source.put("old-logs", Lines((Line(now, fields),), "", "10.0.0.11"))
    world.clock.tick(1)

    assert "up to 3.0 kB (30 lines), and 0 bytes/s are" in said(world)


def test_without_positions_a_second_look_tells_how_fast_the_files_grow() -> None:
    world = with_log(World(), 2_000_000)
    asked = context(world)
    before = forecast.look(asked)
    with pytest.raises(NotYet, match="a second look tells"):
        forecast.told(asked, before)
    at_first = forecast.would(asked, before)
    assert "how fast 3 files grow could not be told" in at_first
    assert "nobody can tell how much would be lost" in at_first
    assert "all that is written is received and indexed twice" in at_first

    world.clock.tick(10)
    with_log(world, 3_000_000)
    found = forecast.told(asked, before).text

    assert "300.0 kB/s are received" in found
    assert "could not be told" not in found
    assert "what the agents of h1, h2, h3 have not read yet could not be seen" in found


def test_a_host_that_does_not_answer_is_named_and_keeps_nobody_waiting() -> None:
    world = World()
    world.hosts.refuse("h2")
    asked = context(world)

    told = forecast.told(asked, forecast.look(asked))

    assert "forecast, without h2: not looked at" in told.text
    assert [(row.host, row.ok) for row in told.hosts] == [("h1", True), ("h3", True), ("h2", False)]
    assert told.hosts[2].said == "connecting to h2: connection refused"


def test_where_no_host_can_be_looked_at_no_zeros_are_told() -> None:
    world = World()
    for name in ("h1", "h2", "h3"):
        world.hosts.refuse(name)

    assert said(world).splitlines() == [
        "both sides collect for a while, so nothing is lost",
        "forecast, what either route would lose or repeat could not be told",
        "forecast, without h1, h2, h3: not looked at",
    ]


def test_of_many_hosts_that_do_not_answer_the_number_is_told() -> None:
    figures: Facts = {"missing": {f"h{n:03}": "" for n in range(100)}, "counts": {"missing": 4_000}}
    left = dict.fromkeys(("unseen", "blind", "cut", "busy"), ()) | {"total": {"unsure": 0}}
    figures |= {"hosts": {}, **left}

    told = outlook.text(context(World()), figures)

    assert "without h000, h001, h002 and 3,997 more: not looked at" in told


def test_the_figures_of_a_look_are_no_part_of_a_plans_digest() -> None:
    world = World()
    plans = []
    for size in (200_000, 300_000):
        asked = context(with_log(world, size))
        before = forecast.look(asked)
        plans.append(Drawn((f"Forecast: {forecast.would(asked, before)}",), {"forecast": before}))
        world.clock.tick(3)

    assert plans[0].lines != plans[1].lines
    assert plans[0].digest == plans[1].digest


def test_what_is_kept_of_many_files_stays_small() -> None:
    world = World()
    files = world.hosts.hosts["h1"].files
    files |= {f"/var/log/app-b/{n}/app.log": b"x" for n in range(5_000)}
    world.hosts.hosts["h1"].agent.clock = world.clock.now

    figures = forecast.look(context(world))[forecast.FIGURES]

    assert figures["hosts"]["h1"]["bound"]["files"] == 2_000
    assert figures["cut"] == ["h1"]
    assert len(json.dumps(figures)) < 20_000


def test_of_many_hosts_the_worst_are_kept_and_the_total_is_of_all() -> None:
    hosts = tuple(Host(f"n{number}") for number in range(150))
    world = World()
    for number, one in enumerate(hosts):
        fake = world.hosts.hosts[one.name] = FakeHost({LOG: b"x" * number})
        fake.agent.clock = world.clock.now
    asked = replace(context(world), app=replace(APP, hosts=hosts))

    figures = forecast.look(asked)[forecast.FIGURES]

    assert len(figures["hosts"]) == 100
    assert next(iter(figures["hosts"])) == "n149"
    assert figures["total"]["again"] == sum(range(150))


def test_an_agent_near_its_limits_is_named_with_what_that_may_do() -> None:
    world = with_log(World(), 1_000)
    own = {"cpu_usage_limit": 0.02, "mem_usage_limit": 40}
    agent = "/usr/local/ilogtail/ilogtail_config.json"
    world.hosts.hosts["h3"].files[agent] = json.dumps(own).encode()
    asked = context(world)
    before = forecast.look(asked)

    text = forecast.would(asked, before)

    assert "the agents of h3 use more than half of what they may" in text
    (row,) = (one for one in outlook.hosts(before["figures"]) if one.host == "h3")
    assert "agent at 0.01 of 0.02 cores and 30 of 40 MB" in row.said


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (5_500_000, "5.5 MB"), (2e15, "2000.0 TB")],
)
def test_sizes_are_told_in_the_units_people_say(count: float, text: str) -> None:
    assert outlook.size(count) == text
