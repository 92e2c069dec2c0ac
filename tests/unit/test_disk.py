"""What a disk is to an agent: the real one and the one in memory keep the same promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.hosts.disk import Disk, RealDisk
from sandbox.simulate.disk import MemoryDisk

LOGS = "/var/log/app-b"
LOG = f"{LOGS}/app.log"


@pytest.fixture(params=["real", "memory"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    return RealDisk(tmp_path) if request.param == "real" else MemoryDisk(lambda: 1000.0)


def inode(disk: Disk, path: str) -> int:
    files, _ = disk.listing(path.rsplit("/", 1)[0])
    return next(file.inode for file in files if file.path == path)


def test_what_was_written_is_read(disk: Disk) -> None:
    disk.replace(LOG, "订单\n")

    assert disk.read(LOG) == "订单\n".encode()


def test_writing_anew_replaces_and_appending_adds(disk: Disk) -> None:
    disk.replace(LOG, "long before\n")
    disk.replace(LOG, "one\n")
    disk.append(LOG, "two\n")

    assert disk.read(LOG) == b"one\ntwo\n"


def test_appending_makes_a_file_that_is_missing(disk: Disk) -> None:
    disk.replace(f"{LOGS}/other", "")
    disk.append(LOG, "one\n")

    assert disk.read(LOG) == b"one\n"


def test_a_leading_slash_makes_no_difference(disk: Disk) -> None:
    disk.replace("etc/x", "1")
    files, _ = disk.listing("etc")

    assert disk.read("/etc/x") == b"1"
    assert [file.path for file in files] == ["/etc/x"]


def test_a_missing_file_is_none_and_a_missing_folder_is_empty(disk: Disk) -> None:
    disk.replace(LOG, "")

    assert disk.read(f"{LOGS}/none.log") is None
    assert disk.read(LOGS) is None
    assert disk.listing("/nowhere") == ([], [])
    assert disk.listing(LOG) == ([], [])


def test_a_listing_tells_files_with_their_sizes_and_folders_by_path(disk: Disk) -> None:
    disk.replace(LOG, "12345")
    disk.replace(f"{LOGS}/old/app.log", "1")
    files, folders = disk.listing(LOGS)

    assert [(file.path, file.size) for file in files] == [(LOG, 5)]
    assert folders == [f"{LOGS}/old"]
    assert disk.listing("/var")[1] == ["/var/log"]
    assert "/var" in disk.listing("/")[1]


def test_no_path_leads_out(disk: Disk) -> None:
    disk.replace("/../../etc/x", "1")

    assert disk.read("/etc/x") == b"1"


def test_an_open_file_is_read_from_any_byte(disk: Disk) -> None:
    disk.replace(LOG, "0123456789")
    with disk.open(LOG, inode(disk, LOG)) as file:
        file.seek(3)
        parts = [file.read(4), file.read(100), file.read(1)]

    assert parts == [b"3456", b"789", b""]


def test_a_file_is_only_opened_as_the_inode_it_is(disk: Disk) -> None:
    disk.replace(LOG, "1")
    disk.replace(f"{LOGS}/other", "2")
    with pytest.raises(FileNotFoundError, match=r"app\.log"):
        disk.open(LOG, inode(disk, f"{LOGS}/other"))

    with pytest.raises(FileNotFoundError, match=r"none\.log"):
        disk.open(f"{LOGS}/none.log", 1)


def test_appending_keeps_the_inode(disk: Disk) -> None:
    disk.replace(LOG, "1")
    before = inode(disk, LOG)
    disk.append(LOG, "2")

    assert inode(disk, LOG) == before


def test_an_open_file_outlives_its_name(disk: Disk) -> None:
    disk.replace(LOG, "old")
    with disk.open(LOG, inode(disk, LOG)) as file:
        disk.replace(LOG, "new")
        read = file.read(10)

    assert read == b"old"


def test_a_removed_file_is_gone_and_removing_it_again_is_no_error(disk: Disk) -> None:
    disk.replace(LOG, "1")
    disk.remove(LOG)
    disk.remove(LOG)

    assert disk.read(LOG) is None
    assert disk.listing(LOGS) == ([], [])
