"""Hosts behind a jump host, on two real sshds."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.ssh import FabricHosts, SshTarget
from tests.contract.host_worlds import Script
from tests.contract.openssh import ADDRESS, OpenSsh, make_key
from tests.contract.ssh_kit import HELLO, refused, run


@pytest.fixture(scope="module")
def bastion(sshd: OpenSsh, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    server = OpenSsh(tmp_path_factory.mktemp("bastion"))
    yield server
    server.stop()


@pytest.fixture
def behind(target: SshTarget, bastion: OpenSsh, known: Path) -> SshTarget:
    """The host h2, which is reached through the bastion; both are known."""
    with known.open("a") as file:
        file.write(bastion.line("ed25519"))
    jump = SshTarget("bastion", ADDRESS, bastion.port, bastion.user, bastion.key_file)
    return replace(target, jump=jump)


def test_a_host_behind_another_is_reached_through_it(
    behind: SshTarget, known: Path, bastion: OpenSsh
) -> None:
    result = run(behind, known, 'echo "$SSH_CONNECTION"; ps -o ppid= -p $$')

    assert result.ok, result.said
    assert result.said.split()[3] == str(behind.port)


def test_many_hosts_share_one_connection_to_the_jump_host(behind: SshTarget, known: Path) -> None:
    names = [f"h{n}" for n in range(20)]
    heard: list[str] = []
    hosts = FabricHosts({name: replace(behind, name=name) for name in names}, known)
    # Each host sees the process on the bastion that its bytes come from by the port it has there;
    # one sshd of the bastion owns them all.
    owner = (
        "set -- $SSH_CONNECTION; from=:$(printf %04X $2)$ to=:$(printf %04X $4)$; "
        "inode=$(awk -v a=$from -v b=$to '$2 ~ a && $3 ~ b {print $10; exit}' /proc/net/tcp); "
        "for f in /proc/[0-9]*/fd/*; do "
        '[ "$(readlink $f)" = "socket:[$inode]" ] && echo $f | cut -d/ -f3; done | sort -u | head -1'
    )

    results = hosts.run({name: Script(owner) for name in names}, lambda one: heard.append(one.host))

    assert all(result.ok for result in results), [result.said for result in results]
    (pid,) = {result.said for result in results}
    assert pid.isdigit()
    assert sorted(heard) == sorted(names)


def test_a_jump_host_with_an_unknown_key_lets_nothing_through(
    behind: SshTarget, known: Path, sshd: OpenSsh
) -> None:
    known.write_text(sshd.line("ed25519"))

    said = refused(run(behind, known))

    assert said.startswith(f"reaching {behind.place} through bastion: connecting to bastion (")
    assert "its host key is unknown" in said


def test_a_host_behind_a_known_one_is_no_more_trusted_for_it(
    behind: SshTarget, known: Path, bastion: OpenSsh
) -> None:
    known.write_text(bastion.line("ed25519"))

    said = refused(run(behind, known))

    assert said.startswith(f"connecting to {behind.place}: its host key is unknown")


def test_each_target_has_its_own_key(behind: SshTarget, known: Path, tmp_path: Path) -> None:
    stranger = make_key(tmp_path / "stranger")
    assert behind.jump

    jump = refused(run(replace(behind, jump=replace(behind.jump, key_file=stranger)), known))
    host = refused(run(replace(behind, key_file=stranger), known))

    assert jump.startswith(f"reaching {behind.place} through bastion: logging in to bastion")
    assert host.startswith(f"logging in to {behind.place}")


def test_a_jump_host_that_refuses_is_named(behind: SshTarget, known: Path) -> None:
    with socket.socket() as closed:
        closed.bind((ADDRESS, 0))
        port = closed.getsockname()[1]
        assert behind.jump

        said = refused(run(replace(behind, jump=replace(behind.jump, port=port)), known))

    assert said == (
        f"reaching {behind.place} through bastion: "
        f"connecting to bastion ({ADDRESS}:{port}): connection refused"
    )


def test_a_jump_host_that_does_not_get_through_says_so(behind: SshTarget, known: Path) -> None:
    with socket.socket() as closed:
        closed.bind((ADDRESS, 0))
        port = closed.getsockname()[1]
        place = replace(behind, port=port)

        said = refused(run(place, known))

    assert said.startswith(f"reaching {place.place} through bastion: it does not connect")


def test_a_mute_host_behind_a_jump_host_is_given_up(behind: SshTarget, known: Path) -> None:
    with socket.socket() as mute:
        mute.bind((ADDRESS, 0))
        mute.listen()
        place = replace(behind, port=mute.getsockname()[1])

        said = refused(run(place, known, banner=0.4))

    assert said == f"waiting for the SSH banner of {place.place}: none within 0.4 s"


def test_a_jump_host_may_have_a_jump_host(behind: SshTarget, known: Path) -> None:
    assert behind.jump
    first = replace(behind.jump, name="first")

    result = run(replace(behind, jump=replace(behind.jump, jump=first)), known, HELLO)

    assert result.said == "hello"
