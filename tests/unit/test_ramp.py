"""How a change reaches many hosts: growing batches, a second try, and a budget for errors."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import FakeClock
from workflows.apps import App, Host, Ramp, Side, Waits
from workflows.errors import Blocked, ClaimLost, StepFailed
from workflows.model import HostResult
from workflows.ports import Command
from workflows.step import Context
from workflows.steps.hosts import batches, in_batches, on_hosts, spent

SIDE = Side("p", "l", "c", "g")


@dataclass(frozen=True)
class Touch:
    """A command that changes something."""

    script: str = "touch it"


@dataclass
class Crowd:
    """ports.Hosts: `bad` says how often each host fails before it answers."""

    bad: dict[str, int] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    runs: list[int] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    kept: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def run(self, commands: Mapping[str, Command], errand: str = "") -> tuple[HostResult, ...]:
        self.runs.append(len(commands))
        results = tuple(self._answer(name, self.kept[errand]) for name in commands)
        self.kept[errand] |= {result.host for result in results if result.ok}
        return results

    def _answer(self, name: str, well: set[str]) -> HostResult:
        if name in well:
            return HostResult(name, ok=True)
        self.asked[name] += 1
        ok = self.asked[name] > self.bad.get(name, 0)
        return HostResult(name, ok=ok, said="" if ok else f"connecting to {name}: no answer")

    def forget(self, errand: str) -> None:
        self.over.append(errand)
        self.kept.pop(errand, None)


def hosts(count: int) -> tuple[Host, ...]:
    return tuple(Host(f"h{n}") for n in range(count))


def context(crowd: Crowd, count: int, ramp: Ramp, **more: Any) -> Context:
    app = App("app-b", "app-b", SIDE, SIDE, hosts(count))
    port: Any = None
    return Context(app, Waits(), crowd, port, port, FakeClock(), ramp=ramp, **more)


def change(context: Context) -> dict[str, HostResult]:
    return in_batches(context, context.roster, lambda host: Touch(), errand="add")


@given(st.integers(0, 300), st.integers(1, 40), st.floats(1, 8))
def test_the_batches_hold_every_host_once_in_order_and_never_shrink(
    count: int, first: int, growth: float
) -> None:
    cut = [list(batch) for batch in batches(hosts(count), Ramp(first=first, growth=growth))]
    sizes = [len(batch) for batch in cut[:-1]]  # the last one is what is left

    assert [host for batch in cut for host in batch] == list(hosts(count))
    assert sizes == sorted(sizes)
    assert not cut or len(cut[0]) == min(first, count)


def test_a_thousand_hosts_go_in_batches_of_ten_forty_and_so_on() -> None:
    crowd = Crowd()
    change(context(crowd, 1000, Ramp()))

    assert crowd.runs == [10, 40, 160, 640, 150]
    assert crowd.over == ["add"]


def test_a_host_that_answers_the_second_time_is_no_trouble() -> None:
    crowd = Crowd(bad={"h3": 1})
    results = change(context(crowd, 5, Ramp(tries=2)))

    assert all(result.ok for result in results.values())
    assert list(results) == [f"h{n}" for n in range(5)]
    assert crowd.asked == {"h0": 1, "h1": 1, "h2": 1, "h3": 2, "h4": 1}


def test_when_the_budget_is_spent_the_rest_is_left_alone_and_said_so() -> None:
    crowd = Crowd(bad={f"h{n}": 9 for n in range(3, 30)})
    with pytest.raises(StepFailed) as stopped:
        change(context(crowd, 200, Ramp(errors=20, share=0.1, tries=2)))

    assert set(crowd.asked) == {f"h{n}" for n in range(10)}
    assert "7 of 10 hosts: h3: connecting to h3: no answer" in str(stopped.value)
    assert "the other 190 were left alone" in str(stopped.value)
    assert [result.host for result in stopped.value.hosts] == [f"h{n}" for n in range(3, 10)]
    assert "/logmigrate without" in stopped.value.hint
    assert crowd.over == []  # what was answered counts when somebody presses Retry


def test_within_the_budget_all_others_are_done_before_the_failed_ones_are_named() -> None:
    crowd = Crowd(bad={"h12": 9, "h30": 9})
    with pytest.raises(StepFailed, match="2 of 50 hosts: h12: ") as stopped:
        change(context(crowd, 50, Ramp(tries=1)))

    assert len(crowd.asked) == 50
    assert "left alone" not in str(stopped.value)


@pytest.mark.parametrize(
    ("failed", "asked", "over"),
    [(0, 1000, False), (3, 4, False), (1, 10, False), (2, 10, True), (20, 1000, False), (21, 1000, True)],
)  # fmt: skip
def test_a_budget_is_a_count_and_from_ten_hosts_on_a_share(
    failed: int,
    asked: int,
    over: bool,
) -> None:
    assert spent(Ramp(errors=20, share=0.1), failed, asked) is over


def test_a_worker_that_lost_the_job_begins_no_further_batch() -> None:
    crowd = Crowd()

    def ours() -> None:
        if crowd.runs:
            raise ClaimLost("J1")

    with pytest.raises(ClaimLost):
        change(context(crowd, 100, Ramp(), ours=ours))

    assert crowd.runs == [10]
    assert crowd.over == []  # what was kept is for whoever goes on


def test_looking_asks_all_at_once_names_every_failed_host_and_leaves_out_whom_it_should() -> None:
    crowd = Crowd(bad={"h1": 9, "h2": 9})
    asking = context(crowd, 30, Ramp(tries=2), without=frozenset({"h2", "h9"}))
    with pytest.raises(Blocked, match="1 of 28 hosts: h1: connecting to h1: no answer"):
        on_hosts(asking, lambda host: Touch(), Blocked)

    assert crowd.runs == [28, 1]
    assert "h9" not in crowd.asked


def test_a_retry_asks_only_whom_it_has_to_so_that_hosts_that_hang_up_now_and_then_end() -> None:
    crowd = Crowd(bad={"h1": 2, "h2": 3})
    looking = context(crowd, 30, Ramp(tries=1))
    for _ in range(3):
        with pytest.raises(Blocked):
            on_hosts(looking, lambda host: Touch(), Blocked)
    results = on_hosts(looking, lambda host: Touch(), Blocked)

    assert len(results) == 30
    assert crowd.asked == {f"h{n}": {1: 3, 2: 4}.get(n, 1) for n in range(30)}
    assert crowd.over == ["look"]


def test_a_change_that_is_run_again_goes_on_with_those_that_failed() -> None:
    crowd = Crowd(bad={"h12": 1})
    with pytest.raises(StepFailed):
        change(context(crowd, 50, Ramp(tries=1)))
    change(context(crowd, 50, Ramp(tries=1)))

    assert crowd.asked == {f"h{n}": 2 if n == 12 else 1 for n in range(50)}
    assert crowd.over == ["add"]
