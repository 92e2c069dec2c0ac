"""Redis behind sentinels, encrypted, with an account of few rights, slow, and without room."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis

from bot.crew import Crew, Fleet
from bot.errands import Errands
from bot.queue import DramatiqQueue, open_broker
from bot.redis_address import Address
from bot.redis_server import Server, connect
from bot.spread import SpreadHosts
from bot.store import RedisStore
from bot.wire import Cipher
from tests import needs
from tests.contract.errand_kit import Counting, looks, names
from tests.contract.redis_servers import (
    KEY,
    KINDS,
    RunningServer,
    a_job,
    free_port,
    program,
    running,
    told,
    until,
)
from workflows.apps import Host
from workflows.errors import StoreAway
from workflows.model import JobState
from workflows.step import Grip

NAME = "mymaster"
SAFE = ("--appendonly", "yes", "--maxmemory-policy", "noeviction")


def store_at(address: Address) -> RedisStore:
    return RedisStore(connect(address), Cipher((KEY,)), 1.0, prefix="{here}")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[RunningServer, RunningServer, tuple[int, ...]]]:
    """A master, its replica, and three sentinels that watch them."""
    with ExitStack() as ends:
        folders = [tmp_path / name for name in ("one", "two")]
        for folder in folders:
            folder.mkdir()
        master = ends.enter_context(running("valkey", folders[0], *SAFE))
        follow = ("--replicaof", f"127.0.0.1 {master.port}")
        replica = ends.enter_context(running("valkey", folders[1], *SAFE, *follow))
        ports = tuple(ends.enter_context(_sentinel(tmp_path, master.port)) for _ in range(3))
        until(lambda: all(_sees_all(port) for port in ports), 30.0)
        yield master, replica, ports


@contextmanager
def _sentinel(folder: Path, master: int) -> Iterator[int]:
    port = free_port()
    conf = folder / f"sentinel-{port}.conf"
    lines = (
        f"port {port}",
        "bind 127.0.0.1",
        f"sentinel monitor {NAME} 127.0.0.1 {master} 2",
        f"sentinel down-after-milliseconds {NAME} 1000",
        f"sentinel failover-timeout {NAME} 3000",
    )
    conf.write_text("\n".join(lines) + "\n", encoding="utf-8")
    line = [program("valkey"), str(conf), "--sentinel"]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL) as process:
        try:
            yield port
        finally:
            process.kill()


def _sees_all(port: int) -> bool:
    with closing(redis.Redis(port=port)) as asked:
        try:
            seen: Any = asked.sentinel_master(NAME)
        except redis.RedisError:
            return False
    return bool(seen["num-slaves"] == 1 and seen["num-other-sentinels"] == 2)


def test_jobs_go_on_at_the_server_that_the_sentinels_made_master(
    pair: tuple[RunningServer, RunningServer, tuple[int, ...]],
) -> None:
    master, replica, ports = pair
    address = Address(f"redis://{NAME}/0", tuple(("127.0.0.1", port) for port in ports))
    with closing(store_at(address)) as store:
        store.check()
        store.create(a_job(), told("started"))
        until(lambda: _holds(replica))
        master.kill()
        until(lambda: _answers(store), 30.0)
        job = store.load("7Q2")
        store.amend(replace(job, reason="written after the fail-over"), told("amended"))

        with closing(redis.Redis(port=replica.port)) as there:
            held = there.hget("{here}:job:7Q2", "record")
        assert "written after the fail-over" in str(held)


def test_hints_go_through_the_sentinels_too(
    pair: tuple[RunningServer, RunningServer, tuple[int, ...]],
) -> None:
    master, _, ports = pair
    address = Address(f"redis://{NAME}/0", tuple(("127.0.0.1", port) for port in ports))

    DramatiqQueue(open_broker(address)).hint("7Q2")

    with closing(redis.Redis(port=master.port, db=1)) as there:
        assert there.dbsize() > 0


def test_sentinels_that_are_all_away_are_an_outage_that_names_the_server() -> None:
    address = Address(f"redis://{NAME}/0", (("127.0.0.1", free_port()),))

    with closing(store_at(address)) as store, pytest.raises(StoreAway, match=NAME):
        store.load("7Q2")


def test_a_sentinel_that_hangs_and_one_that_is_dead_do_not_use_up_the_time_of_the_next(
    pair: tuple[RunningServer, RunningServer, tuple[int, ...]],
) -> None:
    _, _, ports = pair
    with socket.create_server(("127.0.0.1", 0)) as hung:
        asked = (hung.getsockname()[1], free_port(), ports[0])
        address = Address(f"redis://{NAME}/0", tuple(("127.0.0.1", port) for port in asked))
        began = time.monotonic()
        with closing(store_at(address)) as store:
            store.create(a_job(), told("started"))

    assert time.monotonic() - began < 2.0


def test_sentinels_that_are_all_away_say_why_in_few_words() -> None:
    address = Address(f"redis://:hunter2@{NAME}/0", (("127.0.0.1", free_port()),), "hunter3")

    with closing(store_at(address)) as store, pytest.raises(StoreAway) as away:
        store.load("7Q2")

    assert "ConnectionError" in str(away.value)
    assert "<" not in str(away.value)
    assert "hunter" not in str(away.value)


def _holds(server: RunningServer) -> bool:
    with closing(redis.Redis(port=server.port)) as there:
        return bool(there.exists("{here}:job:7Q2"))


def _answers(store: RedisStore) -> bool:
    try:
        store.load("7Q2")
    except StoreAway:
        return False
    return True


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "redis.crt", folder / "redis.key"
    line = [needs.program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt"]
    line += ["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=redis"]
    line += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(made)]
    subprocess.run(line, check=True, capture_output=True)
    return made, key


@contextmanager
def encrypted(folder: Path, certificate: tuple[Path, Path]) -> Iterator[int]:
    """Debian's redis-server speaks TLS; the embedded Valkey is built without it."""
    made, key = certificate
    plain, port = free_port(), free_port()
    tls = ("--tls-port", str(port), "--tls-auth-clients", "no")
    keys = ("--tls-cert-file", str(made), "--tls-key-file", str(key))
    server = RunningServer(program("redis"), folder, plain, (*SAFE, *tls, *keys))
    server.start()
    try:
        yield port
    finally:
        server.kill()


