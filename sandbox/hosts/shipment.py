"""Lines on their way to the service, and what to do when it refuses them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.sls.door import LogGroup

OK, UNAUTHORIZED, FORBIDDEN, SERVER_ERROR = 200, 401, 403, 500
MOST_TRIES = 5  # unknow_error_try_max, unauthorized_send_retrytimes
RETRY_AFTER = 3.0  # seconds; help page "log collection process of Logtail"
GIVE_UP_AFTER = 6 * 3600.0  # seconds; discard_send_fail_interval


class Verdict(Enum):
    """What follows from the service's answer."""

    SENT = "sent"
    AT_ONCE = "try again at once"
    LATER = "try again later"
    DISCARD = "give up: the lines are lost"


@dataclass(frozen=True)
class Shipment:
    """One group of lines that ends at byte `end` of its file; times are real seconds."""

    group: LogGroup
    end: int
    read_at: float
    tries: int = 0
    not_before: float = 0.0

    def tried(self) -> Shipment:
        """Return it with one more try behind it."""
        return replace(self, tries=self.tries + 1)

    def waiting(self, until: float) -> Shipment:
        """Return it with the moment before which it is not tried again."""
        return replace(self, not_before=until)


def verdict(status: int, tries: int, waited: float, release: tuple[int, ...]) -> Verdict:
    """Judge an answer after `tries` tries and `waited` documented seconds.

    Sources: Sender.cpp of 1.8.8 and 2.0.7 (401 is retried five times), FlusherSLS.cpp from 3.0.5
    on (401 is retried for six hours). Both retry 404 and unknown codes five times, the first time
    at once. The 401 that 1.8.8 drops sooner after a key refresh is not modelled.
    """
    if status == OK:
        return Verdict.SENT
    if waited > GIVE_UP_AFTER:
        return Verdict.DISCARD
    if _is_patient(status, release):
        return Verdict.LATER
    if tries > MOST_TRIES:
        return Verdict.DISCARD
    return Verdict.AT_ONCE if tries == 1 and status != UNAUTHORIZED else Verdict.LATER


def _is_patient(status: int, release: tuple[int, ...]) -> bool:
    if status == UNAUTHORIZED:
        return release >= (3, 0, 5)
    return status == FORBIDDEN or status >= SERVER_ERROR
