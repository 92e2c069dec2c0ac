"""An agent that is behind, or whose files were rotated while it was: nothing twice, nothing lost."""

from __future__ import annotations

from pathlib import Path

from tests.unit.agent_kit import LOG, Bench, delivered

EVERY_LOG = {"filePattern": "*.log*"}


def rotate(bench: Bench) -> None:
    """Rename as logrotate does: `.1` becomes `.2` and so on, the log becomes `.1`."""
    for number in (3, 2, 1):
        if bench.path(f"{LOG}.{number}").exists():
            bench.path(f"{LOG}.{number}").rename(bench.path(f"{LOG}.{number + 1}"))
    bench.path().rename(bench.path(f"{LOG}.1"))


def test_a_file_that_was_read_to_its_end_is_not_read_again_under_a_name_that_is_known(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.write("first\n", f"{LOG}.1")
    bench.write("second\n")
    bench.deliver(delivered(**EVERY_LOG))
    rotate(bench)
    bench.write("third\n")
    bench.round(1)
    bench.round(601)
    bench.round(1)

    assert sorted(bench.door.lines()) == ["first", "second", "third"]


def test_no_line_of_a_rotated_file_is_cut_where_one_read_ends(tmp_path: Path) -> None:
    lines = [f"{number:07d}" + "x" * 1000 for number in range(2500)]
    bench = Bench(tmp_path)
    bench.write("first\n")
    bench.deliver(delivered(**EVERY_LOG))
    bench.door.status = 503
    bench.write("".join(f"{line}\n" for line in lines))
    bench.round(1)
    rotate(bench)
    bench.write("last\n")
    bench.round(1)
    bench.door.status = 200
    bench.round(5)
    bench.round(5)

    assert bench.door.lines() == ["first", *lines, "last"]


def test_a_file_that_waited_behind_a_refused_one_is_read_after_a_clean_restart(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.write("first\n")
    bench.deliver(delivered(**EVERY_LOG))
    bench.door.status = 503
    for text in ("refused\n", "waiting\n", "last\n"):
        bench.write(text)
        bench.round(1)
        rotate(bench)
    bench.round(130)
    bench.door.status = 200
    bench.restart(clean=True)
    bench.round(5)

    assert bench.door.lines() == ["first", "refused", "waiting", "last"]
