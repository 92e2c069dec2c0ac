"""Comparisons as an engine leaves them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workflows.proof.comparison import Comparison, HostCount, Minute

START = 1_700_000_040  # 2023-11-14 22:14:00 UTC


def compared(count: int, hosts: int = 1, **changes: Any) -> Comparison:
    """As many equal minutes of 100 lines, written by all hosts together."""
    end = START + 60 * count
    found = Comparison(
        engine="pull",
        start=START,
        end=end,
        minutes=tuple(Minute(START + 60 * n, 100, 100, equal=True) for n in range(count)),
        hosts=tuple(
            HostCount(f"h{n}", 100, 100, equal=True, files=2, newest=end - 1, since=START)
            for n in range(1, hosts + 1)
        ),
    )
    return replace(found, **changes)
