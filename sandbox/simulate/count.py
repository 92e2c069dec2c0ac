"""Written, lost and doubled in one cut-over, from the contents of files and of both logstores.

The words are those of docs/architecture.md. The agents' journals say when a start was and which
doubles are a restart's, and are held against what the logstores hold.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.simulate.forecast import WITHIN, forecast
from sandbox.simulate.kept import both
from sandbox.simulate.log import logs_of
from sandbox.simulate.truth import Truth, disagreements, truth

if TYPE_CHECKING:
    from sandbox.simulate.ledger import Ledger
    from sandbox.simulate.log import Log
    from sandbox.simulate.proof import Proof
    from sandbox.simulate.stage import Stage

SHOWN = 100  # characters of a line that is named

Lines = Counter[bytes]


@dataclass
class Tally:
    """Lines of one cut-over, and what was found broken about them, in words."""

    written: int = 0
    lost: int = 0
    doubled: int = 0
    overlap: int = 0
    restarts: int = 0  # restart doubles, in both logstores
    forecast: int = 0  # lines that are lost by the forecast
    files: int = 0
    within: int = 0  # files of which loss and overlap were forecast to the line
    equal: int = 0  # 1 if the product says so
    uneven: int = 0  # 1 if it does not, and the sides do differ although nothing is lost
    restarts_told: int = 0  # in the target's compared minutes, by the product
    restarts_there: int = 0  # and in truth
    overlap_told: int = 0
    overlap_there: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> dict[str, int]:
        """The counts by their names."""
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}


@dataclass(frozen=True)
class Fate:
    """What became of one log's lines; `lost` and `again` by inode."""

    written: int
    lost: Counter[int]
    again: Counter[int]
    first_lost: bytes | None


def tally(stage: Stage) -> Tally:
    """Count once the agents have stopped; with the dual route any lost line is broken."""
    held = both(stage)
    source, target = (Counter(one.text for one in side) for side in held)
    logs = [log for host in stage.hosts for log in logs_of(host)]
    found = Tally()
    for log in logs:
        _add(found, log, fate(log, source, target), lossless=stage.plan.route == "dual")
    _doubles(found, [(log, log.source) for log in logs], source)
    _doubles(found, [(log, log.target) for log in logs], target)
    known = {line.text for log in logs for line in log.lines}
    strange = [text for text in (*source, *target) if text not in known]
    found.broken += [f"a line that is in no file: {_shown(text)}" for text in strange[:1]]
    if stage.proof and stage.proof.judged:
        _judged(found, stage.proof, truth(logs, held, stage.proof))
    return found


def fate(log: Log, source: Lines, target: Lines) -> Fate:
    """Tell lost lines and overlap of one log."""
    lost, again = Counter[int](), Counter[int]()
    first_lost = None
    for number, line in enumerate(log.lines):
        is_before = number < log.before
        if line.text in target:
            again[line.inode] += is_before and line.text in source
        elif not (is_before and line.text in source):
            lost[line.inode] += 1
            first_lost = first_lost or line.text
    return Fate(len(log.lines) - log.before, lost, again, first_lost)


def _judged(found: Tally, told: Proof, real: Truth) -> None:
    """Count what the product says where it can say it to the line."""
    found.equal += told.equal
    found.uneven += not told.equal and not real.alike
    if told.own_time:
        found.restarts_told += told.found.restarts
        found.restarts_there += real.doubled
        found.overlap_told += told.found.overlap
        found.overlap_there += real.overlap
    found.broken += disagreements(told, real)


def _add(found: Tally, log: Log, own: Fate, *, lossless: bool) -> None:
    lost, again = forecast(log)
    found.written += own.written
    found.lost += own.lost.total()
    found.overlap += own.again.total()
    found.forecast += lost.total()
    if len(log.lines) != log.wrote:
        found.broken.append(
            f"{log.name}: {log.wrote} lines were written, {len(log.lines)} are there"
        )
    if own.first_lost and lossless:
        text = _shown(own.first_lost)
        found.broken.append(f"{log.name}: {own.lost.total()} lost, the first is {text}")
    counts = (("lost", own.lost, lost), ("overlap", own.again, again))
    for inode in log.files:
        missed = [
            f"{word} {counted[inode]}, forecast {told[inode]}"
            for word, counted, told in counts
            if abs(counted[inode] - told[inode]) > WITHIN
        ]
        found.files += 1
        found.within += not missed
        found.broken += [f"{log.name}, inode {inode}: {what}" for what in missed]


def _doubles(found: Tally, ledgers: list[tuple[Log, Ledger]], lines: Lines) -> None:
    """Tell restart doubles, which the agents' journals explain line by line, from any others."""
    told: Lines = Counter()
    for log, ledger in ledgers:
        if resent := ledger.resent() & log.files.keys():
            for text, inode, begin, end in log.lines:
                if inode in resent:
                    told[text] += max(0, ledger.times(inode, begin, end) - 1)
    extra = Counter({text: number - 1 for text, number in lines.items() if number > 1})
    found.restarts += (extra & told).total()
    if unexplained := extra - told:
        found.doubled += unexplained.total()
        found.broken.append(f"doubled: {_shown(next(iter(unexplained)))}")
    if missing := told - extra:
        first = _shown(next(iter(missing)))
        found.broken.append(f"shipped again by the journal, not by the logstore: {first}")


def _shown(text: bytes) -> str:
    return text[:SHOWN].decode(errors="replace")
