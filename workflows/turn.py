"""One claim's worth of work on one job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from workflows.errors import JobError
from workflows.model import Claim, Event, EventKind, Evidence, Facts, Job, Record
from workflows.ports import Clock, Notifier, Store
from workflows.written import lines, plus


class Turn:
    """Every save goes through it, so that claim and version are the newest."""

    def __init__(
        self,
        store: Store,
        notifier: Notifier,
        clock: Clock,
        claim: Claim,
        saved: Callable[[Claim], None],
    ) -> None:
        self._store, self._notifier, self._clock = store, notifier, clock
        self.claim, self._saved = claim, saved
        self.name = ""  # the step or approval at work
        self.granted: Callable[[Job], Job] = lambda job: job  # notes the consent it rests on
        self._calls: list[tuple[str, str]] = []
        self._later: dict[str, Facts] = {}
        self.explain: Callable[[JobError], JobError] = lambda error: error  # finds its causes

    @property
    def job(self) -> Job:
        return self.claim.job

    @property
    def record(self) -> Record:
        return self.job.record(self.name)

    def wrote(self, call: str, request: str) -> None:
        """The service was asked to change something, and gave that call this id."""
        self._calls.append((call, request))

    def remember(self, facts: Facts) -> None:
        """Put more into the `before` of the record at work with the next save, at the move's end."""
        if self.name:  # a plan looks at every row and is at none
            self._later.setdefault(self.name, {}).update(facts)

    @property
    def untold(self) -> bool:
        """Whether something was written or is to be remembered that no save has kept yet."""
        return bool(self._calls or self._later)

    def save(self, job: Job, *events: Event) -> None:
        """What was written since the last event is told by the next one, of whichever move."""
        written, kept = job.written, len(self._calls)
        for call, request in self._calls[:kept]:
            written = plus(written, call, request)
        if events:
            last = replace(events[-1], requests=lines(written))
            events, written = (*events[:-1], last), ()
        for name, facts in self._later.items():
            job = job.noted(name, before={**job.record(name).before, **facts})
        self.claim = self._store.commit(self.claim, replace(job, written=written), *events)
        del self._calls[:kept]
        self._later.clear()
        self._saved(self.claim)
        self._notifier.show(job.id)

    def note(self, *events: Event, job: Job | None = None, **changes: object) -> None:
        """Save the record at work with `changes`; reaching a service ends its outage."""
        self.save((job or self.job).noted(self.name, attempts=0, away=0.0, **changes), *events)

    def event(self, kind: EventKind, evidence: Evidence | None = None, **more: object) -> Event:
        said = evidence or Evidence("")
        event = Event(self._clock.now(), self.job.id, kind, self.name)
        figures = {"text": said.text, "hosts": said.hosts, "facts": said.facts}
        return replace(event, **figures, **more)  # type: ignore[arg-type]
