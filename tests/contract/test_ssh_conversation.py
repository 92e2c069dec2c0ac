"""Look, then change: two scripts over one connection, and what comes between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.ssh import FabricHosts, SshTarget
from tests.contract.host_worlds import Script
from tests.contract.openssh import OpenSsh, need_sshd
from tests.contract.ssh_kit import refused
from workflows.errors import ClaimLost, StepFailed
from workflows.model import HostResult
from workflows.ports import Command


@dataclass
class Talk:
    """A conversation that writes down what it is told."""

    script: str
    more: str = ""
    told: list[str] = field(default_factory=list)

    def then(self, said: str) -> Command | None:
        self.told.append(said)
        if said == "nonsense":
            raise StepFailed("reading what h2 said: the answer is not complete")
        return Script(self.more) if self.more else None


def ask(target: SshTarget, known: Path, command: Command) -> HostResult:
    (result,) = FabricHosts({"h2": target}, known).run({"h2": command})
    return result


def test_the_second_script_runs_after_the_first_and_is_what_is_said(
    target: SshTarget, known: Path
) -> None:
    talk = Talk("echo one; echo two", "echo three; echo changed")

    result = ask(target, known, talk)

    assert talk.told == ["one\ntwo"]
    assert (result.ok, result.changed, result.said) == (True, True, "three\nchanged")


def test_a_conversation_may_end_after_its_first_script(target: SshTarget, known: Path) -> None:
    result = ask(target, known, Talk("printf same"))

    assert (result.ok, result.changed, result.said) == (True, False, "same")


def test_both_scripts_come_over_one_connection_and_into_one_shell(
    target: SshTarget, known: Path
) -> None:
    talk = Talk('echo "$$ $SSH_CONNECTION"', 'echo "$$ $SSH_CONNECTION"')

    result = ask(target, known, talk)

    assert result.said == talk.told[0]


def test_what_the_first_script_does_to_its_shell_ends_with_it(
    target: SshTarget, known: Path
) -> None:
    talk = Talk("set -eu; umask 777; cd /; word=yes; exit 0", 'echo "${word:-no} $-"; umask')

    result = ask(target, known, talk)

    assert result.ok, result.said
    assert result.said.startswith("no ")
    assert not result.said.endswith("777")


def test_a_second_script_is_not_sent_once_the_job_moved_on(
    target: SshTarget, known: Path, tmp_path: Path
) -> None:
    talk = Talk("echo one", f"touch {tmp_path}/changed")

    def ours() -> None:
        if talk.told:
            raise ClaimLost("over")

    hosts = FabricHosts({"h2": target}, known)
    with pytest.raises(ClaimLost):
        hosts.run({"h2": talk}, ours=ours)

    assert talk.told == ["one"]
    assert not (tmp_path / "changed").exists()


def test_a_first_script_does_not_eat_the_second(target: SshTarget, known: Path) -> None:
    result = ask(target, known, Talk("cat", "echo second"))

    assert result.said == "second"


def test_a_first_script_that_goes_wrong_is_told_and_the_second_never_runs(
    target: SshTarget, known: Path, tmp_path: Path
) -> None:
    proof = tmp_path / "ran"
    talk = Talk("echo some; echo reading /x: no such file >&2; exit 7", f"touch {proof}")

    said = refused(ask(target, known, talk))

    assert said == "reading /x: no such file (h2, exit status 7)"
    assert not proof.exists()
    assert talk.told == []


def test_an_answer_that_is_no_answer_is_told_as_the_conversation_tells_it(
    target: SshTarget, known: Path
) -> None:
    said = refused(ask(target, known, Talk("echo nonsense")))

    assert said == "reading what h2 said: the answer is not complete"


def test_long_answers_and_long_scripts_pass_in_both_directions(
    target: SshTarget, known: Path
) -> None:
    talk = Talk("yes ä | head -n 100000", f"echo {'x' * 100_000}")

    result = ask(target, known, talk)

    assert talk.told == ["\n".join("ä" * 100_000)]
    assert result.said == "x" * 100_000


@pytest.mark.parametrize("stream", ["1", "2"])
def test_output_without_end_is_cut_off_in_the_first_script_too(
    target: SshTarget, known: Path, stream: str
) -> None:
    said = refused(ask(target, known, Talk(f"yes | head -c 5000000 >&{stream}")))

    assert "more than 1 MiB of output" in said


def test_bytes_that_are_no_text_spoil_nothing(target: SshTarget, known: Path) -> None:
    talk = Talk(r"printf '\377\000\200\n'", r"printf '\377'; echo; echo changed")

    result = ask(target, known, talk)

    assert talk.told == ["\ufffd\0\ufffd"]
    assert (result.changed, result.said) == (True, "\ufffd\nchanged")


def served(folder: Path, more: str) -> OpenSsh:
    need_sshd()
    return OpenSsh(folder, more)


def test_what_a_login_shell_prints_of_its_own_is_no_part_of_an_answer(tmp_path: Path) -> None:
    greeting = r"""printf 'Welcome!\nchanged\n'; eval "$SSH_ORIGINAL_COMMAND" """
    sshd = served(tmp_path, f"ForceCommand {greeting}\n")
    target = SshTarget("h2", "127.0.0.1", sshd.port, sshd.user, sshd.key_file)

    result = ask(target, sshd.known_hosts, Script("echo hello"))
    talked = ask(target, sshd.known_hosts, talk := Talk("echo look"))
    sshd.stop()

    assert (result.changed, result.said) == (False, "hello")
    assert (talked.said, talk.told) == ("look", ["look"])


@pytest.mark.parametrize("status", [0, 1])
def test_an_account_whose_shell_ends_at_once_is_told(tmp_path: Path, status: int) -> None:
    sshd = served(tmp_path, f"ForceCommand echo This account is closed.; exit {status}\n")
    target = SshTarget("h2", "127.0.0.1", sshd.port, sshd.user, sshd.key_file)

    words = [
        refused(ask(target, sshd.known_hosts, command))
        for command in (Script("echo hello"), Talk("echo look"))
    ]
    sshd.stop()

    for said in words:
        assert said.startswith(f"running a command on {target.place}: the login shell of")
        assert f"(exit status {status}, saying 'This account is closed.')" in said
