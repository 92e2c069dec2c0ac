"""Hosts that do not answer, or answer something else, on sockets that misbehave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest
from paramiko.common import AUTH_FAILED

from bot.ssh import SshTarget
from tests.contract.openssh import ADDRESS, OpenSsh
from tests.contract.ssh_kit import refused, run
from workflows.model import HostResult


def test_a_refused_connection_is_told(target: SshTarget, known: Path) -> None:
    with socket.socket() as closed:
        closed.bind((ADDRESS, 0))
        port = closed.getsockname()[1]

        said = refused(run(replace(target, port=port), known))

    assert said == f"connecting to h2 ({ADDRESS}:{port}): connection refused"


def test_a_name_that_does_not_resolve_is_told(target: SshTarget, known: Path) -> None:
    said = refused(run(replace(target, address="no host"), known))

    assert said.startswith("resolving no host for h2: ")


@contextmanager
def listener(*, backlog: int = 5) -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind((ADDRESS, 0))
        server.listen(backlog)
        yield server


def test_a_connection_that_nobody_answers_is_given_up(target: SshTarget, known: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(listener(backlog=0))
        for _ in range(3):  # a full queue: the kernel drops what else comes
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(server.getsockname())
        port = server.getsockname()[1]

        said = refused(run(replace(target, port=port), known, connect=0.3))

    assert said == f"connecting to h2 ({ADDRESS}:{port}): no answer within 0.3 s"


def test_a_host_that_never_greets_is_given_up(target: SshTarget, known: Path) -> None:
    with listener() as server:
        port = server.getsockname()[1]

        said = refused(run(replace(target, port=port), known, banner=0.3))

    assert said == f"waiting for the SSH banner of h2 ({ADDRESS}:{port}): none within 0.3 s"


@contextmanager
def greeter(greeting: bytes, *, hold: bool) -> Iterator[int]:
    """A port that greets each caller, and then keeps silent or hangs up."""
    done = threading.Event()
    with listener() as server:

        def serve() -> None:
            caller, _ = server.accept()
            with caller:
                caller.sendall(greeting)
                if hold:
                    done.wait(30)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        done.set()
        thread.join(30)


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_host_that_hangs_up_instead_of_greeting_is_told(
    target: SshTarget, known: Path, greeting: bytes
) -> None:
    with greeter(greeting, hold=False) as port:
        said = refused(run(replace(target, port=port), known))

    assert said.startswith(f"waiting for the SSH banner of h2 ({ADDRESS}:{port}): it hung up")


def test_a_host_that_greets_and_then_keeps_silent_is_given_up(
    target: SshTarget, known: Path
) -> None:
    with greeter(b"SSH-2.0-silent\r\n", hold=True) as port:
        said = refused(run(replace(target, port=port), known, banner=0.3, auth=0.3))

    assert said == f"agreeing on keys with h2 ({ADDRESS}:{port}): no end within 0.6 s"


class Ponderer(paramiko.ServerInterface):
    """Thinks about each key until it is told to stop."""

    def __init__(self) -> None:
        self.done = threading.Event()

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self.done.wait(30)
        return AUTH_FAILED


def test_a_login_that_nobody_answers_is_given_up(
    sshd: OpenSsh, target: SshTarget, tmp_path: Path
) -> None:
    ponderer, known = Ponderer(), tmp_path / "known_hosts"
    with listener() as server:
        port = server.getsockname()[1]
        known.write_text(sshd.line("ed25519", f"[{ADDRESS}]:{port}"))
        result: list[HostResult] = []
        place = replace(target, port=port)
        asking = threading.Thread(target=lambda: result.append(run(place, known, auth=0.5)))
        asking.start()
        transport = paramiko.Transport(server.accept()[0])
        transport.add_server_key(paramiko.Ed25519Key(filename=str(sshd.host_keys["ed25519"])))
        transport.start_server(server=ponderer)
        asking.join(30)
        ponderer.done.set()
        transport.close()

    said = refused(result[0])
    assert said.startswith(f"logging in to {place.place} as {target.user} with the key")
    assert said.endswith("no answer within 0.5 s")
