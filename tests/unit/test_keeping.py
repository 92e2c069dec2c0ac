"""Results are written while hosts are at work, and a worker that may not go on is stopped."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.keeping import Keeping
from tests.unit.test_pulse import until
from workflows.errors import ClaimLost, StoreAway
from workflows.model import HostResult

FAST = 0.005


@dataclass
class Page:
    """What was written; `ours` and `away` can be told."""

    ours: bool = True
    away: bool = False
    calls: int = 0
    written: list[str] = field(default_factory=list)

    def keep(self, results: Sequence[HostResult]) -> bool:
        self.calls += 1
        if self.away:
            raise StoreAway("asking Redis: away")
        if self.ours:
            self.written += [result.host for result in results]
        return self.ours


def well(host: str) -> HostResult:
    return HostResult(host, ok=True)


def test_what_is_heard_is_written_while_the_others_are_at_work() -> None:
    page = Page()

    with Keeping(page.keep, 4.0, FAST) as keeping:
        keeping.heard(well("h1"))
        until(lambda: page.written == ["h1"])
        keeping.heard(well("h2"))

    assert page.written == ["h1", "h2"]


def test_what_a_dying_run_had_heard_is_still_written() -> None:
    page = Page()

    with pytest.raises(ZeroDivisionError), Keeping(page.keep, 4.0, 3600.0) as keeping:
        keeping.heard(well("h1"))
        raise ZeroDivisionError

    assert page.written == ["h1"]


def test_a_refused_write_ends_the_run_at_the_next_host() -> None:
    page = Page(ours=False)

    with pytest.raises(ClaimLost), Keeping(page.keep, 4.0, FAST) as keeping:
        keeping.heard(well("h1"))
        until(lambda: page.calls)
        until(lambda: _raises(keeping))
        keeping.heard(well("h2"))


def _raises(keeping: Keeping) -> bool:
    try:
        keeping.check()
    except ClaimLost:
        return True
    return False


def test_while_no_host_answers_it_is_still_asked_whether_to_go_on() -> None:
    page = Page(ours=False)

    with pytest.raises(ClaimLost), Keeping(page.keep, 0.1, FAST) as keeping:
        until(lambda: _raises(keeping))
        keeping.heard(well("h1"))

    assert page.written == []


def test_a_redis_that_is_away_for_a_moment_loses_no_result() -> None:
    page = Page(away=True)

    with Keeping(page.keep, 20.0, FAST) as keeping:
        keeping.heard(well("h1"))
        until(lambda: page.calls > 2)
        keeping.heard(well("h2"))
        page.away = False

    assert page.written == ["h1", "h2"]


def test_a_redis_that_stays_away_ends_the_run() -> None:
    page = Page(away=True)

    with pytest.raises(StoreAway), Keeping(page.keep, 0.05, FAST) as keeping:
        keeping.heard(well("h1"))
        until(lambda: _away(keeping))


def _away(keeping: Keeping) -> bool:
    try:
        keeping.check()
    except StoreAway:
        return True
    except ClaimLost:
        return False
    return False


def test_a_process_that_stood_still_longer_than_its_claim_asks_no_more_hosts() -> None:
    page = Page()
    since = time.monotonic() - 10.0

    with pytest.raises(ClaimLost), Keeping(page.keep, 4.0, 3600.0, since) as keeping:
        keeping.heard(well("h1"))


def test_a_refused_last_write_is_an_error() -> None:
    page = Page(ours=False)

    with pytest.raises(ClaimLost), Keeping(page.keep, 4.0, 3600.0) as keeping:
        keeping.heard(well("h1"))
