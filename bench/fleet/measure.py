"""One run of one tool on the fleet: started, measured, and its work looked at afterwards."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.fleet.hosts import check
from bench.fleet.results import Sample
from bench.fleet.spec import Fleet
from bench.fleet.sshd import Sshds
from bench.fleet.tools import ROOT, Call, Tool

LIMIT = 1800.0  # seconds for one run


@dataclass(frozen=True)
class Run:
    """What a tool took, and of how many hosts it said that they are done, and changed."""

    sample: Sample
    done: int
    changed: int
    said: str


def prepare(servers: Sshds, fleet: Fleet, tool: Tool, expected: int) -> Sample:
    """Let the tool prepare all hosts. Raises SystemExit if it did not, or changed others."""
    run = measured(servers, fleet, tool)
    if (run.done, run.changed) != (len(fleet.hosts), expected):
        raise SystemExit(
            f"{tool.name} on {len(fleet.hosts)} hosts: {run.done} done, {run.changed} changed "
            f"instead of {expected}; it said last: {run.said[-1500:]}"
        )
    check(fleet, tuple(fleet.hosts))
    return run.sample


def measured(servers: Sshds, fleet: Fleet, tool: Tool) -> Run:
    """Run the tool once, with nothing of the run before it still going on."""
    servers.rest()
    before = servers.cpu_seconds()
    with tempfile.TemporaryDirectory() as folder:
        found, said = _metered(tool.call(fleet, Path(folder), tool.own), Path(folder))
    servers.rest()
    started = re.search(r"^started (\S+)$", said, re.MULTILINE)
    sample = Sample(
        found["wall"],
        found["cpu"],
        found["memory"],
        float(started[1]) if started else 0.0,
        servers.cpu_seconds() - before,
    )
    return Run(sample, *tool.read(said), said)


def _metered(call: Call, folder: Path) -> tuple[dict[str, float], str]:
    figures, output = folder / "figures.json", folder / "output"
    command = [sys.executable, "-m", "bench.fleet.meter", str(figures), *call.command]
    with (
        output.open("wb") as out,
        subprocess.Popen(
            command, stdout=out, stderr=out, env={**os.environ, **call.environment}, cwd=ROOT
        ) as meter,
    ):
        try:
            meter.wait(LIMIT)
        finally:
            meter.terminate()
    said = output.read_text("utf-8", "replace")
    if not figures.exists():
        raise SystemExit(f"running {call.command[0]}: no end within {LIMIT:.0f} s, or: {said}")
    return json.loads(figures.read_text("utf-8")), said
