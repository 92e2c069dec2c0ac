"""Whom the bot takes for the host, and whom the host takes for the bot, on a real sshd."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import fabric
import pytest

from bot.ssh import FabricHosts, SshTarget
from tests.contract.host_worlds import Script
from tests.contract.openssh import ADDRESS, OpenSsh, make_key
from tests.contract.ssh_kit import HELLO, refused, run


def test_an_unknown_host_key_is_refused_before_anything_runs(
    target: SshTarget, tmp_path: Path
) -> None:
    known, proof = tmp_path / "known_hosts", tmp_path / "ran"
    known.write_text("")

    said = refused(run(target, known, f"touch {proof}"))

    assert said.startswith(f"connecting to {target.place}: its host key is unknown: ssh-ed25519")
    assert "SHA256:" in said
    assert str(known) in said
    assert not proof.exists()


def test_a_changed_host_key_is_refused_before_anything_runs(
    sshd: OpenSsh, target: SshTarget, known: Path, tmp_path: Path
) -> None:
    other, proof = make_key(tmp_path / "other"), tmp_path / "ran"
    key = other.with_suffix(".pub").read_text()
    known.write_text(f"[{ADDRESS}]:{sshd.port} {key}")
    fingerprints = [
        subprocess.run(["ssh-keygen", "-lf", f"{path}.pub"], capture_output=True, check=True)
        .stdout.decode()
        .split()[1]
        for path in (other, sshd.host_keys["ed25519"])
    ]

    said = refused(run(target, known, f"touch {proof}"))

    assert said.startswith(f"connecting to {target.place}: its host key has changed")
    for part in (*fingerprints, str(known)):
        assert part in said
    assert not proof.exists()


def test_a_revoked_host_key_is_refused(sshd: OpenSsh, target: SshTarget, known: Path) -> None:
    with known.open("a") as file:
        file.write(f"@revoked {sshd.line('ed25519')}")

    assert "@revoked" in refused(run(target, known))


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_the_kind_of_key_that_is_written_down_is_asked_for(
    sshd: OpenSsh, target: SshTarget, known: Path, kind: str
) -> None:
    known.write_text(sshd.line(kind))

    assert run(target, known).said == "hello"


def test_names_that_ssh_keygen_hashed_are_known(target: SshTarget, known: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(known)], check=True, capture_output=True)

    assert known.read_text().startswith("|1|")
    assert run(target, known).said == "hello"


def test_a_key_that_is_added_counts_at_once(sshd: OpenSsh, target: SshTarget, known: Path) -> None:
    known.write_text("")
    hosts = FabricHosts({"h2": target}, known)
    before = hosts.run({"h2": Script(HELLO)})
    known.write_text(sshd.line("ed25519"))

    after = hosts.run({"h2": Script(HELLO)})

    assert [before[0].ok, after[0].ok] == [False, True]


def test_a_missing_known_hosts_file_is_named(target: SshTarget, tmp_path: Path) -> None:
    said = refused(run(target, tmp_path / "none"))

    assert f"{tmp_path}/none: no such file or directory" in said


def test_a_key_the_host_does_not_know_is_named_with_the_user(
    target: SshTarget, known: Path, tmp_path: Path
) -> None:
    stranger = make_key(tmp_path / "stranger")

    said = refused(run(replace(target, key_file=stranger), known))

    assert said.startswith(f"logging in to {target.place} as {target.user} with the key {stranger}")
    assert "refused" in said
    assert "authorized_keys" in said


def test_a_missing_key_file_is_named(target: SshTarget, known: Path, tmp_path: Path) -> None:
    said = refused(run(replace(target, key_file=tmp_path / "none"), known))

    assert said == f"reading the key {tmp_path}/none for h2: no such file or directory"


def test_a_key_that_others_may_read_is_refused(
    target: SshTarget, known: Path, tmp_path: Path
) -> None:
    key = make_key(tmp_path / "key")
    key.chmod(0o644)

    said = refused(run(replace(target, key_file=key), known))

    assert "its mode 0644 lets others in" in said
    assert f"chmod 600 {key}" in said


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_an_encrypted_key_is_told_from_a_broken_one(
    target: SshTarget, known: Path, tmp_path: Path, kind: str
) -> None:
    locked = make_key(tmp_path / "locked", kind, "secret")
    broken = tmp_path / "broken"
    broken.write_text("no key")
    broken.chmod(0o600)

    words = [refused(run(replace(target, key_file=key), known)) for key in (locked, broken)]

    assert f"reading the key {locked} for h2: it is encrypted" in words[0]
    assert f"reading the key {broken} for h2: it is no private key" in words[1]


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_each_kind_of_user_key_logs_in(
    sshd: OpenSsh, target: SshTarget, known: Path, tmp_path: Path, kind: str
) -> None:
    key, authorized = make_key(tmp_path / "key", kind), sshd.folder / "user_key.pub"
    before = authorized.read_text()
    authorized.write_text(before + key.with_suffix(".pub").read_text())

    result = run(replace(target, key_file=key), known)

    authorized.write_text(before)
    assert result.said == "hello"


def test_where_plain_fabric_would_run_on_a_host_with_a_wrong_key_ours_does_not(
    sshd: OpenSsh, target: SshTarget, known: Path, tmp_path: Path
) -> None:
    wrong, proof = make_key(tmp_path / "wrong").with_suffix(".pub").read_text(), tmp_path / "ran"
    known.write_text(f"[{ADDRESS}]:{sshd.port} {wrong}")
    keys = {"key_filename": str(target.key_file), "look_for_keys": False, "allow_agent": False}

    said = refused(run(target, known, f"touch {proof}"))
    ours = proof.exists()
    plain = fabric.Connection(ADDRESS, target.user, sshd.port, connect_kwargs=keys)
    with plain:
        plain.run(f"touch {proof}", hide=True, in_stream=False)

    assert "its host key has changed" in said
    assert (ours, proof.exists()) == (False, True)
