"""How far a comparison by pulling has come, as the job keeps it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from workflows.model import Facts
from workflows.proof.netting import MOST, Netting, Pair
from workflows.proof.starts import Starts
from workflows.step import Context
from workflows.steps.behind import AHEAD

FINE = 60  # seconds of receipt after it, in which own times are told by the second
CLOSER = 5  # minutes of a difference in number at which a closer look is taken, for their files
ROWS = ("stop", "stop?", "proof")  # whose record may have what was found before; newest first


def noted(context: Context, name: str) -> Facts:
    """What an earlier look put with the job under that name."""
    rows = (context.known.get(row, {}).get(name) for row in ROWS)
    return dict(next(filter(None, rows), {}))


@dataclass
class Kept:
    """`read`: by our clock, all that was received before then is in the net, of both sides.

    `after`: cursors by side and shard. `raw`: the newest minute with marks of the bytes on the wire;
    `exact`: they turned out to differ where the fields do not. `nearer`: what a closer look at a
    minute found, of the first few: host, file, lines in the source and in the target. `lates`: minutes, by host, of
    which lines came late into the target.
    """

    net: Netting
    starts: Starts
    read: int
    after: dict[str, dict[int, str]] = field(default_factory=dict)
    begun: bool = False
    exact: bool = False
    raw: int = 0
    strange: int = 0
    nearer: dict[int, list[tuple[str, str, int, int]]] = field(default_factory=dict)
    lates: dict[str, list[int]] = field(default_factory=dict)

    @property
    def early(self) -> int:
        """No line of the first minute was received before: the service takes none further ahead."""
        return self.net.start - AHEAD

    @property
    def fine(self) -> int:
        return self.net.start + FINE

    def take(self, minute: int, host: str, pair: Pair, now: int) -> None:
        """What a closer look found of the minute does not hold any more if it had settled."""
        self.net.take(minute, host, pair, now)
        if minute < self.net.end:
            self.nearer.pop(minute, None)

    def unsure(self, minute: int) -> bool:
        """Whether to look closer at what is left of a minute: once, and again after it was touched."""
        if minute in self.nearer:
            return False
        if minute <= self.raw and any(p.source == p.target for p in self.net.left[minute].values()):
            return True
        return len(self.nearer) < CLOSER

    def came_late(self, host: str, minute: int) -> None:
        minutes = self.lates.setdefault(host, [])
        if minute not in minutes and sum(map(len, self.lates.values())) < MOST:
            minutes.append(minute)

    @property
    def facts(self) -> Facts:
        """As JSON, with the engine that goes on from it."""
        return {"from": self.net.start, "engine": "pull", "pull": asdict(self)}

    @classmethod
    def of(cls, state: Facts, length: int) -> Kept:
        """From JSON; at first there is no more than `from`."""
        start = state["from"]
        if not (kept := state.get("pull")):
            return cls(Netting(start, length, start), Starts(0, start), start - AHEAD)
        after = {k: {int(s): at for s, at in of.items()} for k, of in kept["after"].items()}
        parts = {
            "net": Netting.of(kept["net"]),
            "starts": Starts.of(kept["starts"]),
            "nearer": {
                int(minute): [tuple(row) for row in rows] for minute, rows in kept["nearer"].items()
            },
        }
        return cls(**{**kept, **parts, "after": after})
