"""Much host work is cut into batches, and every worker helps; none of them is needed for the end."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest
import redis
from structlog.testing import capture_logs

from bot.crew import Fleet, digest
from bot.errands import Answer, Batch, Errand
from tests.contract.errand_kit import (
    APP,
    LOOK,
    PREFIX,
    Bench,
    Counting,
    Heard,
    a_crew,
    looks,
    names,
    silent,
)
from tests.contract.process_kit import ready
from tests.contract.redis_servers import KINDS, RunningServer, running, until
from workflows.apps import Host
from workflows.errors import ClaimLost
from workflows.model import HostResult
from workflows.ports import Command

MANY = 1000
OPEN = f"{PREFIX}:open:7Q2/add"


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningServer]:
    with running(request.param, tmp_path) as one:
        yield one


@pytest.fixture
def bench(server: RunningServer) -> Bench:
    return Bench(server, size=10)


@pytest.fixture
def client(server: RunningServer) -> Iterator[redis.Redis]:
    with redis.Redis(port=server.port, decode_responses=True) as one:
        yield one


def helper(
    server: RunningServer, claim: float, name: str
) -> AbstractContextManager[subprocess.Popen[str]]:
    """A worker process that helps with batches; see tests/contract/helper.py."""
    return ready("tests.contract.helper", server.url, str(claim), name)


@contextmanager
def running_errand(bench: Bench, count: int) -> Iterator[list[HostResult]]:
    """The job's own worker runs the errand meanwhile; at the end its results are there."""
    results: list[HostResult] = []
    with ThreadPoolExecutor(1) as own:
        done = own.submit(lambda: bench.hosts().run(looks(names(count)), "add"))
        yield results
        results.extend(done.result(120.0))


def asked(client: redis.Redis, name: str) -> list[str]:
    return [str(host) for host in client.lrange(f"asked:{name}", 0, -1)]


def test_results_of_all_batches_come_in_the_order_of_the_commands(bench: Bench) -> None:
    results = bench.hosts().run(looks(names(95)), "add")

    assert [result.host for result in results] == names(95)
    assert {result.said for result in results} == {f"hello from {host}" for host in names(95)}
    assert sorted(bench.reach.asked) == sorted(names(95))


def test_batches_are_even_and_no_larger_than_the_size(bench: Bench, client: redis.Redis) -> None:
    sizes: list[int] = []
    run = bench.reach.run

    def measured(
        commands: Mapping[str, Command],
        heard: Heard = silent,
        ours: Callable[[], None] = lambda: None,
    ) -> tuple[HostResult, ...]:
        sizes.append(len(commands))
        return run(commands, heard, ours)

    bench.reach.run = measured  # type: ignore[method-assign]
    bench.hosts().run(looks(names(31)), "add")

    assert sorted(sizes) == [7, 8, 8, 8]


def test_the_chat_is_told_how_many_of_all_hosts_are_done(bench: Bench) -> None:
    bench.size = 600

    bench.hosts().run(looks(names(1200)), "add")

    assert bench.said[-1] == "1,200 of 1,200 hosts"
    assert "600 of 1,200 hosts" in bench.said


def test_nothing_is_left_of_batches_that_are_done(bench: Bench, client: redis.Redis) -> None:
    bench.hosts().run(looks(names(30)), "add")
    due = bench.store.due()
    bench.hosts().forget("add")

    assert due == ()
    assert [key for key in client.scan_iter() if "7Q2/" in key] == []


def test_a_worker_that_is_hinted_a_batch_works_until_none_is_free(bench: Bench) -> None:
    bench.cut(*([host] for host in names(4)))
    due = bench.store.due()

    bench.crew().look("7Q2/add/3")

    assert sorted(due) == [f"7Q2/add/{number}" for number in (1, 2, 3, 4)]
    assert sorted(bench.reach.asked) == names(4)
    assert bench.store.due() == ()


def test_a_batch_whose_job_moved_on_is_dropped_by_whoever_meets_it(
    bench: Bench, client: redis.Redis
) -> None:
    bench.cut(["h1"], ["h2"])
    bench.amended()

    bench.crew().look("7Q2/add/2")

    assert bench.reach.asked == []
    assert client.exists(OPEN, f"{PREFIX}:batches:7Q2/add") == 0
    assert [one for one in client.zrange(f"{PREFIX}:due", 0, -1) if "/" in one] == []


