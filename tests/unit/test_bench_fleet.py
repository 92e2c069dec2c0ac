"""What the comparison of tools counts, reads and concludes, and that it is not taken in."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bench.fleet import dead, goals, hosts, sshd
from bench.fleet.measure import prepare
from bench.fleet.recipes import ansible_changed, pyinfra_changed
from bench.fleet.results import FIRST, SECOND, Results, Sample, cpu, wall
from bench.fleet.spec import Fleet
from bench.fleet.tools import OURS, TOOLS, Call, Tool, told
from tests.contract.openssh import need_sshd

HERE = [tool for tool in TOOLS if tool.name not in {"ansible", "pyinfra"}]
RECAP = """\
PLAY RECAP *********************************************************************
127.0.1.1 : ok=3    changed=2    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
127.0.1.2 : ok=3    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
127.0.1.3 : ok=1    changed=1    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0
"""
PYINFRA = """\
--> Results:
    Operation     Hosts   Success   Error   No Change
    account       10      -         -       10
    custom id     10      4         -       6
    read back     10      9         1       -
    Grand total   30      13        1       16
"""

BURNS = """\
import time
while time.process_time() < 0.5:
    pass
print("burnt", flush=True)
time.sleep(60)
"""
LEAVES_BEHIND = """\
import pathlib, subprocess, sys
started = [sys.executable, "-c", sys.argv[1]]
left = subprocess.Popen(started, stdout=subprocess.PIPE, start_new_session=True)
left.stdout.readline()
pathlib.Path(sys.argv[2]).write_text(str(left.pid))
"""


def fleet(folder: Path, *names: str, **options: bool) -> Fleet:
    addresses = dict.fromkeys(names, "127.0.0.1")
    made = Fleet(addresses, 22, "root", "key", "known", str(folder / "hosts"), **options)
    hosts.wipe(made)
    return made


def results(**walls: list[float]) -> Results:
    found = Results()
    for tool, samples in walls.items():
        for seconds in samples:
            found.add(100, tool, FIRST, Sample(seconds, seconds / 10, 50.0))
    return found


def test_a_ratio_is_the_median_of_the_rounds_that_both_took_part_in() -> None:
    found = results(ours=[1.0, 4.0, 2.0], ansible=[30.0, 80.0])

    assert found.ratio(100, "ansible", FIRST, wall) == 25.0
    assert found.ratio(100, "ansible", SECOND, wall) is None
    assert found.ratio(100, "pyinfra", FIRST, cpu) is None


def test_a_little_less_counts_as_equal_where_equal_is_wanted_and_nowhere_else() -> None:
    met = [goals.at_least("wall", found, 1.0, "x").met for found in (0.96, 0.97)]

    assert met == [False, True]
    assert not goals.at_least("wall", 1.09, 1.1, "x").met


def test_a_target_that_is_missed_is_named_with_what_was_found_and_wanted() -> None:
    found = results(ours=[1.0], ssh=[1.05])
    line = goals.last_line(100, found, list(goals.speed(found)), ["pyinfra"])

    assert line.startswith("fleet: 100 hosts, 1.1x ssh, pyinfra absent short of: ")
    assert "first run on 100 hosts, wall of ssh 1.05x ours instead of >= 1.1" in line
    assert "our CPU 0.952x ssh's instead of <= 0.45" in line


def test_the_last_line_says_ok_where_every_target_is_met() -> None:
    found = results(ours=[1.0], ssh=[3.0])
    findings = [finding for finding in goals.speed(found) if "host" not in finding.found]

    assert findings
    assert goals.last_line(100, found, findings, []) == "fleet: 100 hosts, 3.0x ssh ok"


def test_a_host_that_ansible_did_not_end_well_is_not_counted() -> None:
    assert ansible_changed(RECAP) == (2, 1)


def test_pyinfra_is_believed_by_its_table() -> None:
    assert pyinfra_changed(PYINFRA) == (9, 4)


def test_scripts_are_believed_by_the_last_line_of_each_host() -> None:
    assert told("started 0.1\nhost a changed\nsame\nhost b refused: failed\n") == (2, 1)


@pytest.mark.parametrize("careful", [False, True])
def test_the_script_that_others_run_does_the_same_work_once(tmp_path: Path, careful: bool) -> None:
    made = fleet(tmp_path, "a", "b", careful=careful)
    command = ["/bin/sh", "-c", made.script("a")]
    said = [subprocess.run(command, capture_output=True, text=True).stdout for _ in range(2)]

    assert [text.splitlines()[-1] for text in said] == ["changed", "same"]
    hosts.check(made, ("a",))
    with pytest.raises(SystemExit, match="1 are not prepared, as b"):
        hosts.check(made, ("a", "b"))


def test_what_a_tool_leaves_in_the_background_is_counted_and_ended(tmp_path: Path) -> None:
    figures, pid = tmp_path / "figures", tmp_path / "pid"
    tool = [sys.executable, "-c", LEAVES_BEHIND, BURNS, str(pid)]
    run = [sys.executable, "-m", "bench.fleet.meter", str(figures), *tool]
    subprocess.run(run, check=True, timeout=60)
    used = json.loads(figures.read_text())

    assert used["status"] == 0
    assert used["cpu"] >= 0.5
    assert used["memory"] > 1
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), signal.SIGCONT)


def test_dead_hosts_are_dead_each_in_its_own_way() -> None:
    port = sshd.free_port("127.0.200.1")
    said = []
    with dead._dead(port, 3) as addresses:
        for address in addresses:
            with socket.socket() as probe:
                probe.settimeout(0.2)
                said.append(_knock(probe, address, port))

    assert said == ["refused", "silent", "no answer"]


def _knock(probe: socket.socket, address: str, port: int) -> str:
    try:
        probe.connect((address, port))
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "no answer"
    with suppress(TimeoutError):
        return f"said {probe.recv(1)!r}"
    return "silent"


def test_tools_are_held_to_what_lies_on_the_hosts(tmp_path: Path) -> None:
    need_sshd()
    boast = Tool("boast", lambda *_: Call(["echo", "changed\nchanged"]), told)
    with ExitStack() as ends:
        servers = ends.enter_context(sshd.sshds(tmp_path, 2))
        made = servers.fleet(2)

        with pytest.raises(SystemExit, match="2 are not prepared"):
            prepare(servers, made, boast, 2)
        for tool in HERE:
            hosts.wipe(made)
            assert prepare(servers, made, tool, 2).cpu > 0
            assert prepare(servers, made, tool, 0).hosts_cpu >= 0
        with pytest.raises(SystemExit, match="0 changed instead of 2"):
            prepare(servers, made, OURS, 2)


def test_a_wrong_host_key_is_refused_by_every_tool_that_is_here(tmp_path: Path) -> None:
    need_sshd()
    with sshd.sshds(tmp_path, 1) as servers:
        made = servers.fleet(1)
        wrong = tmp_path / "wrong"
        key = (tmp_path / "user_key.pub").read_text().split()[1]
        wrong.write_text(f"[127.0.1.1]:{servers.port} ssh-ed25519 {key}\n")
        made = replace(made, known_hosts=str(wrong))
        for tool in HERE:
            with pytest.raises(SystemExit, match="0 done"):
                prepare(servers, made, tool, 1)