def test_an_encrypted_redis_serves_whoever_trusts_its_certificate(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    with encrypted(tmp_path, certificate) as port:
        address = Address(f"rediss://127.0.0.1:{port}/0", ca_file=certificate[0])
        with closing(store_at(address)) as store:
            store.create(a_job(), told("started"))

            assert store.load("7Q2").app == "app-b"


def test_an_encrypted_redis_with_a_strangers_certificate_is_refused(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    with encrypted(tmp_path, certificate) as port:
        address = Address(f"rediss://127.0.0.1:{port}/0")  # the system's certificates only

        with (
            closing(store_at(address)) as store,
            pytest.raises(StoreAway, match=r"(?i)certificate"),
        ):
            store.load("7Q2")


def test_an_account_with_few_rights_suffices(tmp_path: Path) -> None:
    with running("valkey", tmp_path, *SAFE) as server:
        with closing(redis.Redis(port=server.port)) as root:
            rights = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8")
            line = next(row for row in rights.splitlines() if row.startswith("ACL SETUSER"))
            root.execute_command(*line.replace("PASSWORD", "secret").split())
        address = Address(f"redis://logmigrate:secret@127.0.0.1:{server.port}/0")

        with closing(RedisStore(connect(address), Cipher((KEY,)))) as store:
            store.check()
            assert store.server().startswith("Valkey ")
            store.create(a_job(), told("started"))
            claim = store.claim("7Q2")
            assert claim is not None
            store.commit(claim, replace(claim.job, reason="moved"), told("moved"))
            DramatiqQueue(open_broker(address)).hint("7Q2")
            assert store.load("7Q2").reason == "moved"
            moved = store.load("7Q2")
            errands = Errands(Server(connect(address), 8.0), Cipher((KEY,)))
            crew = Crew(errands, {"app-b": Fleet(Counting(), Host)}, size=2)
            hosts = SpreadHosts(crew, Grip(lambda: moved))
            assert [result.ok for result in hosts.run(looks(names(5)), "add")] == [True] * 5
            hosts.forget("add")


def test_a_redis_without_room_refuses_whole_and_says_what_to_do(tmp_path: Path) -> None:
    with running("valkey", tmp_path, *SAFE) as server, closing(store_at(server.address)) as store:
        store.create(a_job(), told("started"))
        with closing(redis.Redis(port=server.port)) as root:
            root.config_set("maxmemory", "1")
            with pytest.raises(StoreAway) as full:
                store.create(a_job("8XY", app="app-c"), told("started"))
            root.config_set("maxmemory", "0")

        assert "no room" in str(full.value)
        assert "maxmemory" in full.value.hint
        assert [job.id for job in store.jobs()] == ["7Q2"]
        assert store.holder("app-c") is None


def test_a_redis_without_room_does_not_free_an_app_whose_job_it_cannot_save(
    tmp_path: Path,
) -> None:
    with running("valkey", tmp_path, *SAFE) as server, closing(store_at(server.address)) as store:
        store.create(a_job(), told("started"))
        ended = replace(store.load("7Q2"), state=JobState.SUCCEEDED)
        with closing(redis.Redis(port=server.port)) as root:
            root.config_set("maxmemory", "1")
            with pytest.raises(StoreAway):
                store.amend(ended, told("ended"))

        assert store.holder("app-b") == "7Q2"
        assert store.load("7Q2").state is JobState.QUEUED


@pytest.mark.parametrize("kind", KINDS)
def test_a_redis_without_room_takes_no_claim_from_its_owner(kind: str, tmp_path: Path) -> None:
    with running(kind, tmp_path, *SAFE) as server, closing(store_at(server.address)) as store:
        store.create(a_job(), told("started"))
        claim = store.claim("7Q2")
        assert claim is not None
        with closing(redis.Redis(port=server.port)) as root:
            root.config_set("maxmemory", "1")
            renewed = store.renew(claim)
            claims = root.hget("{here}:job:7Q2", "claim_until")

        assert renewed
        assert claims is not None


def test_a_redis_that_answers_too_slowly_is_an_outage_within_three_seconds(tmp_path: Path) -> None:
    with running("valkey", tmp_path, *SAFE) as server, closing(store_at(server.address)) as store:
        store.create(a_job(), told("started"))
        with closing(redis.Redis(port=server.port)) as root:
            root.execute_command("CLIENT", "PAUSE", 10_000, "ALL")
        began = time.monotonic()
        with pytest.raises(StoreAway):
            store.load("7Q2")

        assert time.monotonic() - began < 3.0


def test_an_answer_that_is_lost_on_its_way_does_not_double_what_was_saved(tmp_path: Path) -> None:
    with (
        running("valkey", tmp_path, *SAFE) as server,
        answers_lost_once(server.port) as port,
        closing(store_at(Address(f"redis://127.0.0.1:{port}/0"))) as store,
    ):
        store.create(a_job(), told("started"))  # its answer is lost; the client asks again

        assert [event.text for _, event in store.events("7Q2")] == ["started"]


@contextmanager
def answers_lost_once(port: int) -> Iterator[int]:
    """A way to the server that ends the connection when the first script's answer comes back."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        lost = threading.Event()
        args = (listener, port, lost)
        threading.Thread(target=_pass_on_all, args=args, daemon=True).start()
        yield listener.getsockname()[1]
        assert lost.is_set(), "no script went through"


def _pass_on_all(listener: socket.socket, port: int, lost: threading.Event) -> None:
    while True:
        try:
            near, _ = listener.accept()
        except OSError:  # the test is over
            return
        threading.Thread(target=_pass_on, args=(near, port, lost), daemon=True).start()


def _pass_on(near: socket.socket, port: int, lost: threading.Event) -> None:
    with near, socket.create_connection(("127.0.0.1", port)) as far:
        while asked := near.recv(1 << 20):
            far.sendall(asked)
            answer = far.recv(1 << 20)
            if b"EVALSHA" in asked and b"NOSCRIPT" not in answer and not lost.is_set():
                lost.set()
                return
            near.sendall(answer)
