"""What the bench of the proof counts and concludes."""

from __future__ import annotations

from typing import Any

import pytest

from bench.proof.__main__ import verdict
from bench.proof.clients import CLIENTS
from bench.proof.measure import PAGE, Client, Run, source
from bench.proof.pages import HOSTS, page_of

US = 1e-6


def costs(theirs: float, memory: float = 60) -> dict[str, list[Run]]:
    ours = [Run(1 * US, 2 * US, memory), Run(2 * US, 2 * US, 50), Run(1.9 * US, 2 * US, 50)]
    loop = [Run(theirs * run.cpu, 9 * US, 90) for run in ours]
    return {"ours": ours, "pull_log": loop}


def test_what_comes_out_as_it_has_to_is_ok() -> None:
    assert verdict(costs(3.4), [60, 61, 61]) == (
        "proof: 526,316 lines/s, 3.4x pull_log, 61 MB ok",
        True,
    )


@pytest.mark.parametrize(
    ("found", "peaks", "short"),
    [
        (costs(2.9), [60], "3x pull_log"),
        (costs(3.4, memory=201), [60], "200 MB"),
        (costs(3.4), [60, 60, 201], "200 MB, flat memory"),
        (costs(3.4), [60, 60, 70], "flat memory"),
        (costs(3.4), [], ""),
    ],
)
def test_what_falls_short_is_named(found: Any, peaks: list[float], short: str) -> None:
    line, good = verdict(found, peaks)

    assert line.endswith(f" MB short of {short}" if short else " MB ok")
    assert good is not bool(short)


def test_every_client_reads_every_line_of_the_source() -> None:
    with source() as port:
        runs = [Client(name, port).run(1) for name in CLIENTS]

    assert all(run.cpu > 0 and run.memory > 0 for run in runs)


def test_a_client_that_reads_too_few_ends_the_bench() -> None:
    with source() as port, pytest.raises(SystemExit, match=r"other: no 40,000 lines read"):
        Client("other", port).run(1)


def test_a_page_is_the_same_each_time_and_as_large_as_the_service_gives() -> None:
    assert page_of(1) == page_of(1) != page_of(2)
    assert 5e6 < page_of(1).size < 10e6
    assert PAGE % HOSTS == 0
