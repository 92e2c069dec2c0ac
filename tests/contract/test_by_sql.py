"""The service's own SQL compares both sides, and says where it cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.contract.test_gap import Served
from tests.crash.world import APP, OLD_CONFIG, WAITS
from tests.fake_hosts import FakeHosts
from workflows.model import Facts
from workflows.ports import Line, Lines
from workflows.proof.comparison import Comparison
from workflows.step import Context
from workflows.steps import by_sql

HOSTS = {"h1": "10.0.0.11", "h2": "10.0.0.12"}
TEXT = {"type": "text", "doc_value": True, "token": [" "], "caseSensitive": False}
INDEX = {"keys": {"time": TEXT, "message": TEXT}}


class Sides(Served):
    """Both logstores with analytics on every field; `start` is a whole minute that has closed."""

    def __init__(self, index: Facts = INDEX) -> None:
        super().__init__()
        for side, sls in self.sides.items():
            logstore = {"source": "old-logs", "target": "app-b"}[side]
            sls.delete_index(logstore)
            sls.create_index(logstore, index)
        self.sides["source"].create_config(OLD_CONFIG)
        output = {"logstoreName": "app-b", "projectName": "shop-a"}
        made = {**OLD_CONFIG, "configName": "app-b", "outputDetail": output}
        self.sides["target"].create_config(made)
        self.start = (self.now - 60) // WAITS.minute * WAITS.minute
        self.state: Facts = {"from": self.start}

    @property
    def context(self) -> Context:
        hosts: Any = FakeHosts({})
        known: dict[str, Facts] = {
            "source": {
                "collections": [{"source": "old-config", "target": "app-b", "form": "classic", "groups": []}],
            },
            "hosts": {"expected": {name: {"ip": ip} for name, ip in HOSTS.items()}},
        }  # fmt: skip
        return Context(
            APP, replace(WAITS, settle=0), hosts, self.sides["source"], self.sides["target"],
            self.clock, known=known,
        )  # fmt: skip

    def both(self, *texts: str, at: int = 1, host: str = "h1") -> None:
        for side in ("source", "target"):
            self.writes(side, *texts, at=at, host=host)

    def writes(self, side: str, *texts: str, at: int = 1, host: str = "h1") -> None:
        made = tuple(
            Line(self.start + at, (("time", f"t{at}"), ("message", text))) for text in texts
        )
        self.wrote(side, Lines(made, source=HOSTS.get(host, host)))

    def counted(self, side: str) -> int:
        logstore = {"source": "old-logs", "target": "app-b"}[side]
        return self.sides[side].count(logstore, self.start, self.now + 60)

    def compare(self) -> Comparison:
        found, self.state = by_sql.compared(self.context, self.state)
        return found


@pytest.fixture
def sides() -> Sides:
    return Sides()


def test_equal_lines_in_any_order_are_equal_by_minute_and_host(sides: Sides) -> None:
    sides.writes("source", "a", "b", "b")
    sides.writes("target", "b", "a", "b")
    sides.both("c", at=5, host="h2")
    found = sides.compare()

    assert [(one.source, one.target, one.equal) for one in found.minutes[:2]] == [
        (3, 3, True), (1, 1, True),
    ]  # fmt: skip
    assert [(host.host, host.target) for host in found.hosts] == [("h1", 3), ("h2", 1)]


@pytest.mark.parametrize(
    ("source", "target"),
    [(["a", "b"], ["a"]), (["a"], ["a", "a"]), (["a", "b"], ["a", "c"]), ([], ["a"])],
    ids=["lost", "doubled", "altered", "more"],
)
def test_what_differs_is_found_in_its_minute_and_host(
    sides: Sides, source: list[str], target: list[str]
) -> None:
    sides.both("fine")
    sides.writes("source", *source, at=5)
    sides.writes("target", *target, at=5)
    found = sides.compare()

    assert [one.equal for one in found.minutes] == [True, False]
    assert [(d.minute, d.host) for d in found.differing] == [(sides.start + 4, "h1")]


def test_a_line_of_another_second_is_found(sides: Sides) -> None:
    sides.wrote("source", Lines((Line(sides.start + 1, (("time", "t"), ("message", "m"))),), source="10.0.0.11"))  # fmt: skip
    sides.wrote("target", Lines((Line(sides.start + 2, (("time", "t"), ("message", "m"))),), source="10.0.0.11"))  # fmt: skip

    assert sides.compare().differing


def test_a_late_line_heals_what_differed_and_one_for_an_equal_minute_is_told(sides: Sides) -> None:
    sides.both("fine")
    sides.writes("source", "slow", at=5)
    assert not all(one.equal for one in sides.compare().minutes)

    sides.writes("target", "slow", at=5)
    assert all(one.equal for one in sides.compare().minutes)
    sides.writes("source", "later still")
    found = sides.compare()
    assert found.late == 1
    assert [one.equal for one in found.minutes] == [False]
    sides.writes("target", "later still")
    sides.compare()  # tells that it came late
    assert (found := sides.compare()).late == 0
    assert all(one.equal for one in found.minutes)


def test_lines_of_other_hosts_are_left_alone(sides: Sides) -> None:
    sides.both("fine")
    sides.writes("target", "foreign", host="10.9.9.9")
    found = sides.compare()

    assert all(one.equal for one in found.minutes)
    assert [(host.host, host.target) for host in found.hosts] == [("h1", 1)]


def test_lines_that_sql_does_not_show_whole_are_not_judged_by_it(sides: Sides) -> None:
    sides.both("x" * 3000)

    with pytest.raises(by_sql.Unseen, match="message is longer than the index shows"):
        sides.compare()


def test_a_line_that_was_not_parsed_is_not_judged_by_it(sides: Sides) -> None:
    sides.both("fine")
    raw = Lines((Line(sides.start + 1, (("__raw_log__", "odd"),)),), source="10.0.0.11")
    for side in ("source", "target"):
        sides.wrote(side, raw)

    with pytest.raises(by_sql.Unseen, match="1 lines lack the field time"):
        sides.compare()


def test_a_number_may_stand_for_several_texts_so_it_is_not_judged_by_it() -> None:
    with pytest.raises(by_sql.Unseen, match="an index does not analyse message as a text"):
        Sides({"keys": {"time": TEXT, "message": {**TEXT, "type": "long"}}}).compare()


def test_two_lines_that_swapped_their_times_are_found(sides: Sides) -> None:
    ten, eleven = (("time", "t"), ("message", "ten")), (("time", "t"), ("message", "eleven"))
    for side, told in (("source", (ten, eleven)), ("target", (eleven, ten))):
        made = tuple(Line(sides.start + at, fields) for at, fields in enumerate(told))
        sides.wrote(side, Lines(made, source="10.0.0.11"))

    assert sides.compare().differing


def test_a_text_of_wide_characters_that_was_cut_is_not_judged_by_it(sides: Sides) -> None:
    sides.both("\N{FROG FACE}" * 600)

    with pytest.raises(by_sql.Unseen, match="message is longer than the index shows"):
        sides.compare()


def test_a_line_that_comes_while_it_is_asked_is_not_taken_for_compared(sides: Sides) -> None:
    class Meanwhile:
        """The source, which receives one more line right after the first answer."""

        def __getattr__(self, name: str) -> Any:
            return getattr(sides.sides["source"], name)

        def ask(self, *asked: Any) -> Any:
            rows = sides.sides["source"].ask(*asked)
            if sides.counted("source") == 1:
                sides.writes("source", "meanwhile")
            return rows

    sides.both("fine")
    source: Any = Meanwhile()
    found, sides.state = by_sql.compared(replace(sides.context, source=source), sides.state)

    assert found.late == 1
    assert not all(one.equal for one in sides.compare().minutes)


def test_lines_that_are_counted_and_that_sql_never_shows_are_not_judged_by_it(sides: Sides) -> None:
    class Blind:
        """A side whose analytics leave out all lines of a time, as before they took effect."""

        def __init__(self, side: str) -> None:
            self.side = sides.sides[side]

        def __getattr__(self, name: str) -> Any:
            return getattr(self.side, name)

        def ask(self, *asked: Any) -> Any:
            return ()

    sides.both("fine")
    blind: dict[str, Any] = {side: Blind(side) for side in ("source", "target")}
    context = replace(sides.context, **blind)
    found, sides.state = by_sql.compared(context, sides.state)
    assert found.late == 1

    with pytest.raises(by_sql.Unseen, match="1 lines are counted that it does not show"):
        by_sql.compared(context, sides.state)


def test_what_the_service_refuses_to_answer_is_not_judged_by_it(sides: Sides) -> None:
    class Refusing:
        """A source whose service does not know what is asked."""

        def __getattr__(self, name: str) -> Any:
            return getattr(sides.sides["source"], name)

        def ask(self, logstore: str, start: int, end: int, query: str) -> Any:
            return sides.sides["source"].ask(
                logstore, start, end, query.replace("count(1)", "odd(1)")
            )

    sides.both("fine")
    source: Any = Refusing()

    with pytest.raises(by_sql.Unseen, match="odd"):
        by_sql.compared(replace(sides.context, source=source), sides.state)


def test_an_answer_that_the_service_calls_inaccurate_is_no_answer(sides: Sides) -> None:
    class Hasty:
        """A client whose service read only some of the lines for each answer."""

        def __getattr__(self, name: str) -> Any:
            return getattr(sides.sides["source"].client, name)

        def get_log(self, *asked: Any, **more: Any) -> Any:
            found = sides.sides["source"].client.get_log(*asked, **more)
            found.get_meta()._is_accurate = False
            return found

    sides.both("fine")
    source = replace(sides.sides["source"], client=Hasty())

    with pytest.raises(by_sql.Unseen, match="read only some of the lines of old-logs"):
        by_sql.compared(replace(sides.context, source=source), sides.state)


def test_death_between_two_looks_costs_nothing(sides: Sides) -> None:
    sides.both("a", "b")
    whole = sides.compare()
    sides.both("c", at=9)
    sides.state = {"from": sides.start}
    anew = sides.compare()

    assert (whole.target, anew.target) == (2, 3)
    assert sides.compare().minutes == anew.minutes