def test_a_batch_of_a_job_that_is_gone_is_dropped(bench: Bench, client: redis.Redis) -> None:
    bench.cut(["h1"])
    client.delete(f"{PREFIX}:job:7Q2")

    bench.crew().look("7Q2/add/1")

    assert bench.reach.asked == []
    assert client.zcard(f"{PREFIX}:due") == 1  # the job itself


def test_a_job_that_is_changed_meanwhile_has_no_more_batches_done(bench: Bench) -> None:
    bench.reach.after = lambda host: bench.amended() if host == "h5" else None

    with pytest.raises(ClaimLost):
        bench.hosts().run(looks(names(500)), "add")

    assert len(bench.reach.asked) < 100


def test_a_host_that_was_slow_to_connect_is_not_asked_once_the_job_moved_on(
    server: RunningServer,
) -> None:
    bench = Bench(server, claim_seconds=1.0)
    bench.cut(names(9))
    crew, told = bench.crew(), threading.Event()
    keep_batch = crew.errands.keep_batch

    def kept(batch: Batch, heard: int, answers: Sequence[Answer]) -> int | None:
        every = keep_batch(batch, heard, answers)
        if every is None:
            told.set()
        return every

    def connecting(host: str) -> None:
        if host == "h3":
            bench.amended()
            assert told.wait(20.0)

    crew.errands.keep_batch = kept  # type: ignore[method-assign]
    bench.reach.connecting = connecting
    crew.look("7Q2/add/1")

    assert bench.reach.asked == ["h0", "h1", "h2"]
    assert bench.errands().at_work(Errand("7Q2", "remove")) == 0


def test_a_roll_back_asks_no_host_while_a_worker_is_still_at_what_was_before(
    server: RunningServer,
) -> None:
    bench = Bench(server, claim_seconds=1.0)
    begun, errands = bench.cut(names(9)), bench.errands()
    old, removal = errands.take(begun), Errand("7Q2", "remove")
    bench.amended()
    bench.taken_over()
    assert old.batch is not None
    assert errands.keep_batch(old.batch, 1, ()) is None
    assert errands.at_work(removal) == 1
    at_work: list[int] = []
    bench.reach.asking = lambda host: at_work.append(errands.at_work(removal))
    bench.hosts().run(looks(names(2)), "remove")

    assert at_work == [0, 0]


def test_whoever_goes_on_with_the_same_errand_waits_for_nobody(bench: Bench) -> None:
    begun = bench.cut(names(9))

    assert bench.errands().take(begun).batch is not None
    assert bench.errands().at_work(begun) == 0


def test_an_errand_begun_anew_voids_the_batches_of_the_dead_worker(
    bench: Bench, client: redis.Redis
) -> None:
    begun = bench.cut(*([host] for host in names(4)))
    errands = bench.errands()
    old = errands.take(begun)
    bench.taken_over()
    bench.size = 2
    bench.hosts().run(looks(names(4)), "add")

    assert old.batch is not None
    assert errands.keep_batch(old.batch, 1, ()) is None
    assert bench.store.due() == ()
    assert Counter(bench.reach.asked) == Counter(names(4))


def test_of_eight_workers_each_batch_has_one(bench: Bench) -> None:
    bench.cut(*([host] for host in names(60)))
    crews = [(bench.crew(reach), reach) for reach in (Counting() for _ in range(8))]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda crew: crew[0].look("7Q2/add/1"), crews))

    assert sorted(host for _, reach in crews for host in reach.asked) == sorted(names(60))


def test_a_process_without_room_leaves_a_batch_to_others(bench: Bench) -> None:
    begun = bench.cut(["h1"])
    busy, idle = bench.crew(Counting()), bench.crew()
    busy.roomy = lambda: False

    standing = busy.help(begun)
    idle.look("7Q2/add/1")

    assert standing.word == "busy"
    assert bench.reach.asked == ["h1"]


def test_a_worker_that_is_told_to_end_takes_no_further_batch(bench: Bench) -> None:
    bench.cut(["h1"], ["h2"])
    ending = threading.Event()
    reach = Counting(after=lambda host: ending.set())
    crew = bench.crew(reach)
    crew.ending = ending.is_set

    crew.look("7Q2/add/1")

    assert reach.asked == ["h1"]


