"""`hosts trust` on real sshds: what is shown, asked, written, and never overwritten."""

from __future__ import annotations

import os
import stat
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.known_hosts import HostKey, KnownHosts
from bot.known_hosts_file import add_keys
from bot.ssh_target import Patience, SshTarget
from bot.trust import Ask, Trust, by_distance
from tests.contract.openssh import ADDRESS, OpenSsh, make_key
from tests.contract.ssh_kit import run
from workflows.errors import Blocked


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A known_hosts that knows nobody yet."""
    return tmp_path / "known" / "known_hosts"


@dataclass
class Person:
    """Sits at the terminal and answers every question alike."""

    answer: str
    asked: list[str] = field(default_factory=list)

    def __call__(self, question: str) -> str:
        self.asked.append(question)
        return self.answer


def trust(
    file: Path, targets: dict[str, SshTarget], ask: Ask | None, *fingerprints: str
) -> tuple[str, Blocked | None]:
    """What was printed, and what it ended with."""
    file.parent.mkdir(exist_ok=True)
    said: list[str] = []
    try:
        Trust(file, Patience(), said.append, ask, frozenset(fingerprints)).settle(targets)
    except Blocked as blocked:
        return "\n".join(said), blocked
    return "\n".join(said), None


def fingerprint(sshd: OpenSsh, kind: str = "ed25519") -> str:
    key = f"{sshd.host_keys[kind]}.pub"
    told = subprocess.run(["ssh-keygen", "-lf", key], capture_output=True, check=True)
    return told.stdout.decode().split()[1]


def test_a_key_that_a_person_accepts_is_written_and_lets_us_in(
    target: SshTarget, file: Path, sshd: OpenSsh
) -> None:
    person = Person("yes")

    said, blocked = trust(file, {"h2": target}, person)

    assert blocked is None
    assert f"new       {target.place}  ssh-ed25519 {fingerprint(sshd)}" in said
    assert len(person.asked) == 1
    assert run(target, file).said == "hello"


@pytest.mark.parametrize("answer", ["y", "", "no", "YES", "yes!"])
def test_nothing_but_a_typed_yes_writes_a_key(target: SshTarget, file: Path, answer: str) -> None:
    _, blocked = trust(file, {"h2": target}, Person(answer))

    assert blocked is not None
    assert not file.exists()


def test_without_a_terminal_keys_are_shown_and_not_written(
    target: SshTarget, file: Path, sshd: OpenSsh
) -> None:
    said, blocked = trust(file, {"h2": target}, None)

    assert fingerprint(sshd) in said
    assert blocked is not None
    assert "h2" in str(blocked)
    assert "--fingerprint SHA256:" in blocked.hint
    assert not file.exists()


def test_the_fingerprint_that_is_named_is_accepted_and_no_other(
    target: SshTarget, file: Path, sshd: OpenSsh, bastion: OpenSsh
) -> None:
    other = SshTarget("h3", ADDRESS, bastion.port, bastion.user, bastion.key_file)

    _, blocked = trust(file, {"h2": target, "h3": other}, None, fingerprint(sshd))

    assert file.read_text() == sshd.line("ed25519")
    assert blocked is not None
    assert "h3" in str(blocked)
    assert "h2" not in str(blocked)


def test_a_fingerprint_that_no_host_shows_is_told(target: SshTarget, file: Path) -> None:
    _, blocked = trust(file, {"h2": target}, Person("yes"), "SHA256:wrong")

    assert "no host showed SHA256:wrong" in str(blocked)
    assert not file.exists()


def test_known_keys_are_shown_and_nobody_is_asked(target: SshTarget, known: Path) -> None:
    before, person = known.read_bytes(), Person("yes")

    said, blocked = trust(known, {"h2": target}, person)

    assert blocked is None
    assert said.startswith("known")
    assert person.asked == []
    assert known.read_bytes() == before


def test_a_changed_key_is_never_overwritten_and_its_line_is_named(
    sshd: OpenSsh, target: SshTarget, file: Path, tmp_path: Path
) -> None:
    key = make_key(tmp_path / "other").with_suffix(".pub").read_text()
    file.parent.mkdir()
    file.write_text(f"# mine\n[{ADDRESS}]:{sshd.port} {key}")
    before = file.read_bytes()

    said, blocked = trust(file, {"h2": target}, Person("yes"), fingerprint(sshd))

    assert f"CHANGED   {target.place}" in said
    assert "remove line 2 " in said
    assert blocked is not None
    assert file.read_bytes() == before


def test_a_revoked_key_is_not_accepted(target: SshTarget, file: Path, sshd: OpenSsh) -> None:
    file.parent.mkdir()
    file.write_text(f"@revoked {sshd.line('ed25519')}")

    said, blocked = trust(file, {"h2": target}, Person("yes"), fingerprint(sshd))

    assert said.startswith("REVOKED")
    assert blocked is not None
    assert file.read_text() == f"@revoked {sshd.line('ed25519')}"


def test_a_host_that_does_not_answer_is_told_with_the_cause(target: SshTarget, file: Path) -> None:
    said, blocked = trust(file, {"h2": replace(target, port=1)}, Person("yes"))

    assert said.startswith("not seen  h2")
    assert "connection refused" in said
    assert blocked is not None


def test_other_lines_the_mode_and_a_link_are_kept(
    target: SshTarget, file: Path, tmp_path: Path, sshd: OpenSsh
) -> None:
    real = tmp_path / "real"
    real.write_bytes(b"# no newline at the end: \xff")
    real.chmod(0o640)
    file.parent.mkdir()
    file.symlink_to(real)

    trust(file, {"h2": target}, Person("yes"))

    line = sshd.line("ed25519").encode()
    assert real.read_bytes() == b"# no newline at the end: \xff\n" + line
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert file.is_symlink()


@pytest.fixture(scope="module")
def bastion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    server = OpenSsh(tmp_path_factory.mktemp("bastion"))
    yield server
    server.stop()


def test_a_jump_host_is_settled_before_what_lies_behind_it(
    target: SshTarget, file: Path, bastion: OpenSsh
) -> None:
    jump = SshTarget("bastion", ADDRESS, bastion.port, bastion.user, bastion.key_file)
    behind, person = replace(target, jump=jump), Person("yes")

    said, blocked = trust(file, {"h2": behind}, person)

    assert blocked is None
    assert [line.split()[1] for line in said.splitlines() if line.startswith("new")] == [
        "bastion",
        "h2",
    ]
    assert len(person.asked) == 2
    assert run(behind, file).said == "hello"


def test_what_lies_behind_an_unaccepted_jump_host_is_not_seen(
    target: SshTarget, file: Path, bastion: OpenSsh
) -> None:
    jump = SshTarget("bastion", ADDRESS, bastion.port, bastion.user, bastion.key_file)

    said, blocked = trust(file, {"h2": replace(target, jump=jump)}, Person("no"))

    assert "not seen  h2" in said
    assert "through bastion" in said
    assert blocked is not None


def test_each_place_is_asked_once_and_the_nearest_first() -> None:
    jump = SshTarget("bastion", "10.0.0.1", 22, "ops", Path("key"))
    hosts = [SshTarget(f"h{n}", f"10.0.0.{n}", 22, "ops", Path("key"), jump=jump) for n in (2, 3)]

    rounds = by_distance([*hosts, replace(hosts[0], name="again")])

    assert [[one.name for one in round_] for round_ in rounds] == [["bastion"], ["h2", "h3"]]


def test_two_runs_at_a_time_lose_no_line(file: Path) -> None:
    file.parent.mkdir()
    key = HostKey("ssh-ed25519", b"key")
    writers = [threading.Thread(target=add_keys, args=(file, {f"h{n}": key})) for n in range(16)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)

    names = {line.split()[0] for line in file.read_text().splitlines()}
    assert names == {f"h{n}" for n in range(16)}


def test_a_name_that_got_a_key_meanwhile_gets_no_second_one(file: Path) -> None:
    file.parent.mkdir()
    add_keys(file, {"h1": HostKey("ssh-ed25519", b"first")})

    added = add_keys(file, {"h1": HostKey("ssh-ed25519", b"other")})

    assert added == ()
    known = KnownHosts.parse(file.read_text(), file)
    assert [key.blob for key in known.keys("h1")] == [b"first"]


def test_a_folder_that_takes_no_file_is_told(target: SshTarget, tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    said: list[str] = []

    with pytest.raises(Blocked, match=f"{nowhere}/known_hosts") as blocked:
        Trust(nowhere / "known_hosts", Patience(), said.append, Person("yes")).settle(
            {"h2": target}
        )

    assert "not a directory" in str(blocked.value)


def test_a_failed_write_leaves_the_file_and_no_other(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.parent.mkdir()
    add_keys(file, {"h1": HostKey("ssh-ed25519", b"first")})
    before = file.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        add_keys(file, {"h2": HostKey("ssh-ed25519", b"second")})

    assert file.read_bytes() == before
    assert {path.name for path in file.parent.iterdir()} == {"known_hosts", ".known_hosts.lock"}
