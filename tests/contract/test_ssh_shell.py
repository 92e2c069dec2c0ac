"""One script on one host: how it gets there, and what comes back of what it said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bench.fleet.sshd import free_port
from bot.ssh import FabricHosts, SshTarget
from bot.ssh_shell import SLICE
from tests.contract.host_worlds import Script
from tests.contract.openssh import ADDRESS, OpenSsh, need_sshd
from tests.contract.ssh_kit import refused
from workflows.model import HostResult

ROOT = Path(__file__).parents[2]


def ask(target: SshTarget, known: Path, script: str) -> HostResult:
    (result,) = FabricHosts({"h2": target}, known).run({"h2": Script(script)})
    return result


@pytest.mark.parametrize("last", ["changed", "same"])
def test_the_last_line_tells_whether_anything_changed(
    target: SshTarget, known: Path, last: str
) -> None:
    result = ask(target, known, f"echo one; printf {last}")

    assert (result.ok, result.changed, result.said) == (True, last == "changed", f"one\n{last}")


def test_a_script_that_reads_on_does_not_eat_its_own_lines(target: SshTarget, known: Path) -> None:
    assert ask(target, known, "cat; echo second").said == "second"


def test_a_script_that_leaves_early_ends_with_its_own_status(
    target: SshTarget, known: Path
) -> None:
    kept = ask(target, known, "set -eu; umask 777; cd /; echo done; exit 0; echo never")
    said = refused(ask(target, known, "echo some; echo reading /x: no such file >&2; exit 7"))

    assert kept.said == "done"
    assert said == "reading /x: no such file (h2, exit status 7)"


def test_what_waits_for_the_end_of_a_script_runs_then(
    target: SshTarget, known: Path, tmp_path: Path
) -> None:
    left = tmp_path / "left"
    left.touch()

    result = ask(target, known, f"trap 'rm {left}; echo tidied' EXIT; echo working; exit 0")

    assert (result.said, left.exists()) == ("working\ntidied", False)


def test_a_script_with_cases_and_brackets_is_read_whole(target: SshTarget, known: Path) -> None:
    script = "case x in x) echo ')' ;; *) echo no ;; esac\n# it's (\ncat <<E\n$(echo in)\nE"

    assert ask(target, known, script).said == ")\nin"


def test_long_answers_and_long_scripts_pass(target: SshTarget, known: Path) -> None:
    answer = ask(target, known, "yes ä | head -n 100000")
    script = ask(target, known, f"echo {'x' * 100_000}")

    assert answer.said == "\n".join("ä" * 100_000)
    assert script.said == "x" * 100_000


@pytest.mark.parametrize("stream", ["1", "2"])
def test_output_beyond_all_bounds_is_cut_off(target: SshTarget, known: Path, stream: str) -> None:
    said = refused(ask(target, known, f"yes | head -c 5000000 >&{stream}"))

    assert "more than 1 MiB of output" in said


def test_bytes_that_are_no_text_spoil_nothing(target: SshTarget, known: Path) -> None:
    result = ask(target, known, r"printf '\377\200'; echo; echo changed")

    assert (result.changed, result.said) == (True, "\ufffd\ufffd\nchanged")


def test_a_host_that_is_slow_to_take_input_is_waited_for(
    sshd: OpenSsh, target: SshTarget, tmp_path: Path
) -> None:
    with far_away(sshd.port, ms=round(SLICE * 1000 * 1.4)) as port:
        known = tmp_path / "known_hosts"
        known.write_text(sshd.line("ed25519", f"[{ADDRESS}]:{port}"))
        result = ask(replace(target, port=port), known, "echo hello")

    assert (result.ok, result.said) == (True, "hello")


@contextmanager
def far_away(port: int, ms: int) -> Iterator[int]:
    """The port of a proxy that makes a round trip to `port` take so long."""
    here = str(free_port(ADDRESS))
    command = [sys.executable, "-m", "bench.fleet.proxy", here, str(port), str(ms), ADDRESS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as proxy:
        try:
            assert proxy.stdout
            assert proxy.stdout.readline() == "ready\n"
            yield int(here)
        finally:
            proxy.terminate()


def served(folder: Path, more: str) -> OpenSsh:
    need_sshd()
    return OpenSsh(folder, more)


def test_what_a_login_shell_prints_of_its_own_is_no_part_of_an_answer(tmp_path: Path) -> None:
    greeting = r"""printf 'Welcome!\nchanged\n'; eval "$SSH_ORIGINAL_COMMAND" """
    sshd = served(tmp_path, f"ForceCommand {greeting}\n")
    target = SshTarget("h2", "127.0.0.1", sshd.port, sshd.user, sshd.key_file)

    result = ask(target, sshd.known_hosts, "echo hello")
    sshd.stop()

    assert (result.changed, result.said) == (False, "hello")


@pytest.mark.parametrize("status", [0, 1])
def test_an_account_whose_shell_ends_at_once_is_told(tmp_path: Path, status: int) -> None:
    sshd = served(tmp_path, f"ForceCommand echo This account is closed.; exit {status}\n")
    target = SshTarget("h2", "127.0.0.1", sshd.port, sshd.user, sshd.key_file)

    said = refused(ask(target, sshd.known_hosts, "echo hello"))
    sshd.stop()

    assert said.startswith(f"running a command on {target.place}: the login shell of")
    assert f"(exit status {status}, saying 'This account is closed.')" in said
