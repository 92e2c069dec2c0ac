"""The script that examines, in the shells that hosts have, on a folder and on this machine."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests import needs
from tests.fake_agent import AGENT, REACHED
from tests.unit.shell_kit import ACCOUNT, OURS, last_word, said, tree, trouble
from tests.unit.test_command_shells import shell
from workflows.apps import Host
from workflows.errors import StepFailed
from workflows.steps.on_host.examine import Examine, Restart
from workflows.steps.on_host.packing import pack, unpack
from workflows.steps.silence.state import Content, HostState, Process

SERVER = "http://logtail.cn-hangzhou-intranet.log.aliyuncs.com"
NAME = "logtail.cn-hangzhou-intranet.log.aliyuncs.com"
STRICT = '[ "$*" = "{called}" ] || {{ echo "usage: $*" >&2; exit 2; }}\n{body}'
TOOLS = {
    "ps": (
        'case "$*" in\n'
        f'"-eo pid=,ppid=,args=") printf "%s\\n" "1 0 init" "4100001 1 {AGENT}" '
        f'"4100002 4100001 {AGENT}" "9 1 tail -f /usr/local/ilogtail/ilogtail.LOG" ;;\n'
        f'"eww -o args= -p 4100001") echo "{AGENT} LANG=C ALIYUN_LOGTAIL_USER_ID=77" ;;\n'
        '"eww -o args= -p 4100002") exit 1 ;;\n'
        "*) exit 2 ;; esac"
    ),
    "curl": STRICT.format(called=f"-sS -m 3 {SERVER}", body=f"printf '%s' '{REACHED}'"),
    "getent": STRICT.format(called=f"hosts {NAME}", body=f"echo 100.100.80.23 {NAME}"),
    "date": STRICT.format(called="-u +%s", body="echo 1700000000"),
    "mount": 'echo "/dev/vda1 on / type ext4 (rw,relatime)"',
    "df": 'echo Filesystem; case "$1" in -P | -Pi) echo "/dev/vda1 9 4 5 44% /" ;; *) exit 2 ;; esac',
}

FEW = (
    *("cat", "cut", "date", "find", "grep", "head", "id", "ls"),
    *("od", "sed", "sleep", "sort", "tail", "tr"),
)


def put(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def stand_ins(folder: Path, tools: Mapping[str, str]) -> str:
    """A folder with these tools, to be first on a PATH."""
    folder.mkdir()
    for name, body in tools.items():
        put(folder / name, body)
    return str(folder)


def lived_in(host: Host, service: str = "echo ilogtail is running") -> Host:
    """A host with all that an agent leaves, and a service script."""
    conf, agent = Path(host.conf_dir), Path(host.agent_dir)
    (conf / "users").mkdir()
    (conf / "users" / ACCOUNT).touch()
    (conf / "user_defined_id").write_bytes(b"other\r\napp-b\n")
    (agent / "ilogtail_config.json").write_text(f'{{"config_server_address":\n "{SERVER}"}}')
    (agent / "user_log_config.json").write_text('{"metrics": {"##1.0##proj-a$app-b": {}}}')
    (agent / "ilogtail.LOG").write_bytes(
        b"[2026-11-22 10:00:00.1] [error] Resource used by program exceeds upper limit:prepare "
        b"restart Logtail\tcpu_usage:0.5\tmem_rss:90\n\x00\xff[2026-11-22 10:01:00.1] ok\n"
    )
    later = time.time() + 5
    (agent / "app_info.json").write_text('{"ip": "10.0.0.11", "UUID": "U-1"}')
    os.utime(agent / "app_info.json", (later, later))
    script = put(agent / "service $(x) script", f'[ "$1" = status ] || exit 9\n{service}')
    return replace(host, service=str(script))


def examined(host: Host, **how: str) -> HostState:
    return HostState.parse(said(Examine(host), **how))


@pytest.mark.parametrize("name", ["dash", "bash", "busybox"])
def test_each_shell_tells_the_same_of_a_host(name: str, host: Host, tmp_path: Path) -> None:
    how = {"path": os.environ["PATH"], **shell(name, tmp_path)}
    how["path"] = f"{stand_ins(tmp_path / 'first', TOOLS)}:{how['path']}"
    state = examined(lived_in(host), **how)

    assert (state.conf, state.agent) == ("folder", "folder")
    assert state.names == (ACCOUNT,)
    assert state.lines == (b"other\r", OURS.encode())
    assert (state.ip, state.unique_id) == ("10.0.0.11", "U-1")
    assert state.processes == (Process(4100001, 1, AGENT), Process(4100002, 4100001, AGENT))
    assert state.env == ("ALIYUN_LOGTAIL_USER_ID=77",)
    assert [service.text for service in state.services] == ["ilogtail is running"]
    assert [(one.status, one.where) for one in state.resolved] == [(0, NAME)]
    assert [(one.tool, one.where, one.text) for one in state.reached] == [("curl", SERVER, REACHED)]
    assert state.keys == {"##1.0##proj-a$app-b"}
    assert state.date == 1_700_000_000
    assert state.newer == ()
    assert "cpu_usage:0.5" in state.log[0]
    assert state.last.endswith("10:01:00.1] ok")
    assert state.rooms["conf"].mount.endswith("(rw,relatime)")


@pytest.mark.parametrize("name", ["dash", "bash", "busybox"])
def test_looking_changes_nothing(name: str, host: Host, tmp_path: Path) -> None:
    lived = lived_in(host)
    untouched = tree(host)
    examined(lived, **shell(name, tmp_path))

    assert tree(host) == untouched


def test_this_machine_s_own_tools_are_understood(host: Host) -> None:
    before = time.time()
    state = examined(host)

    assert before - 2 <= state.date <= time.time() + 2
    assert state.processes is not None
    assert state.rooms["conf"].blocks.split()[4].endswith("%")
    assert state.rooms["conf"].mount
    assert state.root == (os.getuid() == 0)


def test_a_bare_host_is_told_as_bare(host: Host) -> None:
    Path(host.agent_dir).rmdir()
    state = examined(replace(host, service=f"{host.conf_dir}/none"))

    assert state.agent == "absent"
    assert state.ids == Content("absent")
    assert (state.services, state.reached, state.names) == ((), (), ())


@contextmanager
def running(folder: Path) -> Iterator[Process]:
    """A process of this machine that is called like an agent, and knows of an account."""
    program = folder / "ilogtail_1.8.8"
    shutil.copy("/bin/sleep", program)
    called = [str(program), "60"]
    with subprocess.Popen(called, env={"ALIYUN_LOGTAIL_USER_ID": str(folder)}) as process:
        try:
            yield Process(process.pid, os.getpid(), " ".join(called))
        finally:
            process.kill()


@pytest.mark.parametrize("first", [{}, {"ps": "exit 1"}], ids=["ps", "without ps"])
@pytest.mark.parametrize("name", ["dash", "bash", "busybox"])
def test_a_real_process_is_seen_with_its_parent_and_environment(
    name: str, first: Mapping[str, str], host: Host, tmp_path: Path
) -> None:
    how = {"path": os.environ["PATH"], **shell(name, tmp_path)}
    how["path"] = f"{stand_ins(tmp_path / 'first', first)}:{how['path']}"
    with running(tmp_path) as process:
        state = examined(host, **how)

    assert process in (state.processes or ())
    assert f"ALIYUN_LOGTAIL_USER_ID={tmp_path}" in state.env


def test_tools_that_lack_are_said_to_lack(host: Host, tmp_path: Path) -> None:
    few = tmp_path / "few"
    few.mkdir()
    for tool in FEW:
        found = next(f for f in (Path("/usr/bin", tool), Path("/bin", tool)) if f.exists())
        (few / tool).symlink_to(found)

    state = examined(lived_in(host), path=str(few))

    assert {"curl", "getent", "df"} <= state.lacks
    assert state.processes is not None


def test_what_hangs_is_ended_where_no_timeout_is_installed(host: Host, tmp_path: Path) -> None:
    first = stand_ins(tmp_path / "first", {"ps": "exec sleep 30", "timeout": "exit 127"})
    began = time.monotonic()
    examined(lived_in(host), path=f"{first}:{os.environ['PATH']}")

    assert time.monotonic() - began < 10


@pytest.mark.parametrize("hangs", ["curl", "getent", "df", "ps"])
def test_a_tool_that_hangs_holds_up_nothing_for_long(
    hangs: str, host: Host, tmp_path: Path
) -> None:
    first = stand_ins(tmp_path / "first", {**TOOLS, hangs: "exec sleep 30"})
    began = time.monotonic()
    examined(lived_in(host), path=f"{first}:{os.environ['PATH']}")

    assert time.monotonic() - began < 10


@pytest.mark.parametrize("name", ["dash", "bash", "busybox"])
def test_a_service_script_that_hangs_with_children_is_given_up(
    name: str, host: Host, tmp_path: Path
) -> None:
    how = shell(name, tmp_path)
    began = time.monotonic()
    state = examined(lived_in(host, service="sleep 20; echo never"), **how)

    assert time.monotonic() - began < 10
    assert [service.late for service in state.services] == [True]


DEAF = "trap '' TERM; while :; do sleep 1; done"


@pytest.mark.parametrize("timeout", ["", "exit 127"])
def test_what_does_not_listen_is_ended_all_the_same(
    timeout: str, host: Host, tmp_path: Path
) -> None:
    deaf = {"ps": DEAF} | ({"timeout": timeout} if timeout else {})
    first = stand_ins(tmp_path / "first", deaf)
    began = time.monotonic()
    examined(lived_in(host, service=DEAF), path=f"{first}:{os.environ['PATH']}")

    assert time.monotonic() - began < 10


def test_a_service_script_may_say_whatever_it_likes(host: Host) -> None:
    (endless,) = examined(lived_in(host, service="yes ended well")).services
    (odd,) = examined(replace(host, service=str(put(Path(host.agent_dir, "odd"), ODD)))).services

    assert endless.late
    assert endless.text.startswith("ended well ended well")
    assert (odd.status, odd.text) == (3, "ended ended 5 minutes ago")


ODD = "echo ended; echo ended 5 minutes ago; exit 3"


def test_who_does_not_see_the_first_process_guesses_nothing_of_others(
    host: Host, tmp_path: Path
) -> None:
    first = stand_ins(tmp_path / "first", {"ps": "echo ' 4100077 4100076 ps -eo pid='"})
    state = examined(lived_in(host), path=f"{first}:{os.environ['PATH']}")

    assert state.processes is None
    assert "ps" in state.lacks


def test_a_crowd_of_processes_of_that_name_is_counted_in_time(host: Host, tmp_path: Path) -> None:
    crowd = f"echo 1 0 init; i=4100000; while [ $i -lt 4130000 ]; do echo $i 1 {AGENT}; i=$((i+1)); done"
    first = stand_ins(tmp_path / "first", {"ps": f'[ "$1" = -eo ] || exit 1\n{crowd}'})
    began = time.monotonic()
    state = examined(lived_in(host), path=f"{first}:{os.environ['PATH']}")

    assert len(state.processes or ()) == 100
    assert time.monotonic() - began < 10


def test_an_account_among_hundreds_is_found(host: Host) -> None:
    lived = lived_in(host)
    for number in range(1_000_000_000_000_000, 1_000_000_000_000_400):
        Path(host.conf_dir, "users", str(number)).touch()

    assert ACCOUNT in examined(lived).names


def test_a_log_that_may_not_be_read_is_said_to_lack(host: Host) -> None:
    lived = lived_in(host)
    Path(host.agent_dir, "ilogtail.LOG").unlink()

    assert "log" in examined(lived).lacks


def test_an_address_of_the_settings_is_handed_to_no_shell(host: Host, tmp_path: Path) -> None:
    lived = lived_in(host)
    own = Path(host.agent_dir, "ilogtail_config.json")
    own.write_text(f'{{"config_servers": ["http://$(touch {tmp_path}/bad)", "-o/x", "{SERVER}"]}}')
    first = stand_ins(tmp_path / "first", TOOLS)
    state = examined(lived, path=f"{first}:{os.environ['PATH']}")

    assert [one.where for one in state.reached] == [SERVER]
    assert not (tmp_path / "bad").exists()


def test_files_written_after_the_agent_started_are_told(host: Host) -> None:
    lived = lived_in(host)
    os.utime(Path(host.agent_dir, "app_info.json"), (1, 1))
    Path(host.conf_dir, "user_defined_id").write_bytes(b"app-b\n")

    assert f"{host.conf_dir}/user_defined_id" in examined(lived).newer


def test_without_root_what_may_not_be_read_is_told(host: Host, tmp_path: Path) -> None:
    needs.root()
    lived = lived_in(host)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    Path(host.conf_dir, "users").chmod(0o700)
    Path(host.conf_dir, "user_defined_id").chmod(0o600)
    state = HostState.parse(said(Examine(lived), user=65534, group=65534))

    assert not state.root
    assert (state.users.kind, state.ids.kind) == ("denied", "denied")


def test_a_banner_before_the_answer_is_no_trouble(host: Host) -> None:
    told = said(Examine(lived_in(host)))

    assert HostState.parse(f"Welcome!\nfactory reset\n{told}\n").ip == "10.0.0.11"


@pytest.mark.parametrize("cut", [0, 40, -5])
def test_a_cut_answer_is_refused(cut: int, host: Host) -> None:
    with pytest.raises(StepFailed, match="the answer is not complete"):
        HostState.parse(said(Examine(host))[:cut].rstrip())


def agent_script(path: Path, state: Path) -> Host:
    """A service script that keeps `state`, and writes down what it was told."""
    body = (
        f'echo "$1" >>"{state}.calls"\ncase "$1" in\n'
        f'status) cat "{state}" ;;\n'
        f'start | restart) echo "ilogtail is running" >"{state}"; sleep 30 & ;;\n'
        "esac"
    )
    return Host("h1", service=str(put(path, body)))


@pytest.mark.parametrize("name", ["dash", "bash", "busybox"])
@pytest.mark.parametrize(("was", "verb"), [("is running", "restart"), ("is stopped", "start")])
def test_a_running_agent_is_restarted_and_a_stopped_one_started(
    name: str, was: str, verb: str, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    state.write_text(f"ilogtail {was}\n")
    host = agent_script(tmp_path / "ser vice", state)
    began = time.monotonic()

    assert last_word(Restart(host), **shell(name, tmp_path)) == "changed"
    assert Path(f"{state}.calls").read_text().split() == ["status", verb]
    assert time.monotonic() - began < 10


def test_a_host_without_a_service_script_says_which_was_looked_for(tmp_path: Path) -> None:
    text = trouble(Restart(Host("h1", service=f"{tmp_path}/none")))

    assert text.endswith(f"none at {tmp_path}/none; set service")


def test_a_service_script_that_refuses_is_named_with_its_status(tmp_path: Path) -> None:
    script = put(tmp_path / "service", '[ "$1" = status ] || exit 7')

    assert "exit status 7" in trouble(Restart(Host("h1", service=str(script))))


@pytest.mark.parametrize("kind", [Examine, Restart])
def test_both_commands_travel_as_values(kind: type[Examine | Restart], host: Host) -> None:
    assert unpack(pack(kind(host)), host) == kind(host)
