"""What one cut-over is like: everything that is left to chance, drawn from a seed beforehand."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

VERSIONS = ("1.8.8", "2.0.7", "3.0.5", "3.3.5")
KIB = 1024


@dataclass(frozen=True)
class Habits:
    """How one log is written: `lines` at a time, some `every` seconds, each about `width` bytes.

    `ragged` writers break off in the middle of a line and go on `flush` seconds later; `slow` ones
    write to a renamed file once more. Between the seconds `quiet` nothing is written at all.
    """

    name: str
    every: float
    lines: int
    width: int
    text: str
    ragged: bool
    flush: float
    rotate_bytes: int | None
    slow: bool
    quiet: tuple[float, float] | None


@dataclass(frozen=True)
class Restart:
    """The agent ends at that part of the time together and begins again `down` seconds later."""

    part: float
    clean: bool
    down: float


@dataclass(frozen=True)
class HostPlan:
    """One host; `late` is for how long it is told what was in force before A's config.

    `overload`: "" or how the agent ends, "clean" or "kill", when two configs are too much for it.
    """

    name: str
    logs: tuple[Habits, ...]
    lag: float
    late: float
    restarts: tuple[Restart, ...]
    overload: str


@dataclass(frozen=True)
class Refusal:
    """Lines for one side are answered `status`; `part` and `lasts` are parts of `together`."""

    side: str
    status: int
    part: float
    lasts: float


@dataclass(frozen=True)
class Plan:
    """One cut-over; durations in seconds of the virtual clock."""

    number: int
    seed: int
    route: str
    version: str
    hosts: tuple[HostPlan, ...]
    fields: bool  # a full regex with a time format, or each line as one field
    warm: float
    hesitation: float  # between B's end and A's config, stop-first only
    together: float
    after: float
    refusals: tuple[Refusal, ...]


def draw(seed: int, number: int, route: str) -> Plan:
    """Return cut-over `number` of a seed, whatever was drawn before it."""
    rng = random.Random(f"{seed}:{number}")
    version = rng.choice(VERSIONS)
    hosts = tuple(_host(rng, f"h{n}", route) for n in range(1, rng.choice((1, 1, 2, 2, 3)) + 1))
    refusals = tuple(_refusal(rng) for _ in range(rng.choice((0, 0, 1, 2))))
    return Plan(
        number=number,
        seed=seed,
        route=route,
        version=version,
        hosts=tuple(map(_gently, hosts)) if refusals else hosts,
        fields=rng.random() < 0.5,
        warm=rng.uniform(60, 180),
        hesitation=rng.choice((0.0, rng.uniform(5, 60), rng.uniform(60, 400))),
        together=rng.uniform(200, 450),
        after=rng.uniform(60, 120),
        refusals=refusals,
    )


def _host(rng: random.Random, name: str, route: str) -> HostPlan:
    logs = rng.choice((("app",), ("app",), ("app", "pay"), ("app", "pay", "batch")))
    return HostPlan(
        name=name,
        logs=tuple(_habits(rng, log, route) for log in logs),
        lag=rng.uniform(0.1, 2.0),
        late=rng.choice((0.0, 0.0, 0.0, rng.uniform(60, 300))),
        restarts=_restarts(rng),
        overload=rng.choice(("clean", "kill")) if rng.random() < 0.08 else "",
    )


def _habits(rng: random.Random, name: str, route: str) -> Habits:
    kind = rng.choice(("steady", "steady", "bursts", "idle"))
    heavy = rng.random() < (0.2 if route == "stop-first" else 0.02)
    text = rng.choice(("plain", "plain", "words", "wide"))
    every = {"steady": rng.uniform(15, 45), "bursts": rng.uniform(60, 120), "idle": 25.0}[kind]
    lines = rng.randint(20, 60) if kind == "bursts" else rng.randint(2, 9)
    long = kind != "bursts" and rng.random() < 0.1
    width = rng.randint(1, 6) * KIB if long else rng.randint(30, 160)
    if heavy:
        every, lines, width = rng.uniform(5, 9), rng.randint(3, 5), rng.randint(6, 12) * KIB
    begins = rng.uniform(60, 200)
    return Habits(
        name=name,
        every=every,
        lines=lines,
        width=width,
        text=text,
        ragged=rng.random() < 0.3,
        flush=rng.uniform(0.2, 3.0),
        rotate_bytes=rng.randint(40, 200) * width if rng.random() < 0.4 else None,
        slow=rng.random() < 0.3,
        quiet=(begins, begins + rng.uniform(200, 2000)) if kind == "idle" else None,
    )


def _restarts(rng: random.Random) -> tuple[Restart, ...]:
    """Return none, one or two; a kill -9 comes after the refusals.

    One while lines are refused is left out: A's place is in no checkpoint yet, so what a log that
    then falls silent holds is lost whatever the order of steps.
    """
    kinds = [rng.random() < 0.4 for _ in range(rng.choice((0, 0, 0, 1, 1, 2)))]
    made = (Restart(rng.uniform(0.1 if c else 0.6, 0.95), c, rng.uniform(1, 15)) for c in kinds)
    return tuple(sorted(made, key=lambda restart: restart.part))


def _gently(host: HostPlan) -> HostPlan:
    """Overload may come at any moment, so in the company of refusals it ends an agent cleanly."""
    return replace(host, overload="clean") if host.overload else host


def _refusal(rng: random.Random) -> Refusal:
    side = rng.choice(("both", "source", "target"))
    status = rng.choice((500, 503, 403))
    return Refusal(side, status, rng.uniform(0.0, 0.3), rng.uniform(0.02, 0.28))
