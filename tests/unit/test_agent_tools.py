"""A host's own tools answer for that host alone, as the real ones would, and to few calls only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.hosts.illness import Illness
from tests.unit.ill_kit import Ward, wait_for

SERVER = "logtail.cn-hangzhou-intranet.log.aliyuncs.com"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    with Ward(tmp_path_factory.mktemp("ward")) as ward:
        yield ward


@pytest.fixture
def ward(shared: Ward) -> Iterator[Ward]:
    yield shared
    shared.fleet.reset()


def agents(ward: Ward, name: str = "h1") -> list[list[str]]:
    """pid, parent and program of each process of an agent."""
    said = ward.run(name, "ps -eo pid=,ppid=,args=")[1]
    rows = [line.split(None, 2) for line in said.splitlines()]
    return [row for row in rows if row[2].endswith("/ilogtail")]


def test_ps_shows_daemon_and_worker_with_the_program_of_the_hosts_own_folder(ward: Ward) -> None:
    daemon, worker = agents(ward)

    assert (daemon[1], worker[1]) == ("1", daemon[0])
    assert daemon[2] == worker[2] == str(ward.fleet.root("h1") / "usr/local/ilogtail/ilogtail")
    assert not Path(f"/proc/{daemon[0]}").exists()


def test_ps_shows_none_of_a_stopped_agent_and_new_ones_after_its_start(ward: Ward) -> None:
    before = agents(ward)
    ward.run("h1", "etc/init.d/ilogtaild stop")
    stopped = agents(ward)
    ward.run("h1", "etc/init.d/ilogtaild start")
    after = agents(ward)

    assert (len(before), stopped, len(after)) == (2, [], 2)
    assert before[0][0] != after[0][0]


def test_ps_shows_two_processes_more_where_a_second_agent_runs(ward: Ward) -> None:
    ward.fleet.afflict("h1", Illness.AGENTS_DUPLICATED)

    assert (len(agents(ward)), len(agents(ward, "h2"))) == (4, 2)


def test_ps_in_full_names_the_same_processes(ward: Ward) -> None:
    code, said, _ = ward.run("h1", "ps -ef")
    pids = [line.split()[1] for line in said.splitlines() if line.endswith("/ilogtail")]

    assert code == 0
    assert pids == [pid for pid, *_ in agents(ward)]


def test_ps_shows_the_environment_of_an_agents_process_and_of_no_other(ward: Ward) -> None:
    ward.fleet.afflict("h1", Illness.ENV_OVERRIDE)
    pid = agents(ward)[0][0]
    code, said, _ = ward.run("h1", f"ps eww -o args= -p {pid}")

    assert code == 0
    assert " ALIYUN_LOGTAIL_USER_ID=1999999999999999 " in said
    assert " ALIYUN_LOGTAIL_USER_DEFINED_ID=someone-else\n" in said
    assert ward.run("h1", "ps eww -o args= -p 2") == (1, "", "")


def test_getent_knows_the_service_and_the_host_itself(ward: Ward) -> None:
    found = [ward.run("h1", f"getent hosts {name}")[:2] for name in (SERVER, "h1", "h2")]

    assert [code for code, _ in found] == [0, 0, 2]
    assert found[0][1].split() == ["100.100.80.23", SERVER]
    assert found[1][1].split() == ["10.0.0.11", "h1"]


def test_curl_shows_what_a_config_server_says(ward: Ward) -> None:
    for url in (f"http://{SERVER}", SERVER, f"http://{SERVER}/x"):
        code, said, _ = ward.run("h1", f"curl -sS -m 3 {url}")

        assert code == 0
        assert "OLSInvalidMethod" in said


@pytest.mark.parametrize(
    ("illness", "code", "said"),
    [
        (Illness.DNS, 6, f"curl: (6) Could not resolve host: {SERVER}\n"),
        (Illness.NETWORK_REFUSED, 7, f"curl: (7) Failed to connect to {SERVER} port 80 after"),
        (Illness.NETWORK_SILENT, 28, "curl: (28) Connection timed out after 1001 milliseconds\n"),
    ],
)
def test_curl_fails_as_the_network_does(ward: Ward, illness: Illness, code: int, said: str) -> None:
    ward.fleet.afflict("h1", illness)
    began = time.monotonic()
    found = ward.run("h1", f"curl -sS -m 1 http://{SERVER}")
    took = time.monotonic() - began
    resolved = ward.run("h1", f"getent hosts {SERVER}")[0]

    assert (found[0], found[1]) == (code, "")
    assert found[2].startswith(said)
    assert (took >= 1.0) is (illness is Illness.NETWORK_SILENT)
    assert (resolved == 2) is (illness is Illness.DNS)


def test_date_shows_the_hosts_own_clock(ward: Ward) -> None:
    ward.fleet.afflict("h1", Illness.CLOCK_SKEW)
    ahead = [int(ward.run(name, "date -u +%s")[1]) - time.time() for name in ("h1", "h2")]

    assert ahead == [pytest.approx(1200, abs=5), pytest.approx(0, abs=5)]
    assert ward.run("h1", "date")[0] == 0


def test_df_and_mount_show_how_the_disk_is(ward: Ward) -> None:
    well = [ward.run("h1", command)[1] for command in ("df -P etc", "df -Pi etc", "mount")]
    ward.fleet.afflict("h1", Illness.DISK_FULL)
    full = [ward.run("h1", command)[1] for command in ("df -P etc", "df -Pi")]
    ward.fleet.heal("h1")
    ward.fleet.afflict("h1", Illness.DISK_READ_ONLY)

    assert [line.splitlines()[1].split()[4] for line in well[:2]] == ["30%", "4%"]
    assert well[2] == "/dev/vda1 on / type ext4 (rw,relatime)\n"
    assert [line.splitlines()[1].split()[3:] for line in full] == [["0", "100%", "/"]] * 2
    assert ward.run("h1", "mount")[1] == "/dev/vda1 on / type ext4 (ro,relatime)\n"


def test_df_of_what_is_not_there_says_so(ward: Ward) -> None:
    assert ward.run("h1", "df -P gone") == (1, "", "df: gone: No such file or directory\n")


def test_sudo_runs_what_it_is_told_unless_it_wants_a_password(ward: Ward) -> None:
    free = ward.run("h1", "echo 'echo hi' | sudo -n -- /bin/sh -s")
    ward.fleet.afflict("h1", Illness.SUDO_REFUSED)

    assert free == (0, "hi\n", "")
    assert ward.run("h1", "sudo -n true") == (1, "", "sudo: a password is required\n")


@pytest.mark.parametrize(
    "call",
    [
        "ps aux",
        "ps",
        "ps eww -o args= -p x",
        "curl http://x",
        "curl -sS -m x y",
        "getent passwd root",
        "date -R",
        "df -h",
        "mount -a",
        "sudo id",
    ],
)
def test_a_call_that_nobody_needs_is_answered_with_the_usage(ward: Ward, call: str) -> None:
    code, out, err = ward.run("h1", call)

    assert (code, out) == (2, "")
    assert err


def test_there_is_no_systemd(ward: Ward) -> None:
    assert ward.run("h1", "systemctl status ilogtaild")[0] == 1


def test_what_is_no_tool_of_the_host_is_the_machines_own(ward: Ward) -> None:
    assert ward.run("h1", "wc -c </dev/null")[:2] == (0, "0\n")


def test_a_clean_restart_is_seen_at_once_by_all_tools(ward: Ward) -> None:
    before = agents(ward)
    said = ward.run("h1", "etc/init.d/ilogtaild restart; ps -eo pid=,ppid=,args=")[1]

    assert "ilogtail is running" in said
    assert before[0][0] not in said
    wait_for(lambda: len(agents(ward)) == 2, "both processes")
