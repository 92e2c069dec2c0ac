"""What the product said of a cut-over, held against the contents of files and logstores."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workflows.proof.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.simulate.kept import Both, Kept
    from sandbox.simulate.log import Log
    from sandbox.simulate.proof import Proof
    from workflows.proof.comparison import Comparison

STAMP = len("2026-11-23 02:47:00")
BLURRED = 60  # seconds; a line without a time of its own has that of its reading


@dataclass(frozen=True)
class Truth:
    """Lines of the compared minutes, as they were there when the product was asked last.

    `lost`: not in the target in the end. `doubled`, `repeated`: more than once in target and source.
    `alike`: both sides have the same, each as often; of lines without a time of their own it is only
    known where no agent was killed.
    """

    source: int
    target: int
    lost: int
    doubled: int
    repeated: int
    overlap: int
    alike: bool


def truth(logs: Iterable[Log], held: Both, proof: Proof) -> Truth:
    """Count without the product's means; `logs` are those of all hosts."""
    found, every = proof.found, list(logs)
    source, target = (_until(side, proof.at) for side in held)
    blurred = 0 if proof.own_time else BLURRED
    calm = proof.none_killed and not _lost(every, held, found, blurred)
    inside = [
        Counter({one.text: n for one, n in side.items() if found.start <= one.time < found.end})
        for side in (source, target)
    ]
    return Truth(
        source=inside[0].total(),
        target=inside[1].total(),
        lost=_lost(every, held, found, -blurred),
        doubled=inside[1].total() - len(inside[1]),
        repeated=inside[0].total() - len(inside[0]),
        overlap=_overlap(every, target, found.start),
        alike=inside[0] == inside[1] if proof.own_time else calm,
    )


def disagreements(told: Proof, real: Truth) -> Iterator[str]:
    """Say in what the product is wrong.

    Where an agent's restart repeats lines on one side only nothing is lost, and yet the sides differ.
    """
    found, judged = told.found, told.judged
    verdict = judged.verdict if judged else Verdict.INCONCLUSIVE
    if real.lost and verdict is not Verdict.DIFFERENT:
        yield f"{real.lost} lines of the compared minutes are lost, and the product says {verdict}"
    if real.alike and not real.lost and verdict is not Verdict.EQUAL:
        yield f"nothing is lost, and the product says {verdict}: {judged.why if judged else ''}"
    if not told.own_time:
        return
    for name in ("source", "target", "doubled", "repeated"):
        if getattr(found, name) != getattr(real, name):
            yield f"{name}: {getattr(found, name)} by the product, {getattr(real, name)} in truth"
    if found.restarts != found.doubled:
        yield f"of {found.doubled} doubled lines the product explains {found.restarts} by restarts"


def _until(side: Iterable[Kept], at: float) -> Counter[Kept]:
    """What was there by then, each as often as it was."""
    return Counter(one._replace(received=0.0) for one in side if one.received <= at)


def _lost(logs: Iterable[Log], held: Both, found: Comparison, more: int) -> int:
    """Lines of the compared minutes, and `more` seconds before and after, that A has not."""
    target = {one.text for one in held.target}
    begin, end = _stamp(found.start - more), _stamp(found.end + more)
    return sum(
        begin <= line.text[:STAMP] < end and line.text not in target
        for log in logs
        for line in log.lines
    )


def _overlap(logs: Iterable[Log], target: Counter[Kept], start: int) -> int:
    """Lines from before A's start on their log that A has, each as often as it has it."""
    times = Counter[bytes]()
    for one, number in target.items():
        times[one.text] += number * (one.time < start)
    return sum(times[line.text] for log in logs for line in log.lines[: log.before])


def _stamp(at: int) -> bytes:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S").encode()
