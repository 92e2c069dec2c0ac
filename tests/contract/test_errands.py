"""What hosts answered to an errand outlives the worker that asked, and counts only for its job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.contract.errand_kit import PREFIX, Bench, Counting, looks, names
from tests.contract.redis_servers import KINDS, RunningServer, running, until
from workflows.errors import ClaimLost, StoreAway
from workflows.model import HostResult

KEPT = f"{PREFIX}:errand:7Q2/add"


class Died(Exception):
    """The worker is gone in the middle of a run."""


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningServer]:
    with running(request.param, tmp_path) as one:
        yield one


@pytest.fixture
def bench(server: RunningServer) -> Bench:
    return Bench(server)


@pytest.fixture
def client(server: RunningServer) -> Iterator[redis.Redis]:
    with redis.Redis(port=server.port, decode_responses=True) as one:
        yield one


def test_results_come_in_the_order_of_the_commands(bench: Bench) -> None:
    results = bench.hosts().run(looks(["h3", "h1", "h2"]), "add")

    assert [result.host for result in results] == ["h3", "h1", "h2"]
    assert results[1] == HostResult("h1", ok=True, said="hello from h1")


def test_a_host_that_answered_well_is_not_asked_again_under_the_same_name(bench: Bench) -> None:
    first = bench.hosts().run(looks(["h1", "h2"]), "add")

    again = bench.hosts().run(looks(["h1", "h2", "h3"]), "add")

    assert again[:2] == first
    assert bench.reach.asked == ["h1", "h2", "h3"]


def test_a_host_that_did_not_answer_well_is_asked_again(bench: Bench) -> None:
    bench.reach.refusing = {"h2"}
    before = bench.hosts().run(looks(["h1", "h2"]), "add")
    bench.reach.refusing = set()

    after = bench.hosts().run(looks(["h1", "h2"]), "add")

    assert [result.ok for result in (*before, *after)] == [True, False, True, True]
    assert bench.reach.asked == ["h1", "h2", "h2"]


def test_the_answer_to_another_command_does_not_count(bench: Bench) -> None:
    bench.hosts().run(looks(["h1"]), "add")

    bench.hosts().run(looks(["h1"], custom_id="app-c"), "add")

    assert bench.reach.asked == ["h1", "h1"]


def test_an_errand_that_is_over_and_done_anew_asks_every_host(
    bench: Bench, client: redis.Redis
) -> None:
    bench.hosts().run(looks(["h1"]), "add")
    bench.hosts().forget("add")
    left = client.exists(KEPT)

    bench.hosts().run(looks(["h1"]), "add")

    assert left == 0
    assert bench.reach.asked == ["h1", "h1"]


def test_nothing_is_kept_without_an_errand(bench: Bench, client: redis.Redis) -> None:
    before = set(client.keys())

    bench.hosts().run(looks(["h1"]))
    bench.hosts().run(looks(["h1"]))

    assert bench.reach.asked == ["h1", "h1"]
    assert set(client.keys()) == before


def test_what_hosts_said_is_closed_and_expires_by_itself(bench: Bench, client: redis.Redis) -> None:
    bench.hosts().run(looks(["h1"]), "add")

    assert set(client.hgetall(KEPT)) == {"", "h1"}
    assert "hello" not in str(client.hgetall(KEPT))
    assert 0 < client.ttl(KEPT) <= 900


def test_a_worker_that_dies_leaves_only_the_rest_to_do(bench: Bench, client: redis.Redis) -> None:
    def die(host: str) -> None:
        if host == "h3":
            until(lambda: client.hlen(KEPT) == 3)  # h1 and h2, while h3 is at work
            raise Died

    with pytest.raises(Died):
        bench.hosts(Counting(after=die)).run(looks(names(6)[1:]), "add")
    bench.taken_over()

    results = bench.hosts().run(looks(names(6)[1:]), "add")

    assert all(result.ok for result in results)
    assert bench.reach.asked == ["h3", "h4", "h5"]


def test_a_job_that_somebody_changes_meanwhile_has_no_more_hosts_asked(bench: Bench) -> None:
    bench.reach.seconds = 0.01
    bench.reach.after = lambda host: bench.amended() if host == "h5" else None

    with pytest.raises(ClaimLost):
        bench.hosts().run(looks(names(190)), "add")

    assert 5 < len(bench.reach.asked) < 100


def test_a_host_that_was_slow_to_connect_is_not_asked_once_the_claim_is_lost(
    bench: Bench,
) -> None:
    lost: list[str] = []

    def ours() -> None:
        if lost:
            raise ClaimLost("over")

    bench.reach.connecting = lambda host: lost.append(host) if host == "h3" else None
    with pytest.raises(ClaimLost):
        bench.hosts(ours=ours).run(looks(names(9)), "add")

    assert bench.reach.asked == ["h0", "h1", "h2"]


def test_a_worker_that_was_overtaken_asks_no_more_hosts_and_keeps_nothing(
    bench: Bench, client: redis.Redis
) -> None:
    held = bench.claim.job
    stale, kept = bench.hosts(), {}

    def overtaken(host: str) -> None:
        if host == "h5":
            until(lambda: client.hlen(KEPT) > 1)
            bench.taken_over()
            kept.update(client.hgetall(KEPT))

    bench.reach.seconds, bench.reach.after = 0.01, overtaken
    with pytest.raises(ClaimLost):
        stale.run(looks(names(190)), "add")

    assert bench.claim.job == held  # the same version: only the claim tells them apart
    assert len(bench.reach.asked) < 100
    assert client.hgetall(KEPT) == kept


def test_an_errand_of_a_job_that_moved_on_asks_nobody(bench: Bench) -> None:
    bench.amended()

    with pytest.raises(ClaimLost):
        bench.hosts().run(looks(["h1"]), "add")

    assert bench.reach.asked == []


def test_a_worker_that_is_no_longer_sure_of_its_claim_asks_nobody(bench: Bench) -> None:
    def lost() -> None:
        raise ClaimLost("two renewals are missing")

    with pytest.raises(ClaimLost, match="renewals"):
        bench.hosts(ours=lost).run(looks(["h1"]), "add")

    assert bench.reach.asked == []


def test_only_the_owner_of_the_job_has_its_errands_forgotten(
    bench: Bench, client: redis.Redis
) -> None:
    errands, hosts = bench.errands(), bench.hosts()
    hosts.run(looks(["h1"]), "add")
    begun = hosts._begun("add")
    bench.taken_over()

    errands.forget(begun)

    assert client.exists(KEPT) == 1


def test_a_redis_without_room_is_said_before_any_host_is_asked(
    bench: Bench, client: redis.Redis
) -> None:
    client.config_set("maxmemory", "1")

    with pytest.raises(StoreAway, match="no room"):
        bench.hosts().run(looks(["h1"]), "add")

    assert bench.reach.asked == []


def test_a_redis_that_runs_full_meanwhile_stops_the_errand(
    server: RunningServer, client: redis.Redis
) -> None:
    bench = Bench(server, claim_seconds=1.0)
    bench.reach.seconds = 0.02
    bench.reach.after = lambda host: client.config_set("maxmemory", "1")

    with pytest.raises(StoreAway, match="no room"):
        bench.hosts().run(looks(names(190)), "add")

    assert len(bench.reach.asked) < 150


def test_a_redis_that_is_away_for_a_moment_costs_no_answer(
    server: RunningServer, bench: Bench
) -> None:
    def restart(host: str) -> None:
        if host == "h2":
            server.settled()
            server.kill()
            server.start()

    bench.reach.after = restart
    bench.hosts().run(looks(["h1", "h2", "h3"]), "add")
    bench.hosts().run(looks(["h1", "h2", "h3"]), "add")

    assert bench.reach.asked == ["h1", "h2", "h3"]


def test_a_call_that_is_sent_twice_acts_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """As redis-py does when the answer to the first one is lost."""
    bench.size = 2
    hosts = bench.hosts()
    server = hosts.crew.errands._server
    run = server.run
    monkeypatch.setattr(server, "run", lambda *call: (run(*call), run(*call))[1])

    results = hosts.run(looks(names(6)), "add")
    hosts.forget("add")

    assert [result.ok for result in results] == [True] * 6
    assert sorted(bench.reach.asked) == names(6)
    assert bench.said[-1] == "6 of 6 hosts"
    assert bench.store.due() == ()
