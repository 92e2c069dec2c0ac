"""`python -m sandbox demo` ends with the truth, and with an exit status that says it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.demo import demo
from sandbox.ending import Ending
from sandbox.world import World
from tests.e2e.stage import FAST, PATIENT

pytestmark = PATIENT


class Lossy(World):
    """A world whose log service loses the newest lines of the target after they were taken."""

    def quiet(self) -> None:
        super().quiet()
        tapes = self.sls.state.projects["shop-a-logs"].logstores["app-b"].tapes
        max(tapes, key=lambda tape: tape.groups()[-1].received)._groups.pop()


def test_a_loss_is_seen_and_said_and_is_no_success(capfd: pytest.CaptureFixture[str]) -> None:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    kept[signal.SIGINT] = signal.getsignal(signal.SIGINT)
    try:
        status = demo(Ending(), FAST, Lossy)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    said = capfd.readouterr().out.splitlines()

    assert status == 1
    assert said[-1].startswith("demo: app-b was not moved cleanly: written ")
    assert ", lost 0," not in said[-1]
    assert said[-1].endswith(", doubled 0")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_demo_takes_everything_down(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    there = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-u", "-m", "sandbox", "demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=there) as process:
        assert process.stdout
        said = [line for line in iter(process.stdout.readline, "") if _seen(line, process, number)]

    assert process.returncode == status
    assert said[-1].startswith("demo: interrupted")
    assert list(tmp_path.iterdir()) == []


def _seen(line: str, process: subprocess.Popen[str], number: signal.Signals) -> bool:
    if line.startswith("alice: /logmigrate start"):
        process.send_signal(number)
    return True
