"""What a move wrote at the service: each call with the service's request id, for its support. Pure.

Kept with the job until its next event is saved, and told by that one: a step may need many moves.
Lines are put many thousand times, so of such calls the first and the last are kept, and how many.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST = 50  # calls that are kept; of the others, how many
PUT = "/shards/"  # in the path of calls that put lines

# call, first request id, last one, how many; a call of "" stands for those that are only counted
Written = tuple[tuple[str, str, str, int], ...]


def plus(written: Written, call: str, request: str) -> Written:
    """`call` is side, method and path, `request` the id that the service gave it."""
    for at, (known, first, _last, count) in enumerate(written):
        if known == call and PUT in call:
            return (*written[:at], (call, first, request, count + 1), *written[at + 1 :])
    if len(written) < MOST:
        return (*written, (call, request, request, 1))
    more = written[MOST:]
    return (*written[:MOST], ("", "", "", 1 + (more[0][3] if more else 0)))


def lines(written: Sequence[Sequence[object]]) -> tuple[str, ...]:
    """As an event tells them."""
    return tuple(_line(*one) for one in written)


def _line(call: object, first: object, last: object, count: object) -> str:
    if not call:
        return f"and {count} more"
    return f"{call} {first}" if count == 1 else f"{call} {first} … {last}, {count} calls"
