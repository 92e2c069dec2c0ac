"""The count that the demo ends with finds what it is there to find."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from sandbox import count
from sandbox.hosts.app import compose

KEY = "##1.0##shop-a$app-b"


class Host:
    """Ten lines in a file; the agent took the target's config after the fourth."""

    def __init__(self, folder: Path) -> None:
        self.root, self.truth = folder / "h1", folder / "truth-h1.jsonl"
        self.file = self.root / "var/log/app-b/app.log"
        self.file.parent.mkdir(parents=True)
        raw = [compose("shop", "h1", n, 1_700_000_000 + n) for n in range(1, 11)]
        self.file.write_bytes(b"".join(raw))
        self.lines = [line.decode().rstrip("\n") for line in raw]
        self.took(sum(len(line) for line in raw[:4]))

    def took(self, size: int) -> None:
        inode = self.file.stat().st_ino
        entry = {"at": 1.0, "what": "taken", "config": KEY, "inode": inode, "size": size}
        self.truth.write_text(json.dumps(entry) + "\n")

    def tally(self, source: list[str], target: list[str]) -> count.Tally:
        roots, truths = {"h1": self.root}, {"h1": self.truth}
        return count.tally(roots, truths, KEY, Counter(source), Counter(target))


def test_a_clean_hand_over_is_clean_and_its_overlap_is_no_double(tmp_path: Path) -> None:
    host = Host(tmp_path)
    tally = host.tally(source=host.lines[:8], target=host.lines[2:])

    assert tally.clean
    assert (tally.written, tally.in_target, tally.overlap) == (6, 6, 2)


def test_a_line_written_since_the_start_that_is_not_in_the_target_is_lost(tmp_path: Path) -> None:
    host = Host(tmp_path)
    tally = host.tally(source=host.lines, target=host.lines[:6] + host.lines[7:])

    assert (tally.lost, tally.in_target, tally.clean) == (1, 5, False)


def test_a_line_from_before_the_start_is_lost_only_if_neither_side_has_it(tmp_path: Path) -> None:
    host = Host(tmp_path)

    assert host.tally(source=host.lines[1:4], target=host.lines[4:]).lost == 1
    assert host.tally(source=host.lines[1:4], target=[host.lines[0], *host.lines[4:]]).lost == 0


def test_a_line_twice_in_either_logstore_is_doubled(tmp_path: Path) -> None:
    host = Host(tmp_path)

    assert host.tally(host.lines, [*host.lines[4:], host.lines[9]]).doubled == 1
    assert host.tally([*host.lines, host.lines[0]], host.lines[4:]).doubled == 1


def test_an_altered_line_is_lost_and_strange(tmp_path: Path) -> None:
    host = Host(tmp_path)
    altered = [line.replace("seq=00000007", "seq=00000007 x") for line in host.lines[4:]]
    tally = host.tally(host.lines, altered)

    assert (tally.lost, tally.strange, tally.clean) == (1, 1, False)


def test_nothing_written_since_the_start_proves_nothing(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.truth.write_text("")
    tally = host.tally(host.lines, [])

    assert (tally.started, tally.written, tally.clean) == (0, 0, False)


def test_a_rotated_file_is_found_by_its_inode(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.file.rename(host.file.with_name("app.log.1"))
    host.file.write_bytes(compose("shop", "h1", 11, 1_700_000_020))
    more = compose("shop", "h1", 11, 1_700_000_020).decode().rstrip("\n")
    tally = host.tally(host.lines, [*host.lines[4:], more])

    assert (tally.written, tally.clean) == (7, True)


def test_a_host_whose_agent_never_took_the_targets_config_was_not_moved(tmp_path: Path) -> None:
    moved, left = Host(tmp_path / "1"), Host(tmp_path / "2")
    left.truth.write_text("")
    roots = {"h1": moved.root, "h2": left.root}
    truths = {"h1": moved.truth, "h2": left.truth}
    tally = count.tally(roots, truths, KEY, Counter(moved.lines), Counter(moved.lines[4:]))

    assert (tally.written, tally.lost, tally.doubled) == (6, 0, 0)
    assert (tally.hosts, tally.started, tally.clean) == (2, 1, False)


def test_a_line_ends_where_an_agent_ends_it_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes("one\u2028still one\ntwo".encode())

    assert count.file_lines(tmp_path) == ["one\u2028still one", "two"]
