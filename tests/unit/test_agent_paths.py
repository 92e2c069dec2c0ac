"""Which files a config means: wildcards, depth, blacklists."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.hosts.matching import matches
from sandbox.hosts.paths import Blacklist, FilePath
from sandbox.hosts.understand import read_config
from tests.unit.agent_kit import LOG, Bench, delivered

DEEP = "/var/log/app-b/x/y/app.log"


@pytest.mark.parametrize(
    ("base", "depth", "folder", "covered"),
    [
        ("/log", 0, "/log", True),
        ("/log", 0, "/log/a", False),
        ("/log", 2, "/log/a/b", True),
        ("/log", 2, "/log/a/b/c", False),
        ("/log", -1, "/log/a/b/c/d/e", True),
        ("/log", 2, "/log1/a", False),
        ("/log/*/x", 0, "/log/a/x", True),
        ("/log/*/x", 0, "/log/a/b/x", False),
        ("/log/*/x", 0, "/log/a", False),
        ("/log/*/x", 1, "/log/a/x/deeper", True),
        ("/log/*/x", 1, "/log/a/x/deep/er", False),
        ("/log/app-?", 0, "/log/app-b", True),
        ("/log/app-?", 0, "/log/app-bb", False),
        ("/log/[ab]", 0, "/log/a", False),
    ],
)
def test_a_path_covers_by_component_and_depth(
    base: str, depth: int, folder: str, covered: bool
) -> None:
    assert FilePath(base, "*.log", depth).covers(folder) is covered


def test_a_wildcard_path_is_looked_for_from_the_folder_above_its_first_wildcard() -> None:
    path = FilePath("/var/*/app/?", "*.log", 2)

    assert (path.root, path.reach) == ("/var", 5)
    assert FilePath("/*", "*.log", 0).root == "/"


@pytest.mark.parametrize(
    ("blacklist", "held"),
    [
        (Blacklist(names=("app.*",)), True),
        (Blacklist(names=("app",)), False),
        (Blacklist(files=(DEEP,)), True),
        (Blacklist(files=("/var/log/*/app.log",)), False),
        (Blacklist(files=("/var/**/app.log",)), True),
        (Blacklist(folders=("/var/log/app-b/x",)), True),
        (Blacklist(folders=("/var/log/app-b/x/yy",)), False),
        (Blacklist(folders=("/var/log/*",)), True),
        (Blacklist(folders=("/var/**/y",)), True),
        (Blacklist(folders=("/var/*/y",)), False),
    ],
)
def test_a_blacklist_leaves_out_names_files_and_folders_with_what_is_below(
    blacklist: Blacklist, held: bool
) -> None:
    folder, name = DEEP.rsplit("/", 1)

    assert blacklist.holds(folder, name) is held


def test_a_classic_blacklist_is_read_from_advanced() -> None:
    blacklist = {
        "dir_blacklist": ["/var/log/app-b/old"],
        "filename_blacklist": ["debug.log"],
        "filepath_blacklist": ["/var/log/app-b/*/x.log"],
    }
    config = read_config(delivered(advanced={"blacklist": blacklist}))
    seen = ("app.log", "debug.log", "old/app.log", "new/app.log", "new/x.log")

    assert [matches(config, f"/var/log/app-b/{path}") for path in seen] == [
        True,
        False,
        False,
        True,
        False,
    ]


def test_files_of_several_applications_are_collected_by_one_wildcard_path(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n", "/var/log/app-b/app.log")
    bench.write("two\n", "/var/log/app-c/app.log")
    bench.write("not\n", "/var/lib/app-c/app.log")
    bench.write("deep\n", "/var/log/app-c/more/app.log")
    bench.deliver(delivered(logPath="/var/log/app-?", maxDepth=0))

    assert sorted(bench.door.lines()) == ["one", "two"]


def test_an_old_file_is_begun_at_once_where_all_existing_files_are_wanted(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.touch(bench.now - 3600)
    bench.deliver(delivered("some"))
    waiting = bench.door.lines("some-store")
    bench.deliver(delivered("all", tailExisted=True, created=50))

    assert waiting == []
    assert bench.door.lines("all-store") == ["one"]


def test_wanting_all_existing_files_means_the_checkpoint_does_not_count(tmp_path: Path) -> None:
    found = {}
    for wanted in (False, True):
        bench = Bench(tmp_path / str(wanted))
        bench.write("one\n")
        bench.deliver(delivered(tailExisted=wanted))
        bench.restart(clean=True)
        found[wanted] = bench.door.lines()

    assert found == {False: ["one"], True: ["one", "one"]}


def test_an_agent_that_accepts_several_configs_takes_them_all_after_its_start(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    settings = bench.path("/usr/local/ilogtail/ilogtail_config.json")
    told = settings.read_text(encoding="utf-8").rstrip()[:-1]
    bench.write("one\n")
    bench.deliver(delivered("old"), delivered("young", created=200))
    settings.write_text(told + ', "accept_multi_config": true}', encoding="utf-8")
    bench.write("two\n")
    bench.round(700)
    before = bench.door.lines("young-store")
    bench.restart(clean=True)
    bench.write("three\n")
    bench.round(1)

    assert before == []
    assert bench.door.lines("young-store")[-1] == "three"
    assert bench.door.lines("old-store") == ["one", "two", "three"]
    assert LOG in {group.tags["__path__"] for *_, group in bench.door.groups}
