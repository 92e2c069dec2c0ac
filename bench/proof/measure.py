"""One client at the simulated source: what a line costs it, and its peak of memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bench.fleet.envs import programs_of
from bench.proof.clients import CLIENTS, ENDPOINT, LOGSTORE, PROJECT
from bench.proof.pages import GROUPS, LINES, START
from bench.sls_server import other_cores

PAGE = GROUPS * LINES  # lines
LIMIT = 3600.0  # seconds for one run
ROOT = Path(__file__).parents[2]
DUMP = "pull_log_dump"
NAMES = (*CLIENTS, DUMP)


class Run(NamedTuple):
    """Seconds of all its processes and of the clock, and MB at the peak."""

    cpu: float
    wall: float
    memory: float


@dataclass(frozen=True)
class Client:
    """`programs`: where aliyunlog is; "" for what is here."""

    name: str
    port: int
    programs: str = ""

    def run(self, pages: int) -> Run:
        """Let it read so many pages. Raises SystemExit where it did not read them all."""
        with tempfile.TemporaryDirectory() as folder:
            found, said = _metered(self._command(pages), self._environment(folder), Path(folder))
        counted = re.search(r'(?:lines |"total_count": )(\d+)', said)
        if not counted or int(counted[1]) != pages * PAGE:
            raise SystemExit(f"{self.name}: no {pages * PAGE:,} lines read: {said[-1500:]}")
        return Run(found["cpu"], found["wall"], found["memory"])

    def costs(self, pages: int) -> Run:
        """For one line, without what starting costs: that is what a single page takes."""
        first, run, more = self.run(1), self.run(pages), (pages - 1) * PAGE
        return Run((run.cpu - first.cpu) / more, (run.wall - first.wall) / more, run.memory)

    def _environment(self, home: str) -> dict[str, str]:
        """The tool knows no setting for a proxy, and writes a log into its user's home."""
        if not self.programs:
            return dict(os.environ)
        proxy = f"http://127.0.0.1:{self.port}"
        return {**os.environ, "http_proxy": proxy, "no_proxy": "", "HOME": home}

    def _command(self, pages: int) -> list[str]:
        if not self.programs:
            here = [sys.executable, "-m", "bench.proof.clients"]
            return [*here, self.name, str(self.port), str(pages)]
        options = {
            "project_name": PROJECT,
            "logstore_name": LOGSTORE,
            "from_time": START,
            "to_time": START + 60 * pages,
            "file_path": os.devnull,
            "access-id": "bench-key",
            "access-key": "bench-secret",
            "region-endpoint": ENDPOINT,
        }
        asked = [f"--{name}={value}" for name, value in options.items()]
        return [f"{self.programs}/aliyunlog", "log", DUMP, *asked]


def client(name: str, port: int) -> Client:
    """The client of that name. Raises Absent if it cannot be had here."""
    programs = str(programs_of("aliyun-log-cli")) if name == DUMP else ""
    return Client(name, port, programs)


@contextmanager
def source() -> Iterator[int]:
    """The simulated source, on a core of its own as far as there is another one; its port."""
    os.sched_setaffinity(0, other_cores())
    command = [sys.executable, "-m", "bench.proof.source"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


def _metered(
    command: list[str], environment: dict[str, str], folder: Path
) -> tuple[dict[str, float], str]:
    figures = folder / "figures.json"
    meter = [sys.executable, "-m", "bench.fleet.meter", str(figures), *command]
    done = subprocess.run(
        meter, env=environment, cwd=ROOT, timeout=LIMIT, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    if not figures.exists():
        raise SystemExit(f"running {command[0]}: {done.stdout[-1500:]}")
    return json.loads(figures.read_text("utf-8")), done.stdout
