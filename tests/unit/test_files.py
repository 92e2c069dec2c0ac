"""One look at the log files of a host: every shell, odd names, what is too much, what is not seen."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.hosts.paths import FilePath
from tests import needs
from tests.crash.world import APP, WAITS, World
from tests.unit.ill_kit import Ward
from tests.unit.shell_kit import said, tree
from tests.unit.test_command_shells import shell
from tests.unit.test_diagnosis_script import put
from workflows.apps import Host
from workflows.collection.watched import LeftOut, Watched, tail_size, watched
from workflows.errors import StepFailed
from workflows.step import Context
from workflows.steps import source
from workflows.steps.files import FileSeen, HostFiles, Looked, idle, look_for, looked
from workflows.steps.on_host.file_look import FileLook
from workflows.steps.on_host.positions import Position, positions

DAY = 86_400


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "log [a] 'b"
    folder.mkdir()
    return folder


def look(host: Host, *paths: Watched, most: int = 2000) -> FileLook:
    return look_for(host, paths, most)


def found(command: FileLook, **how: Any) -> HostFiles:
    return HostFiles.parse(said(command, **how))


def names(host: HostFiles) -> list[str]:
    return [file.path.rpartition("/")[2] for file in host.files]


def written(path: Path, size: int = 1, ago: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    at = time.time() - ago
    os.utime(path, (at, at))
    return path


@pytest.mark.parametrize("name", ["dash", "bash", "busybox"])
def test_each_shell_lists_the_files_newest_first_and_changes_nothing(
    name: str, host: Host, logs: Path, tmp_path: Path
) -> None:
    how = shell(name, tmp_path)
    written(logs / "old.log", 7, ago=DAY)
    written(logs / "a/b/new file.log", 5)
    written(logs / "a/b/other.txt")
    (logs / "link.log").symlink_to(logs / "old.log")
    before = tree(host)

    seen = found(look(host, Watched(str(logs), "*.log", 1000)), **how)

    assert names(seen) == ["new file.log", "old.log"]
    assert [file.size for file in seen.files] == [5, 7]
    assert DAY - 5 <= seen.age(seen.files[1]) <= DAY + 60
    assert seen.files[0].inode == (logs / "a/b/new file.log").stat().st_ino
    assert tree(host) == before
    assert not seen.cut


@pytest.mark.parametrize("name", ["dash", "bash", "busybox"])
def test_a_name_with_a_newline_or_with_bytes_that_are_no_text_is_spelt_out(
    name: str, host: Host, logs: Path, tmp_path: Path
) -> None:
    written(logs / "new\n1 2 3 4 /etc/line\n.log", 3)
    written(Path(os.fsdecode(os.fsencode(logs) + b"/\xff\xfe.log")), 2)
    written(logs / "日志.log", 1)

    seen = found(look(host, Watched(str(logs), "*.log", 2)), **shell(name, tmp_path))

    assert {Path(file.path).name: file.size for file in seen.files} == {
        "line\\n.log": 3,
        "\\xff\\xfe.log": 2,
        "日志.log": 1,
    }


def test_depth_and_wildcards_count_as_the_agent_counts_them(host: Host, logs: Path) -> None:
    for place in ("x.log", "one/x.log", "one/two/x.log", "three/two/x.log"):
        written(logs / place)
    root = str(logs)

    def listed(folder: str, depth: int) -> set[str]:
        seen = found(look(host, Watched(folder, "x.log", depth)))
        return {file.path.removeprefix(f"{root}/") for file in seen.files}

    assert listed(root, 0) == {"x.log"}
    assert listed(root, 1) == {"x.log", "one/x.log"}
    assert listed(f"{root}/*", 0) == {"one/x.log"}
    assert listed(f"{root}/*/t?o", 0) == {"one/two/x.log", "three/two/x.log"}
    assert listed(f"{root}/gone", 5) == set()


def test_what_a_config_leaves_out_is_left_out(host: Host, logs: Path) -> None:
    for place in ("a.log", "b.log", "shut/c.log", "d/e.log"):
        written(logs / place)
    out = LeftOut((f"{logs}/shut",), (f"{logs}/*/e.log",), ("b.*",))

    seen = look_for(host, [Watched(str(logs), "*.log", 9, out)], 2000)

    kept = found(seen).meant_by([Watched(str(logs), "*.log", 9, out)])
    assert names(kept) == ["a.log"]


def test_of_too_many_files_the_newest_are_kept_and_it_is_said(host: Host, logs: Path) -> None:
    for number in range(8):
        written(logs / f"{number}.log", ago=number * 100)
    seen = found(look(host, Watched(str(logs), "*.log", 0), most=3))

    assert (names(seen), seen.cut) == (["0.log", "1.log", "2.log"], True)


def test_a_folder_that_may_not_be_looked_into_is_named() -> None:
    needs.root()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        written(Path(folder, "x.log"))
        Path(folder, "closed").mkdir(mode=0o700)
        command = look(Host("h1", folder, folder), Watched(folder, "x.log", 5))
        seen = found(command, user=65534, group=65534, extra_groups=())

    assert names(seen) == ["x.log"]
    assert f"{folder}/closed" in seen.unseen
    assert "Permission denied" in seen.unseen


def test_the_agents_start_version_limits_and_positions_are_read(host: Host, logs: Path) -> None:
    file = written(logs / "x.log", 9)
    agent = Path(host.agent_dir)
    told = {"instance_id": "UUID-1_10.0.0.1_1700000000", "logtail_version": "1.8.8"}
    (agent / "app_info.json").write_text(json.dumps(told))
    (agent / "ilogtail_config.json").write_text('{"cpu_usage_limit": 2, "mem_usage_limit": 512}')
    stat = file.stat()
    kept = {"config_name": "##1.0##p$c", "dev": stat.st_dev, "inode": stat.st_ino, "offset": "4"}
    (agent / "data").mkdir()
    (agent / "data/file_check_point").write_text(json.dumps({"check_point": {"k": kept}}))

    seen = found(look(host, Watched(str(logs), "*.log", 0)))

    assert (seen.started, seen.version) == (1_700_000_000, "1.8.8")
    assert (seen.cpu_limit, seen.memory_limit) == (2.0, 512)
    assert seen.positions == (Position("##1.0##p$c", stat.st_dev, stat.st_ino, 4),)
    assert abs(seen.dumped - seen.now) < 60
    assert seen.cores >= 1


def test_the_agents_use_of_the_host_is_that_of_all_its_processes(
    host: Host, logs: Path, tmp_path: Path
) -> None:
    rows = (
        "1-00:00:00 00:00:00 2048 /usr/local/ilogtail/ilogtail",
        "1-00:00:00 06:00:00 51200 /usr/local/ilogtail/ilogtail",
        "01:00:00 00:59:00 90000 tail -f /usr/local/ilogtail/ilogtail.LOG",
    )
    tools = tmp_path / "tools"
    tools.mkdir()
    put(tools / "ps", "\n".join(f"echo '{row}'" for row in rows))

    path = f"{tools}:{os.environ['PATH']}"
    seen = found(look(host, Watched(str(logs), "*.log", 0)), path=path)

    assert seen.cpu == pytest.approx(0.25)
    assert seen.started == seen.now - DAY
    assert seen.memory == 52


def test_a_look_whose_lists_do_not_fit_each_other_is_refused(host: Host) -> None:
    with pytest.raises(ValueError, match="differ in length"):
        FileLook(host, ("/a",), ("/a",), ("x",), ())
    with pytest.raises(ValueError, match="'1; id' is no depth"):
        FileLook(host, ("/a",), ("/a",), ("x",), ("1; id",))
    with pytest.raises(ValueError, match="'-delete' is not absolute"):
        FileLook(host, ("-delete",), ("/a",), ("x",), ("1",))


@pytest.mark.parametrize("value", ["$(touch {})", "`touch {}`", "x' ; touch {} ; '", "-delete"])
def test_no_pattern_becomes_a_command(value: str, host: Host, logs: Path, tmp_path: Path) -> None:
    kept, trap = written(logs / "x.log"), tmp_path / "trap"
    pattern = value.format(trap)

    found(look(host, Watched(f"{logs}/{pattern}", pattern, 1), Watched(str(logs), pattern, 1)))

    assert kept.exists()
    assert not trap.exists()


@pytest.mark.parametrize(
    "garble",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("fact end", ""),
        lambda text: text.replace("fact files z=", "fact files z=AAAA"),
        lambda text: text.replace("fact date", "fact day"),
    ],
)
def test_an_answer_that_is_cut_or_garbled_is_no_answer(
    garble: Callable[[str], str], host: Host, logs: Path
) -> None:
    answer = said(look(host, Watched(str(logs), "*.log", 0)))

    with pytest.raises(StepFailed, match="reading the host's files: the answer is not complete"):
        HostFiles.parse(garble(answer))


@pytest.mark.parametrize(
    "content", [b"", b"[", b"[]", b'{"check_point": 1}', b'{"check_point": [1, {"dev": -1}]}']
)
def test_what_is_no_checkpoint_has_no_positions(content: bytes) -> None:
    assert positions(content) == ()


def test_the_product_and_the_agents_model_mean_the_same_files() -> None:
    folders = ("/", "/log", "/log/*", "/l?g/a", "/log/a*/[b]")
    paths = ("/x.log", "/log/x.log", "/log/a/x.log", "/log/a/[b]/x.log", "/log/ab/b/x.log")
    cases = [(f, d, path) for f in folders for d in (-1, 0, 1, 3) for path in paths]

    ours = [Watched(f, "*.log", d).matches(path) for f, d, path in cases]

    theirs = [FilePath(f, "*.log", d).matches(*path.rsplit("/", 1)) for f, d, path in cases]
    assert ours == theirs
    assert True in ours


def test_both_forms_tell_their_paths_tail_and_what_they_leave_out() -> None:
    blacklist = {"dir_blacklist": ["/log/x"], "filename_blacklist": ["a.log"]}
    detail = {"logPath": "/log/", "filePattern": "*.log", "maxDepth": 3}
    advanced = {"tail_size_kb": 64, "blacklist": blacklist}
    classic = {"inputType": "file", "inputDetail": {**detail, "advanced": advanced}}
    reads = {"Type": "input_file", "FilePaths": ["/log/**/*.log"], "MaxDirSearchDepth": 3}
    more = {"TailSizeKB": 64, "ExcludeDirs": ["/log/x"], "ExcludeFiles": ["a.log"]}
    pipeline = {"inputs": [{**reads, **more}], "flushers": [{"Type": "flusher_sls"}]}

    wanted = (Watched("/log", "*.log", 3, LeftOut(("/log/x",), (), ("a.log",))),)
    assert watched(classic) == watched(pipeline) == wanted
    assert tail_size(classic) == tail_size(pipeline) == 64 * 1024
    assert tail_size({"inputType": "file"}) == 1024 * 1024
    assert watched({"inputType": "file", "inputDetail": {**detail, "dockerFile": True}}) == ()


def context(world: World) -> Context:
    asked = Context(APP, WAITS, world.hosts, world.source, world.target, world.clock)
    return replace(asked, known={"source": source.look(asked)})


def test_a_host_that_does_not_answer_is_missing_and_the_others_are_there() -> None:
    world = World()
    world.hosts.hosts["h1"].files["/var/log/app-b/app.log"] = b"x" * 70
    world.hosts.refuse("h3")

    seen = looked(context(world))

    assert [file.size for file in seen.hosts["h1"].files] == [70]
    assert list(seen.hosts) == ["h1", "h2"]
    assert seen.missing == {"h3": "connecting to h3: connection refused"}


def test_of_a_config_in_containers_nothing_can_be_seen_and_nobody_is_idle() -> None:
    world = World()
    config = world.source.config_bodies["old-config"]
    config["inputDetail"] = {**config["inputDetail"], "dockerFile": True}

    seen = looked(context(world))

    why = "config old-config reads no files that a look at the host could show"
    assert (seen.unseen, seen.missing) == ((why,), dict.fromkeys(("h1", "h2", "h3"), why))
    assert idle(seen, 0.0) == {}


def test_idle_is_who_wrote_nothing_since_whatever_the_hosts_clock_says() -> None:
    ahead = 10_000  # seconds, of the host's clock
    busy = FileSeen("/a", 1, 1, 5, 1_000 + ahead)
    still = FileSeen("/b", 1, 2, 5, 940 + ahead)
    now = 1_010 + ahead
    hosts = {
        "busy": HostFiles(now, (busy, still)),
        "still": HostFiles(now, (still,)),
        "none": HostFiles(now, ()),
        "closed": HostFiles(now, (), unseen="find: /x: Permission denied"),
    }

    found = idle(Looked(at=1_010.0, hosts=hosts), since=990.0)

    assert found == {
        "still": "/b, its newest file, was last written to 70 s before the look",
        "none": "no file matches the configs' paths",
    }


def test_on_a_host_of_the_sandbox_the_files_are_those_of_the_host_and_not_of_the_machine(
    tmp_path: Path,
) -> None:
    with Ward(tmp_path, ["h1"]) as ward:
        root = ward.fleet.root("h1")
        written(root / "var/log/app-b/odd\nname.log", 3)
        host = Host("h1", str(root / "etc/ilogtail"), str(root / "usr/local/ilogtail"))
        code, answer, trouble = ward.run("h1", look(host, Watched("/var/log", "*.log", 5)).script)

    seen = HostFiles.parse(answer)
    assert (code, trouble) == (0, "")
    assert {file.path for file in seen.files} >= {"/var/log/app-b/odd\\nname.log"}
    assert all(file.path.startswith("/var/log/") for file in seen.files)
    assert seen.cpu == pytest.approx(0.012, abs=0.001)
    assert seen.started > 0


def test_the_script_is_one_round_trip_of_moderate_length(host: Host) -> None:
    command = look(host, *(Watched(f"/log/{n}", "*.log", 3) for n in range(20)))

    assert len(command.script) < 10_000
    assert subprocess.run(["sh", "-n"], input=command.script.encode(), check=True).returncode == 0
