"""Who was heard on one side, and when last: read on from look to look, and kept with the job.

Times are those of our own looks: the clocks of the service and of the hosts may be others.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from workflows.errors import NotYet
from workflows.model import Facts
from workflows.ports import Scanned, Sls
from workflows.proof.verdict import clock
from workflows.step import Context
from workflows.steps.roster import agents

SHARE = 200  # pages in one look; then others have their turn


@dataclass(frozen=True)
class Voice:
    """One host: the look that heard it last, how many lines, its longest pause between two looks."""

    heard: int
    lines: int = 0
    pause: int = 0

    def again(self, at: int, lines: int) -> Voice:
        pause = max(self.pause, at - self.heard) if self.lines else 0
        return Voice(at, self.lines + lines, pause)


@dataclass(frozen=True)
class Heard:
    """Receipts from `start` on, read up to the cursors of `after`; `voices` by the host's name.

    `strange`: lines of whoever is none of the app's hosts.
    """

    start: int
    after: dict[str, str] = field(default_factory=dict)
    voices: dict[str, Voice] = field(default_factory=dict)
    strange: int = 0

    @property
    def facts(self) -> Facts:
        """As JSON, for the job's record."""
        return asdict(self)

    @classmethod
    def of(cls, facts: Facts) -> Heard:
        """From the job's record."""
        voices = {name: Voice(**one) for name, one in facts["voices"].items()}
        return cls(**{**facts, "voices": voices})

    @property
    def lines(self) -> int:
        return sum(voice.lines for voice in self.voices.values())

    def last(self, host: str) -> int:
        """When it was heard last; where it never was, as if right before the first look."""
        return self.voices[host].heard if host in self.voices else self.start

    def plus(self, page: Scanned, names: dict[str, str], at: int) -> Heard:
        """With the lines of one page; `names` of hosts by their agents' addresses."""
        counts, strange = dict[str, int](), self.strange
        for place, cell in page.cells.items():
            if name := names.get(place.host):
                counts[name] = counts.get(name, 0) + cell.lines
            else:
                strange += cell.lines
        unheard = Voice(self.start)
        said = {name: self.voices.get(name, unheard).again(at, n) for name, n in counts.items()}
        after = {**self.after, str(page.shard): page.after}
        return replace(self, after=after, voices={**self.voices, **said}, strange=strange)


def kept(facts: Any, start: float) -> Heard:
    """What an earlier look kept, or nothing heard from `start` on."""
    return Heard.of(facts) if facts else Heard(int(start))


def listen(context: Context, sls: Sls, logstore: str, heard: Heard, key: str) -> Heard:
    """Up to now. Where that is more than one look's share, it is kept under `key`, and NotYet."""
    now, names = int(context.clock.now()), by_address(context)
    after = {int(shard): cursor for shard, cursor in heard.after.items()}
    before, pages = heard.lines, 0
    for page in sls.scan(logstore, heard.start, now, after=after):
        heard, pages = heard.plus(page, names, now), pages + 1
        much = heard.lines - before > context.proving.rate * context.waits.look
        if much or pages >= SHARE:
            context.jot({key: heard.facts})
            raise NotYet(f"reading what {logstore} received, up to {clock(page.received)} so far")
    return heard


def by_address(context: Context) -> dict[str, str]:
    """Names of the app's hosts by the address that their agents write into each group."""
    every = agents(context)
    return {str(every[host.name]["ip"]): host.name for host in context.roster if host.name in every}
