"""known_hosts read as OpenSSH reads it; hashed names come from ssh-keygen's own method."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import time
from pathlib import Path

import pytest

from bot.known_hosts import HostKey, HostKeyRefused, KnownHosts, name_of, read_known_hosts

PATH = Path("/etc/logmigrate/known_hosts")
FIRST, SECOND = b"first key", b"second key"
ED = "ssh-ed25519"


def encoded(blob: bytes) -> str:
    return base64.b64encode(blob).decode()


def parsed(*lines: str) -> KnownHosts:
    return KnownHosts.parse("\n".join(lines), PATH)


def hashed(name: str) -> str:
    salt = b"0123456789abcdefghij"
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{encoded(salt)}|{encoded(digest)}"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("h1", "h1"),
        ("H1", "h1"),
        ("h0,h1,10.0.0.1", "10.0.0.1"),
        ("[h1]:2222", "[h1]:2222"),
        ("*.example.org", "h1.example.org"),
        ("[10.0.0.?]:2222", "[10.0.0.7]:2222"),
        (hashed("h1"), "h1"),
        (hashed("[h1]:2222"), "[h1]:2222"),
    ],
)
def test_a_host_is_known_by_each_way_to_write_its_name(written: str, name: str) -> None:
    known = parsed(f"{written} {ED} {encoded(FIRST)} a comment")

    known.check(name, HostKey(ED, FIRST))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("h1", "h11"),
        ("h1", "[h1]:2222"),  # the key of one port says nothing about another
        ("[h1]:2222", "h1"),
        ("[1-9]", "5"),  # brackets are part of a name, no set of characters
        ("*.example.org,!h1.example.org", "h1.example.org"),
        (hashed("h1"), "h2"),
        ("|1|not base64|x", "h1"),
        ("|1|AAAA", "h1"),
        ("# h1", "h1"),
        ("@cert-authority h1", "h1"),
    ],
)
def test_a_host_that_is_not_written_down_is_unknown(written: str, name: str) -> None:
    known = parsed(f"{written} {ED} {encoded(FIRST)}")

    with pytest.raises(HostKeyRefused, match="unknown"):
        known.check(name, HostKey(ED, FIRST))


def test_a_changed_key_is_refused_with_both_fingerprints_and_the_file() -> None:
    known, shown = parsed(f"h1 {ED} {encoded(FIRST)}"), HostKey(ED, SECOND)

    with pytest.raises(HostKeyRefused, match="has changed") as refused:
        known.check("h1", shown)

    for part in (shown.fingerprint, HostKey(ED, FIRST).fingerprint, str(PATH)):
        assert part in str(refused.value)


def test_an_unknown_key_is_refused_with_its_fingerprint_the_file_and_the_name() -> None:
    shown = HostKey(ED, SECOND)

    with pytest.raises(HostKeyRefused) as refused:
        parsed().check("[h1]:2222", shown)

    for part in (shown.fingerprint, str(PATH), "[h1]:2222", "add the line"):
        assert part in str(refused.value)


def test_the_same_bytes_under_another_kind_are_another_key() -> None:
    known = parsed(f"h1 ssh-rsa {encoded(FIRST)}")

    with pytest.raises(HostKeyRefused):
        known.check("h1", HostKey(ED, FIRST))


def test_a_host_may_have_several_keys() -> None:
    known = parsed(f"h1 {ED} {encoded(FIRST)}", f"{hashed('h1')} ssh-rsa {encoded(SECOND)}")

    known.check("h1", HostKey(ED, FIRST))
    known.check("h1", HostKey("ssh-rsa", SECOND))
    assert [key.kind for key in known.keys("h1")] == [ED, "ssh-rsa"]


def test_a_revoked_key_is_refused_though_it_is_written_down() -> None:
    known = parsed(f"h1 {ED} {encoded(FIRST)}", f"@revoked * {ED} {encoded(FIRST)}")

    with pytest.raises(HostKeyRefused, match="@revoked"):
        known.check("h1", HostKey(ED, FIRST))


def test_lines_that_are_no_keys_do_not_hide_those_that_are() -> None:
    known = parsed("", "nonsense", "h1 ssh-ed25519", "h1 1024 35 123", f"h1 {ED} {encoded(FIRST)}")

    known.check("h1", HostKey(ED, FIRST))


def test_a_fingerprint_is_what_ssh_keygen_prints() -> None:
    blob = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"

    fingerprint = HostKey(ED, base64.b64decode(blob)).fingerprint

    # Printed in GitHub's documentation beside this key of github.com.
    assert fingerprint == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"


def test_the_standard_port_is_not_part_of_a_name() -> None:
    assert (name_of("h1", 22), name_of("h1", 2222)) == ("h1", "[h1]:2222")


def test_the_file_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    path.write_text(f"h1 {ED} {encoded(FIRST)}\n")

    first, again = read_known_hosts(path), read_known_hosts(path)
    path.write_text(f"h1 {ED} {encoded(SECOND)}\n")
    os.utime(path, ns=(time.time_ns(), time.time_ns()))
    changed = read_known_hosts(path)

    assert first is again
    changed.check("h1", HostKey(ED, SECOND))


def test_two_thousand_hosts_cost_no_time_worth_speaking_of() -> None:
    lines = [f"{hashed(f'h{n}')} {ED} {encoded(FIRST)}" for n in range(2000)]
    began = time.process_time()

    parsed(*lines).check("h1999", HostKey(ED, FIRST))

    assert time.process_time() - began < 0.5
