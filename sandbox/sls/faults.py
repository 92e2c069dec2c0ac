"""Faults on demand: rules that say which call goes wrong, how, and how often."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from enum import StrEnum

from sandbox.sls import errors
from sandbox.sls.errors import SlsError
from sandbox.sls.requests import Request
from sandbox.sls.routes import ROUTES, match

LONGEST = 600.0  # seconds that one answer may be held back


class Kind(StrEnum):
    """What goes wrong; all but the first three let the call take effect."""

    ERROR_BEFORE = "error before the effect"
    WRITE_QUOTA = "403 WriteQuotaExceed"
    META_QPS = "403 MetaOperationQpsLimitExceeded"
    ERROR_AFTER = "error after the effect"
    SLOW = "slow answer"
    SILENT = "no answer"
    RESET = "reset before the answer"
    CUT = "reset in the middle of the body"
    WRONG_JSON = "wrong JSON"
    SKEW = "the server's clock is off"


_WAITS = frozenset({Kind.SLOW, Kind.SILENT})
_REFUSALS = {
    500: ("InternalServerError", "an error on demand inside the service"),
    503: ("ServerBusy", "the service is busy, on demand"),
}


@dataclass(frozen=True)
class Fault:
    """One rule; what is left empty fits every call.

    `path` is written as in COVERAGE.md, its variable parts open (`/configs/{config}`) or named
    (`/configs/nginx`), a `?type=…` at its end if wanted. Of the calls that fit, the `nth` is the
    first that may go wrong, each with probability `chance`, `times` of them in all (None: all).
    `status` (500 or 503) is for the errors, `body` for wrong JSON. `seconds` are real ones at any
    clock speed: how long an answer is held back, or how far ahead the server's clock is.
    """

    kind: Kind
    method: str = ""
    path: str = ""
    account: str = ""
    key: str = ""
    nth: int = 1
    times: int | None = 1
    chance: float = 1.0
    seed: int = 0
    status: int = 500
    seconds: float = 0.0
    body: bytes = b'{"count": 1, "total": '

    def __post_init__(self) -> None:
        """Refuse a rule that could never fire or would do nothing."""
        wrong = [text for holds, text in self._bounds() if not holds]
        if wrong:
            raise ValueError(f"a fault of kind {self.kind}: {'; '.join(wrong)}")

    def _bounds(self) -> tuple[tuple[bool, str], ...]:
        held = self.kind not in _WAITS or 0 < self.seconds <= LONGEST
        return (
            (_exists(self.method, self.path), "give a method and path that COVERAGE.md lists"),
            (self.nth >= 1, "calls are counted from 1"),
            (self.times is None or self.times >= 1, "times is 1 or more, or None for all"),
            (0 < self.chance <= 1, "chance is above 0 and at most 1"),
            (self.status in _REFUSALS, "status is 500 or 503"),
            (held, f"give seconds above 0, at most {LONGEST:.0f}"),
            (self.kind is not Kind.SKEW or self.seconds != 0, "give seconds other than 0"),
        )

    def fits(self, request: Request, account: str, key: str) -> bool:
        """Whether the call is one of those that the rule is about."""
        path, _, kinds = self.path.partition("?type=")
        return (
            self.method in {"", request.method}
            and self.account in {"", account}
            and self.key in {"", key}
            and (not path or match(path, request.raw_path) is not None)
            and (not kinds or request.query.get("type", "") in kinds.split("/"))
        )

    @property
    def refusal(self) -> SlsError | None:
        """What the call is answered instead of taking effect, if the kind is such a one."""
        refusals = {
            Kind.ERROR_BEFORE: self.error,
            Kind.WRITE_QUOTA: errors.write_quota(),
            Kind.META_QPS: errors.meta_qps(),
        }
        return refusals.get(self.kind)

    @property
    def error(self) -> SlsError:
        """The service's 5xx."""
        return SlsError(self.status, *_REFUSALS[self.status])


@dataclass
class _Armed:
    """A rule in force and what it has seen so far."""

    rule: Fault
    chances: random.Random
    seen: int = 0
    fired: int = 0

    def fires(self) -> bool:
        """Count one more call that fits; whether it goes wrong."""
        self.seen += 1
        spent = self.rule.times is not None and self.fired >= self.rule.times
        return self.seen >= self.rule.nth and not spent and self._by_chance()

    def _by_chance(self) -> bool:
        return self.rule.chance == 1 or self.chances.random() < self.rule.chance


class Faults:
    """The rules in force, in the order added; safe to use from any thread.

    A call meets at most one fault (and besides it a clock that is off): that of the first rule
    whose turn it is. Every rule counts every call that fits it. A call meets faults only once its
    headers, signature, owner and RAM are in order; only a clock that is off acts before.
    """

    def __init__(self) -> None:
        """Begin without rules."""
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []

    def add(self, rule: Fault) -> None:
        """Put a rule in force; a rule that is added twice counts for itself each time."""
        with self._lock:
            self._armed.append(_Armed(rule, random.Random(rule.seed)))

    def clear(self) -> None:
        """Forget all rules and their counts."""
        with self._lock:
            self._armed.clear()

    @property
    def counts(self) -> dict[Fault, int]:
        """How often each rule in force has fired, also those that never did."""
        with self._lock:
            counts: dict[Fault, int] = {}
            for armed in self._armed:
                counts[armed.rule] = counts.get(armed.rule, 0) + armed.fired
            return counts

    def met(self, request: Request, account: str, key: str) -> Fault | None:
        """The fault that this call meets; counts."""
        return self._first(request, account, key, clock=False)

    def skew(self, request: Request, account: str, key: str) -> Fault | None:
        """The rule by which the clock is off for this call; counts."""
        return self._first(request, account, key, clock=True)

    def _first(self, request: Request, account: str, key: str, *, clock: bool) -> Fault | None:
        with self._lock:
            due = [
                armed
                for armed in self._armed
                if (armed.rule.kind is Kind.SKEW) == clock
                and armed.rule.fits(request, account, key)
                and armed.fires()
            ]
            if not due:
                return None
            due[0].fired += 1
            return due[0].rule


def _exists(method: str, path: str) -> bool:
    plain, _, kinds = path.partition("?type=")
    return any(
        method in {"", route.method}
        and (not plain or match(route.path, plain) is not None)
        and (not kinds or set(kinds.split("/")) <= set(route.kinds))
        for route in ROUTES
    )
