"""
Everything that can stop a job or a command, and who is expected to act:

* JobError              carries a sentence for the channel and a hint: the way out
  x Blocked             a precondition is not met; nothing was changed; a person fixes the cause
    x CannotCarry       something of the source cannot be the same in the target (collection.cannot)
  x NotYet              not true so far; the engine looks again until patience ends
  x Unavailable         a service did not answer; looked at again with growing delays
  x StepFailed          the step was tried and did not work; a person retries or rolls back
    x Denied            an account lacks a permission; the text names the action
    x Red               evidence failed after it was green; goes back to the last green state
  x Refused             the request itself is wrong; nothing was started
    x UnknownApp        no such app in the settings
    x UnknownJob        no such job in the store
    x Locked            another job holds the app
  x StoreAway           Redis did not answer; nothing was written
* Conflict              somebody else moved the job meanwhile; drop this look, theirs is due
  x ClaimLost           this worker's claim is over; it must start no new effect
* SettingsError         the configuration is wrong; the text starts with the path of the key
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.model import HostResult


class JobError(Exception):
    """A sentence for the person in the channel; `hint` says what to do about it."""

    def __init__(self, text: str, hint: str = "", hosts: tuple[HostResult, ...] = ()) -> None:
        super().__init__(text)
        self.hint = hint
        self.hosts = hosts


class Blocked(JobError):
    """A precondition is not met. Nothing was changed."""


class NotYet(JobError):
    """Not true so far. Not a failure until the step's patience ends."""


class Unavailable(JobError):
    """A service did not answer. Trying again may help."""


class StepFailed(JobError):
    """The step was tried and did not work."""


class Denied(StepFailed):
    """The account refused the action that the text names."""


class Red(StepFailed):
    """What was green is so no longer: the text is the evidence, the way is back by itself."""


class Refused(JobError):
    """The request is wrong, so nothing was started."""


class UnknownApp(Refused):
    """No app of that name in the settings."""


class UnknownJob(Refused):
    """No job of that id, and no job of that app."""


class Locked(Refused):
    """Another job holds the app; `holder` is its id."""

    def __init__(self, text: str, hint: str = "", holder: str = "") -> None:
        super().__init__(text, hint)
        self.holder = holder


class StoreAway(JobError):
    """Redis did not answer, so nothing was written."""


class Conflict(Exception):
    """Somebody else changed the job since it was loaded."""


class ClaimLost(Conflict):
    """The claim ran out or was taken over; start no new effect."""


class SettingsError(Exception):
    """The configuration is wrong; the text starts with the path of the key."""
