"""The main job before your eyes: alice asks, bob approves twice, and the files are counted."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from sandbox.channel import Channel, Json
from sandbox.count import Tally
from sandbox.ending import Ending
from sandbox.product import Product
from sandbox.world import APP, Shape, World
from sandbox.world_files import write_config

LONGEST = 150.0  # seconds; a demo that is not over by then has failed
SPEED = 120.0
DONE, OPEN = "✔–", "○▶✋"  # marks of rows in the live message
ENDS = ("Moved", "Stopped", "Rolled back")


class DemoFailed(Exception):
    """Why the demo did not come to its good end."""


EXPECTED = (DemoFailed, TimeoutError, ConnectionError)


class Interrupted(Exception):
    """Somebody told the demo to end."""


def demo(
    ending: Ending, shape: Shape | None = None, world: Callable[[Path, Shape], World] = World
) -> int:
    """Run it; 0 only if app-b was moved and nothing was lost or doubled.

    130 after Ctrl-C and 143 after SIGTERM, when all is taken down; 1 after any other end.
    """
    console = Console(highlight=False, soft_wrap=True)
    with tempfile.TemporaryDirectory(prefix="logmigrate-demo-") as made:
        where = Path(made)
        try:
            tally = _play(world(where, shape or Shape(speed=SPEED)), console, ending)
        except Interrupted:
            console.print("demo: interrupted; app-b was not moved, and nothing was left behind")
            return ending.status
        except Exception as why:  # noqa: BLE001 - said aloud, with what the processes said last
            _tails(where, console)
            kind = "" if isinstance(why, EXPECTED) else f"{type(why).__name__}: "
            console.print(f"demo: app-b was not moved: {kind}{why}", markup=False)
            return 1
    return _verdict(tally, console)


def _play(world: World, console: Console, ending: Ending) -> Tally:
    shape, where = world.shape, world.folder
    said = "two SLS accounts, {} hosts that write logs, a Redis, a Slack; one minute takes {:.1f} s"
    console.print(said.format(shape.hosts, 60 / shape.speed), style="dim")
    with world:
        write_config(world, where / "config.toml")
        with Product(where / "config.toml", where) as product:
            Story(world, product, console, ending).tell()
        world.quiet()
        return world.tally()


@dataclass
class Story:
    """The people in #log-migrations, and what the terminal shows of them."""

    world: World
    product: Product
    console: Console
    ending: Ending
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.control = self.world.control
        self.channel = Channel(self.control)
        self.bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), transient=True
        )
        self.task = self.bar.add_task("app-b", total=None)
        self.live = Live(console=self.console, transient=True, refresh_per_second=4)

    def tell(self) -> None:
        """Until the job has ended; raises DemoFailed if it ended otherwise than well."""
        self._until(lambda: self.control.state()["connections"] > 0, "the bot to connect")
        self._say("alice", f"/logmigrate start {APP}")
        self._acked("alice", self.control.command("alice", f"/logmigrate start {APP}"))
        with self.live:
            self._answer("stop?", too_eager="alice")
            self._answer("delete?")
            self._until(self._ended, "the end")
        end = self._ended()
        shown = Panel(Text("\n".join(self._root())), title="the live message, at the end")
        self.console.print(shown, soft_wrap=False)  # or a narrow terminal would cut its lines
        if end != "Moved":
            raise DemoFailed(f"the job ended as {end!r}: see above")

    def _answer(self, name: str, too_eager: str = "") -> None:
        """Somebody presses Approve on the card that stands open."""
        self._until(lambda: self.channel.open_question() or self._ended(), f"the question {name}")
        card = self.channel.open_question()
        if card is None:
            raise DemoFailed(f"the job ended before it asked {name}: {' '.join(self._root())}")
        if too_eager:
            whispered = len(self.control.ephemerals(too_eager))
            self._press(too_eager, card)
            refused = lambda: len(self.control.ephemerals(too_eager)) > whispered  # noqa: E731
            self._until(refused, f"the refusal that {too_eager} sees")
        self._press("bob", card)
        self._until(lambda: not self._is_open(card["ts"]), "the card to show the decision")

    def _press(self, who: str, card: Json) -> None:
        self._say(who, "presses [Approve]")
        self._acked(who, self.control.press(who, card["ts"], "approve"))

    def _is_open(self, ts: str) -> bool:
        card = self.channel.open_question()
        return card is not None and card["ts"] == ts

    def _until(self, true: Callable[[], object], what: str) -> None:
        while True:
            self._draw()
            if true():
                return
            if self.ending.asked:
                raise Interrupted
            if died := self.product.died():
                raise DemoFailed(died)
            if time.monotonic() - self.began > LONGEST:
                raise DemoFailed(f"waiting for {what}: {LONGEST:.0f} s are over")
            self.control.wait(self.control.state()["version"], timeout=0.5)

    def _draw(self) -> None:
        for who, lines in self.channel.whispers():
            for line in lines:
                self.console.print(Text(f"  (only {who} sees) {line}", style="italic"))
        for lines in self.channel.fresh():
            self.console.print(Text("\n".join(f"  ┃ {line}" for line in lines)))
        root = self._root()
        marks = [mark for line in root[2:] if (mark := line.lstrip()[:1]) and mark in DONE + OPEN]
        done = sum(mark in DONE for mark in marks)
        self.bar.update(self.task, completed=done, total=len(marks) or None)
        self.live.update(Group(Panel(Text("\n".join(root) or "…")), self.bar))

    def _root(self) -> list[str]:
        roots = self.channel.roots()
        return self.channel.read(roots[-1]) if roots else []

    def _ended(self) -> str:
        root = " ".join(self._root())
        return next((end for end in ENDS if end in root), "")

    def _say(self, who: str, text: str) -> None:
        self.console.print(Text.assemble((f"{who}: ", "bold cyan"), text))

    def _acked(self, who: str, answer: Json) -> None:
        if not answer["ok"]:
            raise DemoFailed(f"Slack told {who}: {answer.get('error')}")


def _tails(where: Path, console: Console) -> None:
    for path in sorted(where.glob("*.log")):
        last = path.read_text("utf-8", "replace").splitlines()[-8:]
        console.print(Text("\n".join([f"── {path.name}", *last]), style="dim"))


def _verdict(tally: Tally, console: Console) -> int:
    shown = (
        f"counted from the files and both logstores, from the moment each of {tally.started} agents "
        f"took the target's config: the source holds {tally.in_source} lines; "
        f"{tally.overlap} lines from before that moment are in the target too (overlap, no double)"
    )
    console.print(shown, style="dim")
    if tally.strange:
        console.print(f"{tally.strange} lines in the target are in no file")
    moved = "moved" if tally.clean else "was not moved cleanly"
    print(
        f"demo: app-b {moved}: written {tally.written}, in target {tally.in_target}, "
        f"lost {tally.lost}, doubled {tally.doubled}",
        flush=True,
    )
    return 0 if tally.clean else 1
