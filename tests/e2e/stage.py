"""A world, the product's own processes on it, and the people in the channel."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.channel import Channel, buttons
from sandbox.hosts.app import Habits
from sandbox.product import Product
from sandbox.world import Shape, World
from sandbox.world_files import write_config

Json = dict[str, Any]
# Each wait has its own deadline and says what it waited for; this one is for all of a story.
PATIENT = pytest.mark.timeout(400)
FAST = Shape(speed=120.0, habits=Habits(rate=20.0, history=200))
TRANSCRIPTS = Path(__file__).parent / "transcripts"
# What differs from run to run; all else in a thread must be the same to the letter.
LOOSE = (
    (r"\d\d:\d\d:\d\dZ to \d\d:\d\d:\d\dZ: [\d,]+ lines", "HH:MM:SSZ to HH:MM:SSZ: N lines"),
    (r"(\bh\d+`? OK) [\d,]+ lines(?=\n)", r"\1 N lines"),
    (r"\d\d:\d\d:\d\dZ \d+ = \d+", "HH:MM:SSZ N = N"),
    (r"all \d+ minutes together \d+ lines", "all N minutes together N lines"),
    (r"had \d+ lines", "had N lines"),
    (
        r"\bLines: source ([\d,]+) = target \1 in .*",
        "Lines: source N = target N in M minutes, SPAN",
    ),
    (r"\bNot counted: [\d,]+ lines", "Not counted: N lines"),
    (r"\d[\d,]* = \d[\d,]* lines", "N = N lines"),
    (r"in \d+ minutes", "in M minutes"),
    (r"\d[\d,]* lines in the target from before", "N lines in the target from before"),
    (r"Evidence [0-9a-f]{12} for", "Evidence HEX for"),
    (r"\d+ s ago", "N s ago"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC", "DATE"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r"\d[\d.]* (bytes|kB|MB)\b", "SIZE"),
    (r"SIZE \([\d,]+ lines\)", "SIZE (N lines)"),
    (r"\bon h\d+ \(SIZE", "on HOST (SIZE"),
    (r"\bh\d+(`? OK \d+ files? at SIZE/s), .*", r"HOST\1, …"),  # the worst first
    (r"head [0-9a-f]{12}", "head HEX"),
)


@dataclass
class Stage:
    """What a test sees of a story: people type, press and read."""

    world: World
    product: Product

    def __post_init__(self) -> None:
        self.control = self.world.control
        self.channel = Channel(self.control)

    def types(self, who: str, text: str) -> str:
        """What `who` reads in answer, alone."""
        answer = self.control.command(who, f"/logmigrate {text}")
        assert answer["ok"], answer
        return "\n".join(answer["ephemerals"])

    def presses(self, who: str, action: str) -> list[str]:
        """`who` presses the button, wherever it stands open; what they are then told alone."""
        before = len(self.control.ephemerals(who))
        answer = self.clicks(who, action)
        assert answer["ok"], answer
        return [m["text"] for m in self.control.ephemerals(who)[before:]]

    def clicks(self, who: str, action: str) -> Json:
        """`who` presses the button, wherever it stands open; Slack's word on it."""
        message = self.waits(lambda: self._with(action), f"a button {action}")
        return self.control.press(who, message["ts"], action)

    def _with(self, action: str) -> Json | None:
        """The newest such message: an answered card may keep its buttons for another moment."""
        for root in reversed(self.channel.roots()):
            for message in reversed((root, *root["replies"])):
                if action in buttons(message):
                    return message
        return None

    def told(self, who: str) -> str:
        """Everything that was shown to `who` alone."""
        return "\n".join(m["text"] for m in self.control.ephemerals(who))

    def waits(self, look: Callable[[], Any], what: str, seconds: float = 90.0) -> Any:
        """The first true answer of `look`; fails with the thread if none comes in time."""
        deadline = time.monotonic() + seconds
        while not (found := look()):
            assert not self.product.died(), self.product.died()
            late = f"waiting for {what}:\n" + "\n".join(self.thread())
            assert time.monotonic() < deadline, late
            self.control.wait(self.control.state()["version"], timeout=0.2)
        return found

    def waits_for_root(self, text: str, seconds: float = 90.0) -> str:
        return self.waits(lambda: text in self.root() and self.root(), repr(text), seconds)

    def moves(self) -> None:
        """Alice starts app-b, and Bob agrees twice, up to the end."""
        self.types("alice", "start app-b")
        self.presses("bob", "approve")
        self.waits_for_root("✋ Delete the source's config?")
        self.presses("bob", "approve")
        self.waits_for_root("✅ Moved")

    def root(self) -> str:
        """The live message of the newest job, as it is now."""
        roots = self.channel.roots()
        return "\n".join(self.channel.read(roots[-1])) if roots else ""

    def thread(self) -> list[str]:
        """The newest job's message and thread as they are now."""
        roots = self.channel.roots()
        messages = [roots[-1], *roots[-1]["replies"]] if roots else []
        lines = []
        for message in messages:
            first, *rest = self.channel.read(message) or [""]
            lines += [f"┌ {first}", *(f"│ {line}" for line in rest)]
        return lines

    def transcript(self) -> str:
        """The thread without what differs from run to run."""
        text = "\n".join(self.thread()) + "\n"
        job = re.search(r"job ([0-9A-Z]{4})\b", text)
        for pattern, instead in LOOSE:
            text = re.sub(pattern, instead, text)
        return text.replace(job[1], "JOB7") if job else text


@contextmanager
def staged(
    folder: Path,
    shape: Shape = FAST,
    verbs: tuple[str, ...] = ("serve", "work"),
    **waits: float,
) -> Iterator[Stage]:
    """World and product up, the bot listening; `waits` are other ones than the sandbox's own."""
    with World(folder / "world", shape) as world:
        config = folder / "config.toml"
        write_config(world, config)
        _wait_so(config, waits)
        with Product(config, folder, verbs) as product:
            stage = Stage(world, product)
            if shape.request_url is None:
                stage.waits(lambda: stage.control.state()["connections"] > 0, "the bot to connect")
            yield stage


def _wait_so(config: Path, waits: dict[str, float]) -> None:
    text = config.read_text("utf-8")
    for name, seconds in waits.items():
        text, changed = re.subn(rf"(?m)^{name} = .*$", f"{name} = {seconds}", text)
        assert changed == 1, name
    config.write_text(text, "utf-8")


def expected(name: str, found: str) -> str:
    """The transcript a reviewer reads as the product; WRITE_TRANSCRIPTS=1 writes `found` first."""
    path = TRANSCRIPTS / f"{name}.txt"
    if os.environ.get("WRITE_TRANSCRIPTS"):
        path.write_text(found, encoding="utf-8")
    return path.read_text(encoding="utf-8")
