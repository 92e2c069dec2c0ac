"""Who may collect from a host, read from its folder."""

from __future__ import annotations

from pathlib import Path

from sandbox.hosts.disk import RealDisk
from sandbox.hosts.identity import read_identity
from sandbox.hosts.root import CUSTOM_IDS, USERS
from tests.unit.agent_kit import A, B, Bench, delivered


def put_user(root: Path, name: str, text: str = "") -> None:
    (root / USERS).mkdir(exist_ok=True)
    (root / USERS / name).write_text(text)


def test_the_hosts_own_account_needs_no_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    assert read_identity(RealDisk(bench.root), B).accounts == {B}


def test_an_account_is_the_name_of_a_file_and_its_contents_do_not_matter(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    put_user(bench.root, A, "999")

    assert read_identity(RealDisk(bench.root), B).accounts == {A, B}


def test_a_name_that_is_no_account_number_names_no_account(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for name in (f"{A}~", f"{A}.txt", "12345678901234567"):
        put_user(bench.root, name)
    (bench.root / USERS / "123").mkdir()

    assert read_identity(RealDisk(bench.root), B).accounts == {B}


def test_each_line_of_user_defined_id_is_an_id_and_the_last_needs_no_newline(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    (bench.root / CUSTOM_IDS).write_text("app-b-hosts\n\n  \napplication_b\napp-b-hosts")

    assert read_identity(RealDisk(bench.root), B).ids == ("app-b-hosts", "application_b")


def test_a_carriage_return_or_blank_stays_in_the_id_and_spoils_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    (bench.root / CUSTOM_IDS).write_bytes(b"application_b\r\nother \n")

    assert read_identity(RealDisk(bench.root), B).ids == ("application_b\r", "other ")


def test_a_host_without_user_defined_id_has_no_custom_id(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    (bench.root / CUSTOM_IDS).unlink()

    assert read_identity(RealDisk(bench.root), B).ids == ()


def test_a_new_identity_counts_within_a_minute_and_not_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.deliver(delivered())
    put_user(bench.root, A)
    for seconds in (20, 40):
        bench.write("a line\n")
        bench.round(seconds)
    accounts = [group[0] for group in bench.door.groups]

    assert accounts == [{B}, {A, B}]


def test_the_clock_scales_the_minute(tmp_path: Path) -> None:
    bench = Bench(tmp_path, speed=60.0)
    bench.start()
    put_user(bench.root, A)
    bench.round(1.0)
    bench.round(1.0)

    assert bench.door.beats[-1].accounts == {A, B}
