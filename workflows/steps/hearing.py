"""Who was heard on one side, and when last: read on from look to look, and kept with the job.

Times are by our clock; the service's may be another, and is set against it by what was heard.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from workflows.errors import NotYet
from workflows.model import Facts
from workflows.ports import Scanned, Sls
from workflows.proof.verdict import clock
from workflows.step import Context
from workflows.steps.roster import agents

SHARE = 200  # pages in one look; then others have their turn
LOOKS = 3  # waits of lines in one look, at the most, where the look before was long ago


@dataclass(frozen=True)
class Voice:
    """One host: the look that heard it last, how many lines, its longest pause, its newest receipt.

    `received` is by the service's clock, 0 where it does not say.
    """

    heard: int
    lines: int = 0
    pause: int = 0
    received: int = 0

    def again(self, at: int, lines: int, received: int, *, steady: bool) -> Voice:
        """`steady`: the look before was just now, so that a pause is the host's and not ours."""
        pause = received - self.received if received and self.received else at - self.heard
        longest = max(self.pause, pause) if self.lines and steady else self.pause
        return Voice(at, self.lines + lines, longest, max(received, self.received))


@dataclass(frozen=True)
class Heard:
    """Receipts from `start` on, read up to the cursors of `after`; `voices` by the host's name.

    `strange`: lines of whoever is none of the app's hosts. `at`: the newest look, 0 before the first;
    `until`: when all was done that followed it. `resumed`: the first look after nobody looked for a
    while. `apart`: by how much the service's clock may be behind ours, at the most.
    """

    start: int
    after: dict[str, str] = field(default_factory=dict)
    voices: dict[str, Voice] = field(default_factory=dict)
    strange: int = 0
    at: int = 0
    until: int = 0
    resumed: int = 0
    apart: int | None = None

    @property
    def facts(self) -> Facts:
        """As JSON, for the job's record."""
        voices = {name: dict(vars(voice)) for name, voice in self.voices.items()}
        return {**vars(self), "after": dict(self.after), "voices": voices}

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
        voice = self.voices.get(host)
        if voice is None:
            return self.start
        if not voice.received or self.apart is None:
            return voice.heard
        return min(voice.heard, voice.received + self.apart)

    def looked(self, now: int, pause: float) -> Heard:
        """At a new look; after more than `pause` seconds without, or where our clock went back."""
        if not self.at or abs(now - self.until) <= pause:
            return replace(self, at=max(self.at, now))
        voices = {n: replace(v, heard=min(v.heard, now)) for n, v in self.voices.items()}
        return replace(self, at=now, resumed=now, voices=voices)

    def over(self, now: float) -> Heard:
        """At the end of all that a look is for."""
        return replace(self, until=max(self.at, int(now)))

    def plus(self, page: Scanned, names: dict[str, str], *, steady: bool) -> Heard:
        """With the lines of one page; `names` of hosts by their agents' addresses."""
        counts, strange = dict[str, int](), self.strange
        for place, cell in page.cells.items():
            if name := names.get(place.host):
                counts[name] = counts.get(name, 0) + cell.lines
            else:
                strange += cell.lines
        last = {names[host]: at for host, at in page.newest.items() if host in names}
        unheard = Voice(self.start)
        said = {
            name: self.voices.get(name, unheard).again(
                self.at, lines, last.get(name, 0), steady=steady
            )
            for name, lines in counts.items()
        }
        after, voices = {**self.after, str(page.shard): page.after}, {**self.voices, **said}
        apart = self._apart(page)
        return replace(self, after=after, voices=voices, strange=strange, apart=apart)

    def _apart(self, page: Scanned) -> int | None:
        if not page.newest:
            return self.apart
        behind = self.at - max(page.newest.values())
        return behind if self.apart is None else min(self.apart, behind)


def kept(facts: Any, start: float) -> Heard:
    """What an earlier look kept, or nothing heard from `start` on."""
    return Heard.of(facts) if facts else Heard(int(start))


def listen(context: Context, sls: Sls, logstore: str, heard: Heard, key: str) -> Heard:
    """Up to now. Where that is more than one look's share, it is kept under `key`, and NotYet."""
    now, names, waits = int(context.clock.now()), by_address(context), context.waits
    after = {int(shard): cursor for shard, cursor in heard.after.items()}
    passed = abs(now - heard.at) if heard.at else 0
    share = context.proving.rate * min(max(passed, waits.look), LOOKS * waits.look)
    steady, heard = passed <= 2 * waits.look, heard.looked(now, waits.quiet)
    before, pages = heard.lines, sls.scan(logstore, min(heard.start, now), now, after=after)
    for number, page in enumerate(pages, 1):
        heard = heard.plus(page, names, steady=steady)
        if heard.lines - before > share or number >= SHARE:
            context.jot({key: heard.over(context.clock.now()).facts})
            raise NotYet(f"reading what {logstore} received, up to {clock(page.received)} so far")
    return heard


def by_address(context: Context) -> dict[str, str]:
    """Names of the app's hosts by the address that their agents write into each group."""
    every = agents(context)
    return {str(every[host.name]["ip"]): host.name for host in context.roster if host.name in every}
