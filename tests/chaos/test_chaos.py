"""Killed anywhere, nothing is lost and nothing done twice: with real processes, from a seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.run import run


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("kind", "seed"), [("valkey", 1), ("redis", 2)])
def test_ten_stories_come_through_a_storm(kind: str, seed: int, tmp_path: Path) -> None:
    outcome = run(tmp_path, 10, seed, kind)

    assert outcome.well, "\n".join([str(outcome), *outcome.report])
    assert outcome.stories == 10
    assert outcome.blows > 8
