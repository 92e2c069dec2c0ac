"""Disks and files that forbid an edit: a clear sentence, nothing half-written, nothing left over."""

from __future__ import annotations

import os
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import needs
from tests.unit.shell_kit import ACCOUNT, OURS, add, facts, last_word, said, tree, trouble, undo
from workflows.apps import Host
from workflows.steps.on_host.commands import Look


@pytest.fixture
def small_disk() -> Iterator[Host]:
    """A host's folders on a disk of 64 KiB."""
    needs.root()  # to mount
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "logmigrate", folder], capture_output=True
        )
        if mounted.returncode:
            needs.lacking("the right to mount", mounted.stderr.decode().strip())
        try:
            yield Host("h1", folder, folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_named_and_nothing_is_half_written(small_disk: Host) -> None:
    id_file = Path(small_disk.conf_dir, "user_defined_id")
    id_file.write_bytes(b"other\n")
    fill(Path(small_disk.conf_dir, "filler"))
    untouched = tree(small_disk)

    word = trouble(add(small_disk))

    assert word.endswith(": no space left on device")
    assert tree(small_disk) == untouched


def test_a_full_disk_can_still_be_undone_once_there_is_room(small_disk: Host) -> None:
    id_file = Path(small_disk.conf_dir, "user_defined_id")
    id_file.write_bytes(b"other")
    before, untouched = facts(small_disk), tree(small_disk)
    said(add(small_disk))
    fill(Path(small_disk.conf_dir, "filler"))
    held = id_file.read_bytes()

    word = trouble(undo(small_disk, before))
    kept = id_file.read_bytes()
    Path(small_disk.conf_dir, "filler").unlink()
    said(undo(small_disk, before))

    assert word.endswith(": no space left on device")
    assert kept == held
    assert tree(small_disk) == untouched


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return


def test_a_read_only_disk_is_named(small_disk: Host) -> None:
    Path(small_disk.conf_dir, "user_defined_id").write_bytes(b"other\n")
    subprocess.run(["mount", "-o", "remount,ro", small_disk.conf_dir], check=True)
    untouched = tree(small_disk)

    word = trouble(add(small_disk))

    assert word.startswith(f"making {small_disk.conf_dir}/")
    assert word.endswith(": read-only file system")
    assert tree(small_disk) == untouched


@pytest.mark.parametrize("name", ["user_defined_id", ".logmigrate"])
def test_a_folder_in_the_files_place_is_refused(host: Host, name: str) -> None:
    Path(host.conf_dir, name).mkdir()
    untouched = tree(host)

    words = [trouble(Look(host, ACCOUNT, OURS)), trouble(add(host))]

    assert all(word.endswith(f"{name}: not a plain file; move it away") for word in words)
    assert tree(host) == untouched


def test_a_pipe_in_the_files_place_is_refused_and_not_waited_for(host: Host, id_file: Path) -> None:
    os.mkfifo(id_file)

    assert trouble(Look(host, ACCOUNT, OURS)).endswith("not a plain file; move it away")


def test_what_a_killed_edit_left_behind_does_not_stop_the_next(host: Host, id_file: Path) -> None:
    id_file.write_text("other\n")
    before = facts(host)
    for name in (".user_defined_id.logmigrate", ".logmigrate.new"):
        Path(host.conf_dir, name).symlink_to("/nowhere")

    words = [last_word(add(host)), last_word(undo(host, before))]

    assert words == ["changed", "changed"]
    assert [path.name for path in Path(host.conf_dir).iterdir()] == ["user_defined_id"]


def labelled(host: Host, tmp_path: Path, chcon: str) -> tuple[str, str]:
    """The script as on a host with SELinux, with this as its chcon, and a PATH that has it."""
    sign = tmp_path / "enforce"
    sign.touch()
    tool = tmp_path / "bin" / "chcon"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\n{chcon}\n")
    tool.chmod(0o755)
    script = add(host).script.replace("/sys/fs/selinux/enforce", f"'{sign}'")
    return script, f"{tool.parent}:{os.environ['PATH']}"


def run(script: str, path: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": path}
    return subprocess.run(["/bin/sh", "-s"], input=script, env=env, capture_output=True, text=True)


def test_the_selinux_label_is_given_to_the_copy(host: Host, id_file: Path, tmp_path: Path) -> None:
    id_file.write_text("other\n")

    done = run(*labelled(host, tmp_path, f'printf "%s\\n" "$@" >"{tmp_path}/asked"'))

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked").read_text().split("\n")[0] == f"--reference={id_file}"


def test_a_label_that_cannot_be_kept_is_refused(host: Host, id_file: Path, tmp_path: Path) -> None:
    id_file.write_text("other\n")
    untouched = tree(host)

    done = run(*labelled(host, tmp_path, 'echo "chcon: x: Operation not permitted" >&2; exit 1'))

    assert done.stderr.strip() == (
        f"keeping the SELinux label of {id_file}: operation not permitted; write the id by hand"
    )
    assert tree(host) == untouched


NOBODY_MAY_WRITE_TOO = b"".join(
    struct.pack("<HHI", tag, rights, who)
    for tag, rights, who in [
        (0x01, 6, 0xFFFFFFFF),  # the owner
        (0x02, 6, 65534),
        (0x04, 4, 0xFFFFFFFF),  # the group
        (0x10, 6, 0xFFFFFFFF),  # the mask
        (0x20, 4, 0xFFFFFFFF),  # everybody else
    ]
)


def test_an_acl_is_kept(host: Host, id_file: Path) -> None:
    id_file.write_text("other\n")
    acl = give_acl(id_file)
    before = facts(host)

    words = [last_word(add(host)), last_word(undo(host, before))]

    assert words == ["changed", "changed"]
    assert os.getxattr(id_file, ACL) == acl


def test_an_acl_that_cp_would_lose_is_refused(host: Host, id_file: Path, tmp_path: Path) -> None:
    id_file.write_text("other\n")
    give_acl(id_file)
    untouched = tree(host)
    poor = tmp_path / "cp"
    poor.write_text('#!/bin/sh\nfor to do :; done\ncat "$3" >"$to"\n')
    poor.chmod(0o755)

    word = trouble(add(host), path=f"{tmp_path}:{os.environ['PATH']}")

    assert word.startswith(f"keeping mode and ACL of {id_file}: ")
    assert tree(host) == untouched


ACL = "system.posix_acl_access"


def give_acl(path: Path) -> bytes:
    try:
        os.setxattr(path, ACL, struct.pack("<I", 2) + NOBODY_MAY_WRITE_TOO)
    except OSError as error:
        needs.lacking("a disk with ACLs", str(error))
    return os.getxattr(path, ACL)