def test_a_worker_whose_settings_lack_a_host_or_the_app_says_so(bench: Bench) -> None:
    hosts, lacking = bench.hosts(), bench.hosts()
    fleet = Fleet(bench.reach, lambda name: Host(name) if name != "h3" else None)
    hosts.crew.fleets = {APP: fleet}
    lacking.crew.errands, lacking.crew.fleets = hosts.crew.errands, {}
    one = hosts.run(looks(names(20)), "look")[3]
    begun = bench.cut(["h1"])

    lacking.crew.look("7Q2/add/1")

    known = hosts.crew.errands.kept(begun, {"h1": digest(LOOK)})
    assert not one.ok
    assert "no host h3 of app app-b" in one.said
    assert not known["h1"].ok
    assert "no app app-b" in known["h1"].said


def test_a_command_that_this_program_does_not_know_is_answered_with_the_way_out(
    bench: Bench,
) -> None:
    hosts = bench.hosts()
    begun = hosts._begun("add")
    strange = {"kind": "Shell", "script": "rm -rf /"}
    hosts.crew.errands.cut(begun, APP, [{"h1": strange}])

    hosts.crew.look("7Q2/add/1")

    (known,) = hosts.crew.errands.kept(begun, {"h1": digest(strange)}).values()
    assert bench.reach.asked == []
    assert not known.ok
    assert "one version" in known.said


def test_an_error_that_nobody_foresaw_is_an_answer_of_the_hosts_that_were_left(
    bench: Bench,
) -> None:
    def broken(host: str) -> None:
        if host == "h3":
            raise ZeroDivisionError

    bench.reach.after = broken
    with capture_logs() as logs:
        results = bench.hosts().run(looks(names(12)), "add")

    (entry,) = [entry for entry in logs if entry["log_level"] == "error"]
    failed = [result for result in results if not result.ok]
    assert [result.host for result in failed] == ["h3", "h4", "h5"]
    assert all(entry["ref"] in result.said for result in failed)


def test_a_stalled_worker_that_others_overtook_asks_no_more_hosts_and_is_not_believed(
    server: RunningServer,
) -> None:
    bench = Bench(server, claim_seconds=1.0, size=30)
    bench.cut(names(30))
    overtaking = Counting()

    def stall(host: str) -> None:
        """Only its heart stops: the hosts would go on being asked."""
        if host == "h3":
            until(lambda: overtake(bench, overtaking))

    stalled = Counting(after=stall)
    crew = a_crew(bench.errands(), stalled, every=3600.0)
    crew.look("7Q2/add/1")

    assert len(stalled.asked) == 4
    assert overtaking.asked == names(30)


def overtake(bench: Bench, reach: Counting) -> bool:
    bench.crew(reach).look("7Q2/add/1")
    return bool(reach.asked)


def test_workers_share_a_thousand_hosts_and_one_that_is_killed_costs_no_answer(
    server: RunningServer, client: redis.Redis
) -> None:
    bench = Bench(server, claim_seconds=2.0, size=50)
    bench.reach.seconds = 0.005
    with ExitStack() as ends:
        first, _ = (ends.enter_context(helper(server, 2.0, name)) for name in ("one", "two"))
        with running_errand(bench, MANY) as results:
            until(lambda: len(asked(client, "one")) > 80)
            first.kill()
            first.wait()
            killed_at = len(asked(client, "one"))

    times = Counter([*bench.reach.asked, *asked(client, "one"), *asked(client, "two")])
    assert [result.host for result in results if result.ok] == names(MANY)
    assert len(asked(client, "two")) > 100
    assert len(bench.reach.asked) > 100
    assert killed_at == len(asked(client, "one"))
    assert set(times) == set(names(MANY))
    assert sum(times.values()) <= MANY + 40  # only what the killed one had not yet kept


def test_a_frozen_worker_is_overtaken_and_wakes_up_to_nothing(
    server: RunningServer, client: redis.Redis
) -> None:
    bench = Bench(server, claim_seconds=1.0, size=50)
    bench.reach.seconds = 0.005
    with helper(server, 1.0, "one") as first, running_errand(bench, 400) as results:
        until(lambda: len(asked(client, "one")) > 20)
        first.send_signal(signal.SIGSTOP)
        frozen_at = asked(client, "one")
        until(lambda: client.zcard(OPEN) <= 1)
        until(lambda: not client.zcard(OPEN))
        first.send_signal(signal.SIGCONT)

    assert [result.host for result in results if result.ok] == names(400)
    assert len(asked(client, "one")) <= len(frozen_at) + 20
