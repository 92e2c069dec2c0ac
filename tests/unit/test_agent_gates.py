"""The ways in which a host cannot be reached, or can be and is of no use."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from sandbox.hosts import shells
from sandbox.hosts.illness import Illness
from sandbox.hosts.ssh import ADDRESS, Fault, Flake
from tests.needs import lacking
from tests.unit.ill_kit import Ward

CUT = (paramiko.SSHException, EOFError, OSError)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    with Ward(tmp_path_factory.mktemp("ward")) as ward:
        yield ward


@pytest.fixture
def ward(shared: Ward) -> Iterator[Ward]:
    yield shared
    shared.fleet.reset()


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    with Ward(tmp_path_factory.mktemp("behind"), jump=True) as ward:
        yield ward


def port(ward: Ward, name: str = "h1") -> int:
    return next(host.port for host in ward.fleet.hosts if host.name == name)


@pytest.mark.parametrize(
    ("illness", "error"),
    [
        (Illness.REFUSED, OSError),
        (Illness.BLACK_HOLE, TimeoutError),
        (Illness.HANG_UP, paramiko.SSHException),
        (Illness.MUTE, paramiko.SSHException),
        (Illness.AUTH_REFUSED, paramiko.AuthenticationException),
        (Illness.HOST_KEY_CHANGED, paramiko.BadHostKeyException),
    ],
)
def test_each_way_to_be_out_of_reach_shows_as_itself_and_is_healed(
    ward: Ward, illness: Illness, error: type[Exception]
) -> None:
    before = port(ward)
    ward.fleet.afflict("h1", illness)

    with pytest.raises(error):
        ward.connect("h1")
    assert ward.run("h2", "echo hi")[1] == "hi\n"
    ward.fleet.heal("h1")
    assert ward.run("h1", "echo back")[1] == "back\n"
    assert port(ward) == before


def test_a_black_hole_does_not_even_answer_the_connection(ward: Ward) -> None:
    ward.fleet.afflict("h1", Illness.BLACK_HOLE)

    with pytest.raises(TimeoutError):
        socket.create_connection((ADDRESS, port(ward)), 0.5)


def test_an_illness_that_comes_or_goes_leaves_a_fault_that_was_set_by_hand(ward: Ward) -> None:
    ward.fleet.break_("h1", Fault.DOWN)
    ward.fleet.afflict("h1", Illness.DNS)
    ward.fleet.heal("h1")

    with pytest.raises(OSError, match="Unable to connect"):
        ward.connect("h1")


def test_a_shell_may_print_a_banner_and_still_do_its_work(ward: Ward) -> None:
    ward.fleet.afflict("h1", Illness.SHELL_BANNER)
    code, said, _ = ward.run("h1", "echo 'echo hi; exit 3' | /bin/sh -s")

    assert (code, said) == (3, f"{shells.BANNER}hi\n")


def test_a_shell_may_do_nothing_and_call_it_a_success(ward: Ward) -> None:
    ward.fleet.afflict("h1", Illness.SHELL_SILENT)
    answer = ward.run("h1", "touch made; echo hi")

    assert answer == (0, "", "")
    assert not (ward.fleet.root("h1") / "made").exists()


def test_an_account_may_be_no_longer_for_logging_in(ward: Ward) -> None:
    ward.fleet.afflict("h1", Illness.SHELL_ENDS)

    assert ward.run("h1", "echo hi") == (1, f"{shells.NO_LOGIN}\n", "")


@pytest.mark.parametrize(
    ("illness", "words"),
    [
        (Illness.DISK_FULL, "No space left on device"),
        (Illness.DISK_READ_ONLY, "Read-only file system"),
    ],
)
def test_a_command_really_cannot_write_to_such_a_disk(
    ward: Ward, illness: Illness, words: str
) -> None:
    if not shells.can_mount():
        lacking("the right to mount", "run as root, or allow user namespaces")
    root = ward.fleet.root("h1")
    before = (root / "etc/ilogtail/user_defined_id").read_bytes()
    ward.fleet.afflict("h1", illness)
    tries = ("echo x >>etc/ilogtail/user_defined_id", "touch etc/ilogtail/new", "mkdir etc/new")
    answers = [ward.run("h1", one) for one in tries]
    readable = ward.run("h1", "cat etc/ilogtail/user_defined_id")[1]
    ward.fleet.heal("h1")

    assert all(code and words in err for code, _, err in answers)
    assert readable.encode() == before == (root / "etc/ilogtail/user_defined_id").read_bytes()
    assert not (root / "etc/new").exists()
    assert ward.run("h1", "mkdir etc/new && rmdir etc/new")[0] == 0


def test_a_flaky_host_hangs_up_on_its_share_of_connections_and_no_more(ward: Ward) -> None:
    ward.fleet.flaky("h1", 0.5, seed=7)
    went = []
    for _ in range(12):
        try:
            went.append(ward.run("h1", "echo hi")[1] == "hi\n")
        except CUT:
            went.append(False)
    same = Flake(0.5, "7:h1")

    assert went == [not same.hangs_up() for _ in range(12)]
    assert 0 < sum(went) < 12


def test_behind_a_jump_host_nobody_answers_directly(behind: Ward) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((ADDRESS, port(behind)), 2.0)


def through(ward: Ward, jump: paramiko.SSHClient, to: int) -> paramiko.Channel:
    transport = jump.get_transport()
    assert transport is not None
    return transport.open_channel("direct-tcpip", (ADDRESS, to), (ADDRESS, 0), timeout=5.0)


def test_a_jump_host_leads_to_each_host_at_its_own_address(behind: Ward) -> None:
    roots = []
    with behind.log_in(behind.fleet.jump) as jump:
        for name in ("h1", "h2"):
            way = through(behind, jump, port(behind, name))
            with behind.connect(name, sock=way) as client:
                roots.append(client.exec_command("pwd")[1].read().decode().strip())

    assert roots == [str(behind.fleet.root(name)) for name in ("h1", "h2")]


def test_a_jump_host_leads_nowhere_else(behind: Ward) -> None:
    with (
        behind.log_in(behind.fleet.jump) as jump,
        pytest.raises(paramiko.ChannelException, match="prohibited"),
    ):
        through(behind, jump, behind.fleet.jump)


def test_an_ordinary_host_leads_nowhere(ward: Ward) -> None:
    with ward.connect("h1") as client, pytest.raises(paramiko.ChannelException):
        through(ward, client, port(ward, "h2"))


def test_a_host_behind_a_jump_host_can_be_ill_as_any_other(behind: Ward) -> None:
    behind.fleet.afflict("h1", Illness.REFUSED)
    with behind.log_in(behind.fleet.jump) as jump, pytest.raises(paramiko.ChannelException):
        through(behind, jump, port(behind))
    behind.fleet.heal("h1")

    with behind.log_in(behind.fleet.jump) as jump:
        assert through(behind, jump, port(behind)).active


def test_a_fleet_without_a_jump_host_says_so(tmp_path: Path, ward: Ward) -> None:
    assert ward.fleet.jump == 0
