"""The application that writes the lines."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.hosts.app import App, Habits, compose, lines_due, record
from tests.unit.agent_kit import NOON

SHAPE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO|WARN|ERROR) order-service "
    r'seq=(\d{8}) host=h1 msg=".*"'
)


def sequence(text: str) -> list[int]:
    return [int(re.search(r"seq=(\d+)", line)[1]) for line in text.splitlines()]  # type: ignore[index]


def test_a_line_has_its_shape_whatever_it_says() -> None:
    lines = [compose("order-service", "h1", seq, NOON + seq / 7) for seq in range(100)]

    assert all(SHAPE.fullmatch(line.decode().removesuffix("\n")) for line in lines)
    assert any(len(line) != len(line.decode()) for line in lines)


def test_lines_come_steadily_with_bursts() -> None:
    habits = Habits(rate=10, burst_factor=4, burst_every=10, burst_seconds=1)

    assert [lines_due(habits, second) for second in (0, 1, 9, 10, 20)] == [0, 10, 90, 130, 260]


def test_the_count_goes_on_from_history_over_rotation_without_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "var/log/app-b/app.log"
    app = App(path, "h1", Habits(history=50, rotate_bytes=3000))
    app.write_history(NOON)
    app.start(NOON)
    for second in range(10):
        app.step(NOON + second)
    app.stop()
    older = sorted(path.parent.glob("app.log.*"), key=lambda file: int(file.suffix[1:]))
    files = [*older, path]
    seen = [number for file in files for number in sequence(file.read_text())]

    assert len(files) > 3
    assert seen == list(range(1, app.written + 1))


def test_history_lies_in_the_minutes_before(tmp_path: Path) -> None:
    app = App(tmp_path / "app.log", "h1", Habits(history=300, history_seconds=300))
    app.write_history(NOON)
    app.stop()
    lines = (tmp_path / "app.log").read_bytes().splitlines(keepends=True)

    assert len(lines) == 300
    assert lines[0] == compose("order-service", "h1", 1, NOON - 300)
    assert lines[-1] == compose("order-service", "h1", 300, NOON - 1)


def test_a_line_is_in_the_file_as_soon_as_it_is_counted(tmp_path: Path) -> None:
    app = App(tmp_path / "app.log", "h1", Habits(history=0, rate=5))
    app.start(NOON)
    app.step(NOON + 1)

    assert sequence((tmp_path / "app.log").read_text()) == [1, 2, 3, 4, 5]
    app.stop()


def test_a_long_line_is_whole_text_and_keeps_its_shape() -> None:
    habits = Habits(long_every=3, long_bytes=4000)
    lines = [record(habits, "h1", seq, NOON).decode() for seq in range(1, 7)]

    assert [len(line.encode()) > 4000 for line in lines] == [False, False, True] * 2
    assert all(SHAPE.fullmatch(line.removesuffix("\n")) for line in lines)


def test_a_stack_trace_follows_its_line_in_one_record() -> None:
    lines = record(Habits(trace_every=2), "h1", 2, NOON).decode().splitlines()

    assert SHAPE.fullmatch(lines[0])
    assert all(line.startswith("    ") for line in lines[1:])
    assert len(lines) > 2


def test_lines_go_to_several_files_in_turn_and_idle_ones_stay_old(tmp_path: Path) -> None:
    app = App(tmp_path / "app.log", "h1", Habits(history=4, files=2, idle_files=1))
    app.write_history(NOON)
    app.stop()

    assert sequence((tmp_path / "app.log").read_text()) == [2, 4]
    assert sequence((tmp_path / "app-2.log").read_text()) == [1, 3]
    assert (tmp_path / "idle-1.log").stat().st_mtime == NOON - 3600


def test_copytruncate_empties_the_file_it_copied(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    app = App(path, "h1", Habits(history=40, rotate_bytes=2000, copytruncate=True))
    inode = path.stat().st_ino
    app.write_history(NOON)
    app.stop()
    copies = sorted(tmp_path.glob("app.log.*"), key=lambda file: int(file.suffix[1:]))

    assert path.stat().st_ino == inode
    assert [n for file in [*copies, path] for n in sequence(file.read_text())] == [*range(1, 41)]
