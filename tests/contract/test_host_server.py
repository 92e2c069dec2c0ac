"""The sandbox's SSH servers, held to what clients expect of a host."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import asyncssh
import paramiko
import pytest
from fabric import Connection

from sandbox.hosts.keys import key_in
from sandbox.hosts.servers import SshServers
from sandbox.hosts.ssh import ADDRESS, Fault, SshHost

PATIENCE = 10.0


class World:
    """Two servers, their keys and their known_hosts."""

    def __init__(self, folder: Path) -> None:
        self.key_file = folder / "keys" / "ops"
        self.client = key_in(self.key_file)
        self.roots = {name: folder / name for name in ("h1", "h2")}
        for root in self.roots.values():
            root.mkdir()
        self.hosts = {
            name: SshHost(root, key_in(folder / "keys" / f"host_{name}"), self.client)
            for name, root in self.roots.items()
        }
        self.servers = SshServers(self.hosts)
        self.servers.start()
        self.known_hosts = folder / "known_hosts"
        self.known_hosts.write_text("".join(f"{h.known_host}\n" for h in self.hosts.values()))

    def connect(
        self, name: str = "h1", *, user: str = "ops", key_file: Path | None = None
    ) -> paramiko.SSHClient:
        client = paramiko.SSHClient()
        client.load_host_keys(str(self.known_hosts))
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        client.connect(
            ADDRESS,
            self.hosts[name].port,
            user,
            key_filename=str(key_file or self.key_file),
            allow_agent=False,
            look_for_keys=False,
            timeout=PATIENCE,
            banner_timeout=PATIENCE,
        )
        return client

    def run(self, command: str, given: bytes = b"", name: str = "h1") -> tuple[int, bytes, bytes]:
        with self.connect(name) as client:
            stdin, stdout, stderr = client.exec_command(command, timeout=PATIENCE)
            with suppress(OSError):  # a command may end, and its channel close, before it read all
                stdin.write(given)
                stdin.channel.shutdown_write()
            out, err = stdout.read(), stderr.read()
            return stdout.channel.recv_exit_status(), out, err


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    yield world
    world.servers.stop()


@pytest.fixture
def world(servers: World) -> Iterator[World]:
    yield servers
    servers.servers.reset()


def wait_for(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not happen within {PATIENCE:.0f} s")
        threading.Event().wait(0.02)


def test_a_command_really_runs_in_the_hosts_own_folder(world: World) -> None:
    status, out, err = world.run('pwd; echo "$HOME"; mkdir -p etc; echo hi > etc/made; echo no >&2')
    root = str(world.roots["h1"])

    assert (status, out.decode(), err) == (0, f"{root}\n{root}\n", b"no\n")
    assert (world.roots["h1"] / "etc/made").read_text() == "hi\n"
    assert not (world.roots["h2"] / "etc/made").exists()


def test_the_exit_code_comes_back(world: World) -> None:
    assert world.run("exit 37")[0] == 37


def test_a_command_ended_by_a_signal_is_no_success(world: World) -> None:
    assert world.run("kill -9 $$")[0] == -1


def test_input_reaches_the_command_byte_for_byte(world: World) -> None:
    given = bytes(range(256)) * 4096
    status, out, _ = world.run("cat", given)

    assert (status, out == given) == (0, True)


def test_input_that_nobody_reads_does_no_harm(world: World) -> None:
    assert world.run("echo done", b"x" * 200_000) == (0, b"done\n", b"")


def test_much_output_on_both_streams_arrives_whole(world: World) -> None:
    status, out, err = world.run("head -c 3000000 /dev/zero; head -c 50000 /dev/zero >&2")

    assert (status, len(out), len(err)) == (0, 3_000_000, 50_000)


def test_the_environment_is_a_logins_and_not_the_servers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET_OF_THE_SANDBOX", "1")

    assert b"A_SECRET" not in world.run("env")[1]
    assert b"USER=ops\n" in world.run("env")[1]


def test_many_channels_share_a_connection(world: World) -> None:
    with world.connect() as client:
        answers = [client.exec_command(f"cat; echo {number}") for number in range(8)]
        for stdin, _, _ in reversed(answers):
            stdin.channel.shutdown_write()
        said = [stdout.read() for _, stdout, _ in answers]

    assert said == [f"{number}\n".encode() for number in range(8)]


def test_many_connections_are_served_at_once(world: World) -> None:
    codes: list[int] = []
    waiting = "touch waits-$$; while ! test -e gate; do sleep 0.02; done"
    threads = [
        threading.Thread(target=lambda: codes.append(world.run(waiting)[0])) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(list(world.roots["h1"].glob("waits-*"))) == 12, "12 commands under way")
    (world.roots["h1"] / "gate").touch()
    for thread in threads:
        thread.join(PATIENCE)

    assert codes == [0] * 12


def test_fabric_runs_a_command(world: World) -> None:
    kwargs = {"key_filename": str(world.key_file), "allow_agent": False, "look_for_keys": False}
    port = world.hosts["h1"].port
    with Connection(ADDRESS, "ops", port, connect_kwargs=kwargs) as connection:
        result = connection.run("echo from $USER; exit 3", hide=True, warn=True, in_stream=False)

    assert (result.stdout, result.exited) == ("from ops\n", 3)


def test_another_key_is_refused(world: World, tmp_path: Path) -> None:
    key_in(tmp_path / "other")

    with pytest.raises(paramiko.AuthenticationException):
        world.connect(key_file=tmp_path / "other")


def test_another_user_is_refused(world: World) -> None:
    with pytest.raises(paramiko.AuthenticationException):
        world.connect(user="root")


def test_a_password_is_no_way_in(world: World) -> None:
    with pytest.raises(paramiko.AuthenticationException), paramiko.SSHClient() as client:
        client.load_host_keys(str(world.known_hosts))
        client.connect(
            ADDRESS,
            world.hosts["h1"].port,
            "ops",
            password="ops",
            allow_agent=False,
            look_for_keys=False,
        )


def test_every_host_has_a_key_of_its_own_and_a_wrong_one_is_noticed(world: World) -> None:
    first, second = (world.hosts[name].known_host.split()[-1] for name in ("h1", "h2"))
    crossed = f"[{ADDRESS}]:{world.hosts['h1'].port} ssh-ed25519 {second}\n"
    client = paramiko.SSHClient()
    world.known_hosts.with_name("crossed").write_text(crossed)
    client.load_host_keys(str(world.known_hosts.with_name("crossed")))

    assert first != second
    with pytest.raises(paramiko.BadHostKeyException), client:
        client.connect(ADDRESS, world.hosts["h1"].port, "ops", key_filename=str(world.key_file))


def test_the_private_key_is_readable_for_its_owner_only(world: World) -> None:
    assert world.key_file.stat().st_mode & 0o777 == 0o600


def test_file_transfer_is_not_offered(world: World) -> None:
    with world.connect() as client, pytest.raises(paramiko.SSHException):
        client.open_sftp()


def test_a_shell_without_a_command_is_declined_in_words(world: World) -> None:
    with world.connect() as client:
        transport = client.get_transport()
        assert transport is not None
        channel = transport.open_session(timeout=PATIENCE)
        channel.invoke_shell()
        said = channel.makefile_stderr().read()

    assert b"only commands" in said
    assert channel.recv_exit_status() == 126


def started(world: World, command: str) -> int:
    """Start a command whose client then goes away; its process id."""
    pid_file = world.roots["h1"] / "pid"
    pid_file.unlink(missing_ok=True)
    with world.connect() as client:
        client.exec_command(f"echo $$ > pid; {command}")
        wait_for(lambda: pid_file.exists() and pid_file.read_text().strip(), "the command's start")
    return int(pid_file.read_text())


def test_a_silent_command_goes_on_when_its_client_goes_away(world: World) -> None:
    started(world, "while ! test -e go; do sleep 0.02; done; touch went-on")
    (world.roots["h1"] / "go").touch()

    wait_for((world.roots["h1"] / "went-on").exists, "the rest of the command")


def test_a_command_that_speaks_to_a_client_gone_away_ends(world: World) -> None:
    pid = started(world, "while :; do echo still here; sleep 0.05; done")

    wait_for(lambda: not Path(f"/proc/{pid}").exists(), "the command's end")


def test_stopping_the_servers_ends_what_still_runs(tmp_path: Path) -> None:
    own = World(tmp_path)
    pid = started(own, "sleep 600")
    own.servers.stop()

    wait_for(lambda: not Path(f"/proc/{pid}").exists(), "the command's end")


def test_a_host_that_is_down_refuses_the_connection_and_comes_back_on_its_port(
    world: World,
) -> None:
    port = world.hosts["h1"].port
    world.servers.break_("h1", Fault.DOWN)

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((ADDRESS, port), PATIENCE)
    assert world.run("echo h2", name="h2")[1] == b"h2\n"
    world.servers.mend("h1")
    assert world.run("echo back")[1] == b"back\n"
    assert world.hosts["h1"].port == port


def test_going_down_cuts_who_is_connected(world: World) -> None:
    client = world.connect()
    world.servers.break_("h1", Fault.DOWN)
    transport = client.get_transport()

    assert transport is not None
    wait_for(lambda: not transport.is_active(), "the cut")


def test_a_mute_host_takes_the_connection_and_says_nothing(world: World) -> None:
    world.servers.break_("h1", Fault.MUTE)
    with socket.create_connection((ADDRESS, world.hosts["h1"].port), PATIENCE) as mute:
        mute.settimeout(0.3)

        with pytest.raises(TimeoutError):
            mute.recv(1)


def test_a_host_without_auth_refuses_the_right_key(world: World) -> None:
    world.servers.break_("h1", Fault.NO_AUTH)

    with pytest.raises(paramiko.AuthenticationException):
        world.connect()


def test_a_host_that_denies_commands_lets_in_and_runs_nothing(world: World) -> None:
    world.servers.break_("h1", Fault.DENIED)
    status, out, err = world.run("touch denied")

    assert (status, out) == (126, b"")
    assert b"may not run commands" in err
    assert not (world.roots["h1"] / "denied").exists()


def test_reset_mends_every_host(world: World) -> None:
    world.servers.break_("h1", Fault.DOWN)
    world.servers.break_("h2", Fault.NO_AUTH)
    world.servers.reset()

    assert [world.run("echo ok", name=name)[1] for name in ("h1", "h2")] == [b"ok\n"] * 2


def test_an_unknown_host_cannot_be_broken(world: World) -> None:
    with pytest.raises(KeyError, match="h1, h2"):
        world.servers.break_("h9", Fault.DOWN)


def test_keys_are_found_again(tmp_path: Path) -> None:
    first = key_in(tmp_path / "k")

    assert key_in(tmp_path / "k") == first
    assert isinstance(first, asyncssh.SSHKey)
