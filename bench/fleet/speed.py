"""All tools on the same hosts, in turns: a first run, then a second with nothing to change."""

from __future__ import annotations

from collections.abc import Iterator

from bench.fleet.hosts import wipe
from bench.fleet.measure import prepare
from bench.fleet.results import FIRST, SECOND, Results, cpu, wall
from bench.fleet.sshd import Sshds
from bench.fleet.tools import Tool

HEADER = "hosts  tool      run     wall s   ratio   CPU s   ratio  MB peak  starting  hosts' CPU"


def compare(
    servers: Sshds, hosts: int, rounds: int, tools: list[Tool], results: Results, *, careful: bool
) -> None:
    """Add `rounds` samples of each tool and run."""
    _warm(servers, tools)
    fleet = servers.fleet(hosts, careful=careful)
    for number in range(rounds):
        for tool in _turn([tool for tool in tools if number < _rounds(tool, hosts)], number):
            wipe(fleet)
            for run, expected in ((FIRST, hosts), (SECOND, 0)):
                sample = prepare(servers, fleet, tool, expected)
                results.add(hosts, tool.name, run, sample)
                print(
                    f"round {number + 1}: {tool.name}, {run} run on {hosts}: {sample.wall:.2f} s",
                    flush=True,
                )


def _warm(servers: Sshds, tools: list[Tool]) -> None:
    """Once on two hosts, so that nobody's first round compiles its modules; not counted."""
    fleet = servers.fleet(2)
    for tool in tools:
        wipe(fleet)
        prepare(servers, fleet, tool, 2)


def _rounds(tool: Tool, hosts: int) -> int:
    return min((most for size, most in tool.rounds.items() if hosts >= size), default=1000)


def _turn(tools: list[Tool], number: int) -> list[Tool]:
    """Another one begins in each round."""
    first = number % len(tools) if tools else 0
    return tools[first:] + tools[:first]


def table(results: Results) -> Iterator[str]:
    """Medians as lines; a ratio is the tool's against ours."""
    yield HEADER
    for (hosts, tool, run), samples in sorted(results.samples.items()):
        times = [results.ratio(hosts, tool, run, part) or 0.0 for part in (wall, cpu)]
        walls, cpus, memory, starting, far = (
            results.median(hosts, tool, run, part)
            for part in (
                wall,
                cpu,
                lambda one: one.memory,
                lambda one: one.starting,
                lambda one: one.hosts_cpu,
            )
        )
        yield (
            f"{hosts:5}  {tool:8}  {run:6}  {walls:6.2f}  {times[0]:5.2f}x  {cpus:6.2f}  "
            f"{times[1]:5.2f}x  {memory:7.0f}  {starting:8.2f}  {far:10.2f}  of {len(samples)}"
        )
