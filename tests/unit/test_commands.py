"""What the identity's commands do to a host's files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.unit.shell_kit import (
    ACCOUNT,
    APP,
    OURS,
    add,
    book,
    facts,
    last_word,
    said,
    tree,
    trouble,
    undo,
)
from workflows.apps import Host
from workflows.steps.on_host.commands import AddIdentity, Delivered, Look, RemoveIdentity


def test_the_id_file_keeps_its_mode_and_owner(host: Host, id_file: Path) -> None:
    id_file.write_text("other\n")
    id_file.chmod(0o640)
    if os.getuid() == 0:
        os.chown(id_file, 65534, 65534)
    before = id_file.stat()

    said(add(host))

    after = id_file.stat()
    assert (after.st_uid, after.st_gid, after.st_mode) == (
        before.st_uid,
        before.st_gid,
        before.st_mode,
    )


def test_files_we_make_can_be_read_by_the_agent(host: Host, id_file: Path) -> None:
    said(add(host))

    user_file = Path(host.conf_dir, "users", ACCOUNT)
    assert stat.S_IMODE(id_file.stat().st_mode) == 0o644
    assert (stat.S_IMODE(user_file.stat().st_mode), user_file.read_bytes()) == (0o644, b"")


def test_a_user_file_that_is_there_is_not_touched(host: Host) -> None:
    user_file = Path(host.conf_dir, "users", ACCOUNT)
    user_file.parent.mkdir()
    user_file.write_text("theirs")
    os.utime(user_file, (1_000_000, 1_000_000))

    said(add(host))

    assert (user_file.read_text(), user_file.stat().st_mtime) == ("theirs", 1_000_000)


def test_a_link_stays_a_link_and_its_target_gains_the_line(
    host: Host, id_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "shared ids"
    target.write_text("other")
    id_file.symlink_to(target)
    before = facts(host)

    said(add(host))
    linked = target.read_text()
    said(undo(host, before))

    assert id_file.is_symlink()
    assert (linked, target.read_text()) == (f"other\n{OURS}\n", "other")


def test_a_link_that_somebody_put_in_place_of_our_users_folder_is_theirs(
    host: Host, tmp_path: Path
) -> None:
    before = facts(host)
    said(add(host))
    users, theirs = Path(host.conf_dir, "users"), tmp_path / "theirs"
    (users / ACCOUNT).unlink()
    users.rmdir()
    theirs.mkdir()
    users.symlink_to(theirs)

    assert last_word(undo(host, before)) == "changed"
    assert (users.is_symlink(), theirs.is_dir(), book(host)) == (True, True, [])


def test_what_links_lead_to_outside_is_changed_there_and_taken_back(
    host: Host, id_file: Path, tmp_path: Path
) -> None:
    for name in ("users", "ids"):
        (tmp_path / name).mkdir()
    ids = tmp_path / "ids" / "mine"
    ids.write_bytes(b"other")
    id_file.symlink_to(ids)
    Path(host.conf_dir, "users").symlink_to(tmp_path / "users")
    before = facts(host)
    said(add(host))
    added = ids.read_bytes(), [path.name for path in (tmp_path / "users").iterdir()]
    said(undo(host, before))

    assert added == (b"other\napp-b\n", [ACCOUNT])
    assert ids.read_bytes() == b"other"
    assert [*(tmp_path / "users").iterdir(), *(tmp_path / "ids").iterdir()] == [ids]
    assert sorted(path.name for path in Path(host.conf_dir).iterdir()) == [
        "user_defined_id",
        "users",
    ]


def test_a_line_that_came_after_ours_stays(host: Host, id_file: Path) -> None:
    id_file.write_text("first")
    before = facts(host)
    said(add(host))
    with id_file.open("a") as file:
        file.write("later\n")

    said(undo(host, before))

    assert id_file.read_text() == "first\nlater\n"


def test_a_file_we_made_stays_when_others_wrote_into_it(host: Host, id_file: Path) -> None:
    before = facts(host)
    said(add(host))
    id_file.write_text(f"{OURS}\ntheirs\n")
    Path(host.conf_dir, "users", "99").touch()

    said(undo(host, before))

    assert id_file.read_text() == "theirs\n"
    assert [path.name for path in Path(host.conf_dir, "users").iterdir()] == ["99"]


def test_a_carriage_return_makes_another_id(host: Host, id_file: Path) -> None:
    id_file.write_bytes(f"{OURS}\r\n".encode())

    listed = facts(host).listed
    said(add(host))

    assert not listed
    assert id_file.read_bytes() == f"{OURS}\r\n{OURS}\n".encode()


def test_a_file_with_nul_bytes_is_refused_before_anything_is_made(
    host: Host, id_file: Path
) -> None:
    id_file.write_bytes(b"a\0b\n")
    untouched = tree(host)

    word = trouble(add(host))

    assert str(id_file) in word
    assert "NUL" in word
    assert tree(host) == untouched


def test_a_missing_agent_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    host = Host("h1", str(tmp_path / "none"), str(tmp_path / "none"))

    words = {trouble(command) for command in (Look(host, ACCOUNT, OURS), Delivered(host))}

    assert {word.split(": ")[0] for word in words} == {f"looking at {host.conf_dir}"}
    assert list(tmp_path.iterdir()) == []


def test_taking_back_where_the_folder_has_gone_changes_nothing(tmp_path: Path) -> None:
    host = Host("h1", str(tmp_path / "none"), str(tmp_path))

    assert last_word(RemoveIdentity(host, APP, ACCOUNT, OURS, drop_file=True)) == "same"


@pytest.mark.parametrize("account", ["", "../../etc/passwd", "12 3", "１２"])
def test_only_digits_name_an_account(host: Host, account: str) -> None:
    with pytest.raises(ValueError, match="no account id"):
        AddIdentity(host, APP, account, OURS)


@pytest.mark.parametrize("custom", ["", "two words", "two\nlines", "bell\a"])
def test_a_custom_id_is_one_printable_word(host: Host, custom: str) -> None:
    with pytest.raises(ValueError, match="custom id"):
        AddIdentity(host, APP, ACCOUNT, custom)


@pytest.mark.parametrize("custom", ["it's", '"$(touch${IFS}x)"', "-e", "日志", "a.b*[c]\\", "`id`"])
def test_no_custom_id_is_read_as_shell_or_pattern(host: Host, id_file: Path, custom: str) -> None:
    id_file.write_text("a-b*[c]\\\n")

    words = [last_word(AddIdentity(host, APP, ACCOUNT, custom)) for _ in range(2)]

    assert words == ["changed", "same"]
    assert id_file.read_text() == f"a-b*[c]\\\n{custom}\n"


@pytest.mark.parametrize("name", ["user_defined_id", ".logmigrate"])
def test_what_is_no_list_of_ids_is_not_held_in_memory(host: Host, name: str) -> None:
    with Path(host.conf_dir, name).open("wb") as file:
        file.truncate(5 << 30)  # bytes, without taking any room

    said = trouble(Look(host, ACCOUNT, OURS))

    assert said.startswith(f"reading {host.conf_dir}/{name}: over 1 MiB")
