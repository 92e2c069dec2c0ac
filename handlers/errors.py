"""What a person reads when a request does not work: a sentence and the way out."""

from __future__ import annotations

import logging
import secrets

from handlers.text import lines_of
from workflows.errors import JobError, StoreAway

log = logging.getLogger(__name__)

# A write that timed out may have arrived: say nothing of it that could be untrue.
AWAY = (
    "Redis does not answer. Nothing is half-written: when it answers again, `/logmigrate list` "
    "tells whether this has arrived. If not, try again."
)


def answer_to(error: Exception, doing: str) -> str:
    """The sentence for what went wrong while `doing`; what is unknown to us goes to the log."""
    if isinstance(error, StoreAway):
        log.warning("%s: %s", doing, error)
        return AWAY
    if isinstance(error, JobError):
        return "\n".join([*lines_of(str(error)), *lines_of(error.hint)])
    return _unknown(error, doing)


def _unknown(error: Exception, doing: str) -> str:
    number = secrets.token_hex(3)
    log.error("%s (%s)", doing, number, exc_info=error)
    return (
        f"Something went wrong in logmigrate itself. The log has it under `{number}`: show that to "
        "whoever runs logmigrate. `/logmigrate list` tells what was written."
    )
