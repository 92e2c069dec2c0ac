"""How commands run on a real sshd, and how each way they can end is told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.ssh import FabricHosts, SshTarget
from tests.contract.host_worlds import Script
from tests.contract.openssh import OpenSsh
from tests.contract.ssh_kit import HELLO, refused, run


def test_output_is_what_was_said_and_the_last_line_tells_a_change(
    target: SshTarget, known: Path
) -> None:
    plain, changed = run(target, known), run(target, known, "echo hello; echo changed")

    assert (plain.ok, plain.changed, plain.said) == (True, False, "hello")
    assert (changed.ok, changed.changed, changed.said) == (True, True, "hello\nchanged")


def test_the_script_is_in_no_command_line(target: SshTarget, known: Path) -> None:
    result = run(target, known, "tr '\\0' ' ' </proc/$$/cmdline  # secret")

    assert result.said.strip() == "/bin/sh -s"


def test_hosts_are_asked_side_by_side(target: SshTarget, known: Path, tmp_path: Path) -> None:
    names = ["h1", "h2", "h3", "h4"]
    meet = f"""
        touch {tmp_path}/$$.here
        tries=0
        until [ "$(ls {tmp_path}/*.here | wc -l)" -ge {len(names)} ]; do
            tries=$((tries + 1)); [ $tries -le 200 ] || exit 1
            sleep 0.1
        done
    """
    hosts = FabricHosts({name: replace(target, name=name) for name in names}, known)

    results = hosts.run({name: Script(meet) for name in names})

    assert [(result.host, result.ok) for result in results] == [(name, True) for name in names]


def test_a_host_s_last_words_are_cut_and_mean_nothing(target: SshTarget, known: Path) -> None:
    script = r"printf '\033[2J<!channel>' >&2; head -c 90000 /dev/zero | tr '\0' x >&2; exit 4"
    said = refused(run(target, known, script))

    assert said.startswith(r"\x1b[2J‹!channel›xxx")
    assert said.endswith(f"x ({target.name}, exit status 4)")
    assert len(said) < 500


def test_a_command_that_does_not_end_is_given_up(target: SshTarget, known: Path) -> None:
    result = run(target, known, "echo started; sleep 20", command=1.0)

    said = refused(result)
    assert said.startswith(f"running a command on {target.place}: no end within 1 s")
    assert result.seconds < 15


def test_an_exit_status_comes_with_the_last_word_of_the_error_output(
    target: SshTarget, known: Path
) -> None:
    script = "echo fine; echo first >&2; echo reading /x: permission denied >&2; exit 3"

    said = refused(run(target, known, script))

    assert said == "reading /x: permission denied (h2, exit status 3)"


def test_a_silent_failure_is_told_as_one(target: SshTarget, known: Path) -> None:
    said = refused(run(target, known, "exit 4"))

    assert said == "running a command: no word of why (h2, exit status 4)"


def test_a_command_ended_by_a_signal_is_told(target: SshTarget, known: Path) -> None:
    assert "a signal ended it" in refused(run(target, known, "kill -9 $$"))


def test_a_connection_that_breaks_under_a_command_is_told(target: SshTarget, known: Path) -> None:
    script = "case $(cat /proc/$PPID/comm) in sshd*) kill -9 $PPID ;; esac"

    assert "the connection broke" in refused(run(target, known, script))


@pytest.mark.parametrize("stream", ["1", "2"])
def test_output_without_end_is_cut_off(target: SshTarget, known: Path, stream: str) -> None:
    result = run(target, known, f"yes | head -c 5000000 >&{stream}")

    assert "more than 1 MiB of output" in refused(result)


@pytest.fixture
def sudo(sshd: OpenSsh) -> Iterator[Path]:
    """A stand-in for sudo on the host; what it does is up to the test."""
    path = sshd.folder / "bin" / "sudo"
    yield path
    path.unlink(missing_ok=True)


def test_sudo_is_asked_for_a_shell_and_never_for_a_password(
    target: SshTarget, known: Path, sudo: Path
) -> None:
    sudo.write_text('#!/bin/sh\nexport ASKED="$*"; shift 2; exec "$@"\n')
    sudo.chmod(0o755)

    result = run(replace(target, sudo=True), known, 'echo "$ASKED"')

    assert result.said == "-n -- /bin/sh -s"


def test_a_sudo_that_wants_a_password_is_told_with_the_way_out(
    target: SshTarget, known: Path, sudo: Path
) -> None:
    sudo.write_text("#!/bin/sh\necho 'sudo: a password is required' >&2; exit 1\n")
    sudo.chmod(0o755)

    said = refused(run(replace(target, sudo=True), known))

    assert said.startswith("sudo: a password is required (h2, exit status 1)")
    assert "without a password" in said


def test_a_command_that_never_reads_its_script_still_tells_why(
    target: SshTarget, known: Path, sudo: Path
) -> None:
    sudo.write_text("#!/bin/sh\necho 'sudo: not for you' >&2; exit 1\n")
    sudo.chmod(0o755)
    longer_than_the_window = HELLO + "#" * 5_000_000

    said = refused(run(replace(target, sudo=True), known, longer_than_the_window))

    assert said.startswith("sudo: not for you (h2, exit status 1)")


ASK = """
import sys
from pathlib import Path
from bot.ssh import SshTarget
from tests.contract.ssh_kit import HELLO, run

address, port, user, key_file, known_hosts = sys.argv[1:]
target = SshTarget("h2", address, int(port), user, Path(key_file))
print(run(target, Path(known_hosts)).said)
"""


def test_nothing_of_the_operators_own_ssh_is_used(
    target: SshTarget, known: Path, tmp_path: Path
) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text("Host *\nHostname 127.0.0.9\nConnectTimeout 9\n")
    where = [target.address, str(target.port), target.user, str(target.key_file), str(known)]

    # A process of its own: fabric reads such files when it is imported, if ever.
    asked = subprocess.run(
        [sys.executable, "-c", ASK, *where],
        env={**os.environ, "HOME": str(tmp_path)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (asked.stdout.strip(), asked.stderr) == ("hello", "")


def test_no_connection_outlives_its_run(target: SshTarget, known: Path) -> None:
    before = open_sockets()

    run(target, known)
    run(target, known, "exit 4")
    run(replace(target, port=1), known)

    assert open_sockets() - before == set()


def open_sockets() -> set[str]:
    """Each by its inode; a number of a file would be given out again."""
    found = set()
    for path in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the folder that is being read, for one
            found.add(str(path.readlink()))
    return {name for name in found if name.startswith("socket:")}
