"""Lines on their way to the service, and what to do when it refuses them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from sandbox.hosts.access_keys import REFRESH_AFTER
from sandbox.hosts.refused import Refusal, code_of, sort_of
from sandbox.hosts.versions import traits

if TYPE_CHECKING:
    from sandbox.sls.door import LogGroup

OK = 200
MOST_TRIES = 5  # unknow_error_try_max, unauthorized_send_retrytimes
RETRY_AFTER = 3.0  # seconds; help page "log collection process of Logtail"
KEY_TAKES = 30.0  # seconds; unauthorized_allowed_delay_after_reset
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


def verdict(
    answer: int,
    tries: int,
    waited: float,
    release: tuple[int, ...],
    key_age: float = 0.0,
    *,
    adjusts_time: bool = False,
) -> Verdict:
    """Judge an answer after `tries` tries and `waited` seconds; `key_age` is the access key's.

    Sources: core/sender/Sender.cpp OnFail and DefaultOperation of 1.8.8 and 2.0.7,
    core/plugin/flusher/sls/FlusherSLS.cpp OnSendDone from 3.0.5 on. Seconds are documented ones.
    """
    if answer == OK:
        return Verdict.SENT
    if waited > GIVE_UP_AFTER:
        return Verdict.DISCARD
    match sort_of(code_of(answer)):
        case Refusal.SERVER | Refusal.QUOTA:
            return Verdict.LATER
        case Refusal.UNAUTHORIZED:
            return unauthorized(tries, key_age, release)
        case Refusal.EXPIRED if adjusts_time:
            return Verdict.AT_ONCE
    return by_count(tries)


def by_count(tries: int) -> Verdict:
    """Once at once, then later, and after five tries never. Source: DefaultOperation."""
    if tries > MOST_TRIES:
        return Verdict.DISCARD
    return Verdict.AT_ONCE if tries == 1 else Verdict.LATER


def unauthorized(tries: int, key_age: float, release: tuple[int, ...]) -> Verdict:
    """Judge a 401 Unauthorized: patience since 3.0.5; before, five tries and a fresh key.

    A key older than a minute is refreshed and the lines go out at once; one refreshed less than
    30 s ago may still come into effect; between the two the lines are lost at their first try.
    Source: Sender.cpp, unauthorized_allowed_delay_after_reset.
    """
    row = traits(release)
    if row.patient_401:
        return Verdict.LATER
    if tries > MOST_TRIES:
        return Verdict.DISCARD
    if key_age >= REFRESH_AFTER:
        return Verdict.AT_ONCE
    return Verdict.LATER if key_age < KEY_TAKES else Verdict.DISCARD
