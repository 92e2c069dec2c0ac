"""Whom a machine group lists: by ip or unique id, also where there are very many."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from workflows.model import Facts
from workflows.ports import Machine
from workflows.steps.beats import Beats, strangers

WORDS = st.sampled_from(["", "a", "b", "c"])
MACHINES = st.lists(st.builds(Machine, WORDS, WORDS, st.floats(1, 9)), max_size=6)
KNOWN = st.builds(lambda ip, uid: {"ip": ip, "unique_id": uid}, WORDS, WORDS)


def is_it(machine: Machine, known: Facts) -> bool:
    same_id = bool(known["unique_id"]) and machine.unique_id == known["unique_id"]
    return same_id or (bool(known["ip"]) and machine.ip == known["ip"])


@given(MACHINES, KNOWN)
def test_an_agent_is_known_by_its_ip_or_its_unique_id_and_its_newest_heartbeat_counts(
    machines: list[Machine], known: Facts
) -> None:
    beats = [machine.heartbeat for machine in machines if is_it(machine, known)]

    assert Beats(machines).of(known) == max(beats, default=None)


@given(MACHINES, st.lists(KNOWN, max_size=4))
def test_a_stranger_is_whoever_is_nobody_that_was_expected(
    machines: list[Machine], every: list[Facts]
) -> None:
    expected = {str(number): known for number, known in enumerate(every)}

    found = [m for m in machines if not any(is_it(m, known) for known in every)]
    assert strangers(machines, expected) == found


def test_ten_thousand_agents_are_found_among_ten_thousand_within_a_second() -> None:
    expected = {f"h{n}": {"ip": f"ip{n}", "unique_id": f"U{n}"} for n in range(10_000)}
    machines = [Machine(f"ip{n}", f"U{n}", 1.0 + n) for n in range(10_000)]
    began = time.thread_time()
    beats = Beats(machines)
    newest = [beats.of(known) for known in expected.values()]
    others = strangers(machines, expected)

    assert newest == [1.0 + n for n in range(10_000)]
    assert others == []
    assert time.thread_time() - began < 1.0
