"""A tenth of the hosts is dead, each third in its own way: how long the live ones take then."""

from __future__ import annotations

import itertools
import socket
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from bench.fleet.goals import Finding, at_most
from bench.fleet.hosts import check, wipe
from bench.fleet.measure import measured
from bench.fleet.results import Sample
from bench.fleet.spec import Fleet
from bench.fleet.sshd import Sshds
from bench.fleet.tools import OURS

TIMEOUT = 5.0  # seconds, for connecting and for each part of logging in
SHARE = 10  # one host in so many


def with_dead_hosts(servers: Sshds, hosts: int, rounds: int) -> list[Finding]:
    """Wall time beyond that of the live hosts alone, which may be one timeout."""
    whole = servers.fleet(hosts, patience=TIMEOUT)
    names = list(whole.hosts)
    live = replace(whole, hosts={name: whole.hosts[name] for name in names if _lives(names, name)})
    extra = []
    with _dead(servers.port, len(names) - len(live.hosts)) as dead:
        mixed = replace(whole, hosts={**whole.hosts, **_addresses(names, dead)})
        for number in range(rounds):
            without, beside = _run(servers, live, live), _run(servers, mixed, live)
            extra.append(beside.wall - without.wall)
            print(f"{hosts} hosts, round {number + 1}: the live ones alone {without.wall:.2f} s, "
                  f"beside {len(dead)} dead ones {beside.wall:.2f} s", flush=True)  # fmt: skip
    what = f"{hosts} hosts, a tenth of them dead, wall"
    return [at_most(what, statistics.median(extra), TIMEOUT, " s longer")]


def _lives(names: list[str], name: str) -> bool:
    return names.index(name) % SHARE != 0


def _addresses(names: list[str], dead: list[str]) -> dict[str, str]:
    gone = (name for name in names if not _lives(names, name))
    return dict(zip(gone, dead, strict=True))


def _run(servers: Sshds, fleet: Fleet, live: Fleet) -> Sample:
    """A first run. Raises SystemExit unless exactly the live hosts were prepared."""
    wipe(fleet)
    run = measured(servers, fleet, OURS)
    if run.done != len(live.hosts):
        raise SystemExit(
            f"{run.done} hosts done of {len(live.hosts)} live ones: {run.said[-1500:]}"
        )
    check(fleet, tuple(live.hosts))
    return run.sample


@contextmanager
def _dead(port: int, number: int) -> Iterator[list[str]]:
    """Addresses that refuse, that take a connection and say nothing, and that answer nothing."""
    addresses = [f"127.0.200.{1 + n}" for n in range(number)]
    kinds = itertools.cycle((_refuses, _mute, _black_hole))
    with ExitStack() as ends:
        for address, kind in zip(addresses, kinds, strict=False):
            kind(ends, address, port)
        yield addresses


def _refuses(ends: ExitStack, address: str, port: int) -> None:
    """Nobody listens there."""


def _mute(ends: ExitStack, address: str, port: int) -> socket.socket:
    listening = ends.enter_context(socket.socket())
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((address, port))
    listening.listen(50)
    return listening


def _black_hole(ends: ExitStack, address: str, port: int) -> None:
    """With its queue full, the kernel drops whatever else wants to connect."""
    _mute(ends, address, port).listen(0)
    for _ in range(3):
        waiting = ends.enter_context(socket.socket())
        waiting.settimeout(0)
        waiting.connect_ex((address, port))
    with socket.socket() as probe:
        probe.settimeout(0.3)
        if probe.connect_ex((address, port)) == 0:
            raise SystemExit(f"making a black hole of {address}: it answers")
