"""What a comparison of both sides came to, whichever engine made it; kept with the job as JSON. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from workflows.model import Facts, quoted


@dataclass(frozen=True)
class Minute:
    """Lines of both sides whose own time lies in one closed, settled minute."""

    start: int  # seconds since the epoch
    source: int
    target: int
    equal: bool  # count and checksum, of every host


@dataclass(frozen=True)
class HostCount:
    """One host, by its name in the settings, over all compared minutes; `since`: its first line in the target, by its receipt."""

    host: str
    source: int
    target: int
    equal: bool
    files: int = 0
    newest: int = 0  # own time of its newest compared line
    since: int = 0

    @property
    def said(self) -> str:
        """As many lines on both sides may still be others."""
        if self.equal:
            return f"{self.source:,} = {self.target:,} lines"
        other = ", but not the same ones" if self.source == self.target else ""
        return f"source {self.source:,}, target {self.target:,} lines{other}"


@dataclass(frozen=True)
class Differing:
    """A place in which the sides differ."""

    minute: int
    host: str
    file: str
    source: int
    target: int

    def __str__(self) -> str:
        """Equal counts differ in their content. Hosts chose the names of host and file."""
        what = "content" if self.source == self.target else f"{self.source} and {self.target} lines"
        place = quoted(f"{self.host} {self.file}".strip().replace("\n", " "))
        return f"{place}: {what}"


@dataclass(frozen=True)
class Comparison:
    """Minutes from `start` up to `end`, by the lines' own time; what was left out is named.

    `late`: lines that came for minutes which were compared before. `overlap`: lines in the target
    from before its config was live. `doubled`: lines more than once in the target; of these
    `restarts` because an agent began anew. `repeated`: in the source. `strange`: of hosts that are not
    the app's, or were left out; they are in no other figure.
    """

    engine: str  # sql or pull
    start: int
    end: int
    minutes: tuple[Minute, ...] = ()
    hosts: tuple[HostCount, ...] = ()
    differing: tuple[Differing, ...] = ()  # the first hundred
    late: int = 0
    overlap: int = 0
    doubled: int = 0
    restarts: int = 0
    repeated: int = 0
    strange: int = 0
    size: int = 0  # bytes of the target's lines; 0 where nobody measured it
    open: str = ""  # why no verdict can be given yet: an index that warms up, a search cut short
    samples: tuple[str, ...] = ()  # of what differs, with secrets masked

    @property
    def source(self) -> int:
        return sum(minute.source for minute in self.minutes)

    @property
    def target(self) -> int:
        return sum(minute.target for minute in self.minutes)

    @property
    def facts(self) -> Facts:
        """As JSON, for the job's record and the report."""
        return asdict(self)

    @classmethod
    def of(cls, facts: Facts) -> Comparison:
        """From the job's record."""
        shapes = {"minutes": Minute, "hosts": HostCount, "differing": Differing}
        lists = {name: tuple(shape(**row) for row in facts[name]) for name, shape in shapes.items()}
        return cls(**{**facts, **lists, "samples": tuple(facts["samples"])})

    def newest(self, count: int) -> Comparison:
        """The same over its newest minutes; hosts and what was left out stay as they are."""
        kept = self.minutes[-count:]
        return replace(self, minutes=kept, start=kept[0].start if kept else self.end)
