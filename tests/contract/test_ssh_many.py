"""Many hosts at a time: the dead, the slow and the endless keep none of the others waiting."""

from __future__ import annotations

import gc
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.ssh import FabricHosts, SshTarget
from tests.contract.host_worlds import Script
from tests.contract.openssh import ADDRESS, OpenSsh
from tests.contract.ssh_kit import HELLO, refused, run
from workflows.model import HostResult

TIMEOUT = 2.0


@contextmanager
def dead_ports() -> Iterator[list[int]]:
    """A refusing port, a mute one and one behind which everything vanishes."""
    with ExitStack() as stack:
        refusing, mute, hole = (stack.enter_context(socket.socket()) for _ in range(3))
        for server in (refusing, mute, hole):
            server.bind((ADDRESS, 0))
        mute.listen(256)
        hole.listen(0)
        for _ in range(3):  # a full queue: the kernel drops what else comes
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(hole.getsockname())
        yield [server.getsockname()[1] for server in (refusing, mute, hole)]


def test_dead_hosts_cost_one_timeout_and_not_one_each(target: SshTarget, known: Path) -> None:
    # All dead ones first, and far more of them than talk at a time.
    with dead_ports() as ports:
        targets = {f"d{n}": replace(target, name=f"d{n}", port=ports[n % 3]) for n in range(60)}
        targets |= {f"h{n}": replace(target, name=f"h{n}") for n in range(10)}
        hosts = FabricHosts(targets, known, 5, connect=TIMEOUT, banner=TIMEOUT)
        began, live = time.monotonic(), list[float]()

        results = hosts.run(
            {name: Script(HELLO) for name in targets},
            lambda one: live.append(time.monotonic() - began) if one.ok else None,
        )

    took = time.monotonic() - began
    assert [one.ok for one in results] == [False] * 60 + [True] * 10
    assert len({one.said.split(":")[0].split(" ")[0] for one in results[:3]}) == 2
    # Twelve turns of five would take 16 s, were the dead ones dialled in the places of the live.
    assert took < max(live) + 2 * TIMEOUT


def test_each_result_is_heard_as_it_comes_and_they_are_returned_in_order(
    target: SshTarget, known: Path, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    gate.write_text("")
    slow = f"while [ -e {gate} ]; do sleep 0.1; done; echo slow"
    heard: list[str] = []

    def note(one: HostResult) -> None:
        heard.append(one.host)
        gate.unlink(missing_ok=True)  # the first one that is heard lets the other go

    hosts = FabricHosts({name: replace(target, name=name) for name in ("h1", "h2")}, known)
    results = hosts.run({"h1": Script(slow), "h2": Script(HELLO)}, note)

    assert heard == ["h2", "h1"]
    assert [(one.host, one.said) for one in results] == [("h1", "slow"), ("h2", "hello")]


class Lost(Exception):
    """Somebody else has the job now."""


def test_what_the_listener_raises_ends_the_run_and_cuts_off_what_is_under_way(
    target: SshTarget, known: Path
) -> None:
    names = [f"h{n}" for n in range(40)]
    commands = {name: Script("sleep 50") for name in names} | {"h0": Script(HELLO)}
    hosts = FabricHosts({name: replace(target, name=name) for name in names}, known, 4)

    def give_up(_: HostResult) -> None:
        raise Lost

    began = time.monotonic()
    with pytest.raises(Lost):
        hosts.run(commands, give_up)

    assert time.monotonic() - began < 30


def test_no_more_hosts_are_talked_to_than_allowed(
    target: SshTarget, known: Path, tmp_path: Path
) -> None:
    count = f"touch {tmp_path}/$$.in; ls {tmp_path}/*.in | wc -l; sleep 0.3; rm {tmp_path}/$$.in"
    names = [f"h{n}" for n in range(12)]
    hosts = FabricHosts({name: replace(target, name=name) for name in names}, known, 3)

    results = hosts.run({name: Script(count) for name in names})

    assert max(int(one.said) for one in results) <= 3


@contextmanager
def trickle(first: bytes) -> Iterator[int]:
    """A port that greets with `first` and then sends a byte each tenth of a second."""
    done = threading.Event()
    with socket.socket() as server:
        server.bind((ADDRESS, 0))
        server.listen()

        def serve() -> None:
            caller, _ = server.accept()
            with caller, suppress(OSError):
                caller.sendall(first)
                while not done.wait(0.1):
                    caller.sendall(b"x")

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        done.set()
        thread.join(30)


@pytest.mark.parametrize("first", [b"S", b"SSH-2.0-slow\r\n", b"SSH-2.0-slow\r\n\0\0\x04\0"])
def test_a_host_that_trickles_is_given_up_at_its_deadline(
    target: SshTarget, known: Path, first: bytes
) -> None:
    with trickle(first) as port:
        result = run(replace(target, port=port), known, banner=0.5, auth=0.5)

    assert "h2" in refused(result)
    assert result.seconds < 5


def test_a_command_that_trickles_is_given_up_at_its_deadline(
    target: SshTarget, known: Path
) -> None:
    result = run(target, known, "while :; do echo x; sleep 0.1; done", command=1.0)

    assert "no end within 1 s" in refused(result)
    assert result.seconds < 10


def test_a_host_that_takes_no_more_logins_says_so(tmp_path: Path, target: SshTarget) -> None:
    sshd = OpenSsh(tmp_path, "MaxStartups 1\nLoginGraceTime 30\n")
    full = replace(target, port=sshd.port, key_file=sshd.key_file)
    with socket.create_connection((ADDRESS, sshd.port)) as first:
        first.recv(1)  # now its one place is taken

        said = refused(run(full, sshd.known_hosts))
    sshd.stop()

    assert said.startswith(f"waiting for the SSH banner of {full.place}: it turns logins away")
    assert "MaxStartups" in said


def test_a_host_that_the_settings_do_not_name_may_be_known_otherwise(
    target: SshTarget, known: Path
) -> None:
    def fallback(name: str) -> SshTarget | None:
        return replace(target, name=name) if name == "10.0.0.7" else None

    hosts = FabricHosts({}, known, fallback=fallback)
    results = hosts.run({"10.0.0.7": Script(HELLO), "10.0.0.8": Script(HELLO)})

    assert [one.said for one in results] == [
        "hello",
        "looking for 10.0.0.8: no such host; add it under [hosts]",
    ]


def test_the_collector_is_as_before_after_runs_that_overlap(target: SshTarget, known: Path) -> None:
    before = (gc.get_threshold(), gc.get_freeze_count(), gc.isenabled())
    hosts = FabricHosts({"h2": target}, known)
    frozen: list[int] = []
    runs = [
        threading.Thread(
            target=hosts.run,
            args=(
                {"h2": Script(f"sleep {pause}; echo x")},
                lambda _: frozen.append(gc.get_freeze_count()),
            ),
        )
        for pause in (0.1, 0.5)
    ]
    for one in runs:
        one.start()
    for one in runs:
        one.join(30)

    assert (gc.get_threshold(), gc.get_freeze_count(), gc.isenabled()) == before
    assert len(frozen) == 2
    assert min(frozen) > before[1]


def test_no_thread_outlives_its_run(target: SshTarget, known: Path) -> None:
    before = set(threading.enumerate())

    run(target, known)
    run(target, known, "sleep 20", command=0.5)

    left = set(threading.enumerate()) - before
    for one in left:  # paramiko's own may take a moment to see that its socket is closed
        one.join(5)
    assert not [one for one in left if one.is_alive()]
