"""The watch of the target alone, where the watching itself is hindered: nothing missed, nobody blamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.unit.alone_kit import ADDRESS, LOG, Alone
from workflows.errors import NotYet, Red, Unavailable
from workflows.model import Evidence, HostResult
from workflows.ports import Command, Scanned
from workflows.proof.cells import Cell, Place
from workflows.steps import cutover
from workflows.steps.fallen import filters
from workflows.steps.hearing import Heard


def unwatched(watch: Alone, seconds: int) -> None:
    for _ in range(seconds):
        watch.second()


def delivers(watch: Alone, host: str) -> None:
    """What its agent held back comes at once."""
    watch.target.ship("app-b", int(watch.clock.now()), ADDRESS[host], 50)


def test_what_a_host_wrote_unheard_while_no_worker_looked_turns_it_red() -> None:
    watch = Alone()
    watch.lasts(100)
    unwatched(watch, 60)
    watch.silent.add("h2")
    unwatched(watch, 600)
    watch.writing.discard("h2")  # idle by the time somebody looks
    unwatched(watch, 2000)

    with pytest.raises(Red, match="h2 \\(heard last by 22:16:01Z"):
        watch.lasts(700)


def test_lines_that_agents_held_back_in_an_outage_turn_nothing_red() -> None:
    watch = Alone()
    watch.lasts(100)
    watch.silent |= set(ADDRESS)
    unwatched(watch, 140)
    watch.lasts(40)  # the service is back; agents try again soon
    watch.silent.clear()
    for host in ADDRESS:
        delivers(watch, host)

    assert isinstance(watch.lasts(700), Evidence)


def test_an_outage_is_no_pause_of_the_hosts() -> None:
    watch = Alone()
    watch.lasts(100)
    unwatched(watch, 180)
    watch.lasts(60)
    watch.silent.add("h2")
    fell = watch.clock.now()
    with pytest.raises(Red):
        watch.lasts(300)

    assert watch.clock.now() - fell <= 60


@pytest.mark.parametrize("back", [2, 3600])
def test_a_clock_that_goes_back_hides_no_host(back: int) -> None:
    watch = Alone()
    watch.lasts(300)
    watch.silent.add("h2")
    watch.clock.tick(-back)
    watch.began = watch.clock.now()
    with pytest.raises(Red, match="h2"):
        watch.lasts(120)


def test_two_workers_whose_clocks_differ_find_a_silent_host() -> None:
    watch = Alone()
    watch.lasts(100)
    watch.silent.add("h2")

    def by_turns() -> None:
        for turn in range(12):
            unwatched(watch, 10)
            watch.clock.tick(-3 if turn % 2 else 3)
            watch.look()

    with pytest.raises(Red, match="h2"):
        by_turns()


def test_the_target_is_watched_while_the_sources_service_is_away() -> None:
    watch = Alone()
    watch.lasts(100)

    def away(*_: object, **__: object) -> Iterator[Scanned]:
        raise Unavailable("reading lines of logstore old-logs: connection refused")

    watch.source.scan = away  # type: ignore[method-assign]
    watch.silent.add("h2")
    fell = watch.clock.now()
    with pytest.raises(Red, match="h2"):
        watch.lasts(120)

    assert watch.clock.now() - fell <= 60


def test_at_the_end_the_sources_side_is_waited_for() -> None:
    watch = Alone()
    watch.lasts(590)
    scan = watch.source.scan

    def away(*_: object, **__: object) -> Iterator[Scanned]:
        raise Unavailable("reading lines of logstore old-logs: connection refused")

    watch.source.scan = away  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        watch.lasts(20)
    watch.source.scan = scan  # type: ignore[method-assign]

    assert isinstance(watch.lasts(20), Evidence)


def hanging(watch: Alone, seconds: int, *names: str) -> None:
    """These hosts do not answer, and a look at them takes so long."""
    run = watch.hosts.run

    def slow(commands: Mapping[str, Command], errand: str = "") -> tuple[HostResult, ...]:
        results = run(commands, errand)
        if set(commands) & set(names):
            unwatched(watch, seconds)
        return results

    watch.hosts.run = slow  # type: ignore[method-assign]
    for name in names:
        watch.hosts.refuse(name, "timed out")


@pytest.mark.parametrize("seconds", [4, 60])
def test_a_host_that_hangs_makes_no_idle_one_beside_it_red(seconds: int) -> None:
    watch = Alone()
    watch.lasts(100)
    watch.writing -= {"h2", "h3"}
    hanging(watch, seconds, "h2")
    said = watch.lasts(900)

    assert str(said).startswith("nothing comes of h2, and whether it writes cannot be seen")


def test_a_line_that_comes_while_a_look_takes_its_time_turns_nothing_red() -> None:
    watch = Alone()
    watch.writing -= {"h2", "h3"}
    watch.lasts(28)
    watch.silent.add("h3")  # its line is under way
    watch.writing.add("h3")
    unwatched(watch, 1)
    watch.writing.discard("h3")
    watch.silent.discard("h3")
    hanging(watch, 40, "h2")
    run = watch.hosts.run

    def coming(commands: Mapping[str, Command], errand: str = "") -> tuple[HostResult, ...]:
        results = run(commands, errand)
        if "h2" in commands:
            delivers(watch, "h3")
        return results

    watch.hosts.run = coming  # type: ignore[method-assign]
    said = watch.lasts(900)

    assert str(said).startswith("nothing comes of h2,")


def test_where_a_config_leaves_out_lines_a_growing_file_proves_nothing() -> None:
    watch = Alone()
    body = watch.context.known["source"]["found"]["configs"][0]["body"]
    detail = {**body["inputDetail"], "filterKey": ["level"], "filterRegex": ["ERROR"]}
    kept = watch.context.known["source"]["found"]["configs"][0]
    kept["body"] = watch.source.config_bodies["old-config"] = {**body, "inputDetail": detail}
    watch.lasts(100)
    watch.silent.add("h2")  # it writes on, and no error among it

    assert filters(watch.context)
    assert isinstance(watch.lasts(700), Evidence)


def test_where_a_config_leaves_out_lines_who_was_never_heard_is_waited_for() -> None:
    watch = Alone()
    kept = watch.context.known["source"]["found"]["configs"][0]
    kept["body"] = {**kept["body"], "processors": [{"Type": "processor_filter_regex_native"}]}
    watch.source.config_bodies["old-config"] = kept["body"]
    watch.silent.add("h2")
    said = str(watch.lasts(700))

    assert said.startswith("nothing comes of h2, and whether it writes cannot be seen (h2: ")
    assert f"{LOG}, 11 bytes, was written to at" in said
    assert "its configs leave out some lines" in said


def page(received: int, host: str = "10.0.0.11") -> Scanned:
    cells = {Place(received // 60 * 60, host): Cell(1, 1, 10)}
    return Scanned(0, "c", cells, received, newest={host: received})


@pytest.mark.parametrize("skew", [-40, 0, 40])
def test_the_services_clock_is_set_against_ours(skew: int) -> None:
    heard = Heard(1_000)
    for now in (1_010, 1_020, 1_030):
        last = now - skew if skew > 0 else now - 1
        heard = heard.looked(now, 30).plus(page(last), {"10.0.0.11": "h1"}, steady=True).over(now)
    heard = heard.looked(5_000, 30).plus(page(last + 60), {"10.0.0.11": "h1"}, steady=False)

    assert heard.last("h1") == 1_090 if skew > 0 else 1_089
    assert heard.voices["h1"].pause <= 10


def test_a_service_that_tells_no_receipts_counts_by_our_looks() -> None:
    one = Scanned(0, "c", {Place(960, "10.0.0.11"): Cell(1, 1, 10)}, 1_001)
    heard = Heard(1_000).looked(1_010, 30).plus(one, {"10.0.0.11": "h1"}, steady=True)

    assert heard.last("h1") == 1_010
    assert heard.apart is None


def test_of_many_idle_hosts_a_part_is_looked_at_each_time_and_all_before_the_end() -> None:
    watch = Alone()
    watch.writing -= {"h2", "h3"}
    asked = list[int]()
    run = watch.hosts.run

    def counting(commands: Mapping[str, Command], errand: str = "") -> tuple[HostResult, ...]:
        asked.append(len(commands))
        return run(commands, errand)

    watch.hosts.run = counting  # type: ignore[method-assign]
    with pytest.MonkeyPatch.context() as few:
        few.setattr("workflows.steps.fallen.MOST", 1)
        said = watch.lasts(900)

    assert isinstance(said, Evidence)
    assert set(asked[:-1]) == {1}  # the last one looks for agents that began anew
    idle = [host.said for host in said.hosts if host.host != "h1"]
    assert all("was written to at" in one for one in idle)


def test_a_host_that_paused_once_and_falls_silent_before_the_end_is_looked_at() -> None:
    watch = Alone()
    watch.lasts(100)
    watch.writing.discard("h2")
    watch.lasts(110)
    watch.writing.add("h2")
    watch.lasts(190)
    watch.silent.add("h2")

    with pytest.raises(Red, match="h2"):
        watch.lasts(250)
    assert watch.clock.now() - watch.began <= 630


def test_where_every_host_is_idle_the_stop_needs_no_line() -> None:
    watch = Alone()
    watch.writing.clear()

    def stopped() -> str:
        unwatched(watch, 10)
        try:
            return cutover.only_target(watch.context, watch.before).text
        except NotYet as reason:
            return str(reason)

    said = [stopped() for _ in range(40)]

    assert said[0] == "no line in the target in the last 3 closed minutes"
    assert said[-1] == "in the last 3 closed minutes no host wrote a line"
