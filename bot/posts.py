"""
Bring the messages of one job up to date: its live message, its thread, its approval cards.

What stands where is noted in Redis right after each call, in the hash `posts:<job>`:

* root, link            ts and address of the live message
* drawn, drawn_at       fingerprint of what it shows, and when it was drawn (seconds, epoch)
* cursor                stream id of the newest event that the thread tells
* card:<event>          ts of an approval's card;  closed:<event>  what its buttons gave way to
* sending               what is being posted; still there after a crash, so it may have been posted
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import structlog

from bot.attaching import Attaching, Files
from bot.outbox import Working
from bot.slack import Gone, Shut, SlackTrouble, Unfit, Unheard
from bot.store import RedisStore
from handlers.attached import attached, unattached
from handlers.blocks import Message
from handlers.cards import card, decided, verdicts
from handlers.lines import line
from handlers.messages import MOVING, root
from workflows.model import Event, EventKind, Job
from workflows.step import Workflow

ROOT = "root"  # what `sending` and the metadata call the live message
SKEW = 300.0  # seconds that Slack's clock may be behind ours
PAGE = 200  # events read at once

log = structlog.get_logger()


class Chat(Files, Protocol):
    """bot.slack.Chat, as far as posts need it; each call raises SlackTrouble."""

    def post(
        self, channel: str, message: Message, thread: str, payload: Mapping[str, str]
    ) -> str: ...
    def update(self, channel: str, ts: str, message: Message) -> None: ...
    def permalink(self, channel: str, ts: str) -> str: ...
    def find(self, channel: str, thread: str, since: float, payload: Mapping[str, str]) -> str: ...


@dataclass
class Pace:
    """When the next message may be changed; one for all jobs, as Slack counts per workspace."""

    spacing: float = 1.2  # seconds; chat.update is good for 50 a minute
    next_at: float = 0.0

    def left(self) -> float:
        return max(self.next_at - time.monotonic(), 0.0)

    def taken(self) -> None:
        self.next_at = max(self.next_at, time.monotonic()) + self.spacing


@dataclass
class Posts:
    """One visit to one job. `hold` proves that we are its only sender, or raises."""

    store: RedisStore
    chat: Chat
    workflow: Workflow
    approvers: frozenset[str]
    pace: Pace
    update_every: float
    job: Job
    hold: Callable[[], None]
    notes: dict[str, str] = field(default_factory=dict)

    def tell(self) -> float | None:
        """Post what is new and draw what changed; seconds until there may be more, None: no more."""
        self.notes = self.store.posts(self.job.id)
        events = self._events()
        working = self.store.working(self.job.id)
        try:
            self._post_root(working)
            self._post_thread(events)
        finally:
            # A thread that cannot be continued must not keep buttons alive that are decided.
            self._close_cards(events)
        self._learn_link()
        wait = self._redraw(working)
        self._attach(events)
        return self.update_every if wait is None and working else wait

    def _events(self) -> list[tuple[str, Event]]:
        found: list[tuple[str, Event]] = []
        while True:
            page = self.store.events(self.job.id, found[-1][0] if found else "0-0", PAGE)
            found += page
            if len(page) < PAGE:
                return found

    def _post_root(self, working: Working | None) -> None:
        if self.notes.get("root"):
            return
        message = root(self.job, self.workflow, working)
        ts = self._post(ROOT, message, "", self.job.created)
        self._note(root=ts, sending="", **_drawn(message))

    def _post_thread(self, events: list[tuple[str, Event]]) -> None:
        told = _stream_id(self.notes.get("cursor", "0-0"))
        for event_id, event in events:
            if _stream_id(event_id) > told:
                self._post_event(event_id, event)

    def _post_event(self, event_id: str, event: Event) -> None:
        asked = event.kind is EventKind.ASKED
        if asked:
            message: Message | None = card(event, self.job, self.workflow, self.approvers)
        else:
            message = line(event, self.job, self.workflow, self.approvers)
        noted = {"cursor": event_id, "sending": ""}
        if message:
            ts = self._post(event_id, message, self.notes["root"], event.at)
            noted |= {f"card:{event_id}": ts} if asked else {}
        self._note(**noted)

    def _post(self, key: str, message: Message, thread: str, since: float) -> str:
        """Post once: what an earlier try may have sent is looked for before it is sent again."""
        payload = {"job": self.job.id, "event": key}
        if self.notes.get("sending") == key and (ts := self._sent(thread, since, payload)):
            return ts
        self.hold()
        self._note(sending=key)
        try:
            return self._posted(message, thread, payload)
        except Unheard:
            raise
        except Gone:  # somebody deleted the thread: the next visit begins another
            self._note(root="", link="", sending="")
            raise
        except SlackTrouble:
            self._note(sending="")
            raise

    def _posted(self, message: Message, thread: str, payload: Mapping[str, str]) -> str:
        try:
            return self.chat.post(self.job.channel, message, thread, payload)
        except Unfit as unfit:
            return self.chat.post(self.job.channel, self._in_words(message, unfit), thread, payload)

    def _sent(self, thread: str, since: float, payload: Mapping[str, str]) -> str:
        """Reading back wants a right that the app does without by default."""
        try:
            return self.chat.find(self.job.channel, thread, since - SKEW, payload)
        except Shut as cannot:
            log.warning(
                "may be posted twice", job=self.job.id, message=payload["event"], why=str(cannot)
            )
            return ""

    def _close_cards(self, events: list[tuple[str, Event]]) -> None:
        asked = dict(events)
        for event_id, decision in verdicts(events).items():
            ts, closed = self.notes.get(f"card:{event_id}"), f"closed:{event_id}"
            if ts and self.notes.get(closed) != decision.kind:
                self._update(ts, decided(asked[event_id], decision, self.job, self.workflow))
                self._note(**{closed: str(decision.kind)})

    def _attach(self, events: list[tuple[str, Event]]) -> None:
        """Last, since nothing waits for it: the message is there, whether or not its files are."""
        for event_id, event in events:
            place = (self.job.channel, self.notes.get("root", ""), event_id)
            without = partial(self._go_without, event_id, event)
            attaching = Attaching(self.chat, *place, self.hold, self.notes, self._note, without)
            if not attaching.settled and (files := attached(event, self.job)):
                attaching.bring(files)

    def _go_without(self, event_id: str, event: Event, why: str) -> None:
        message = unattached(event, self.job, why)
        self._post(f"{event_id}:file", message, self.notes["root"], event.at)
        self._note(sending="")

    def _learn_link(self) -> None:
        """The address is a convenience: without it the job goes on, and it is asked for again."""
        if self.notes.get("link"):
            return
        try:
            self._note(link=self.chat.permalink(self.job.channel, self.notes["root"]))
        except SlackTrouble as trouble:
            log.warning("learning a message's address", job=self.job.id, why=str(trouble))

    def _redraw(self, working: Working | None) -> float | None:
        """Draw the job as it is; or seconds until that may be done, None if it stands so already."""
        message = root(self.job, self.workflow, working)
        drawn = _drawn(message)
        if drawn["drawn"] == self.notes.get("drawn"):
            return None
        if self.job.state in MOVING and (wait := self._wait()) > 0:
            return wait
        if self._update(self.notes["root"], message):
            self._note(**drawn)
            return None
        self._note(root="", link="")
        return 0.0

    def _wait(self) -> float:
        since = time.time() - float(self.notes.get("drawn_at", "0"))
        return max(self.pace.left(), self.update_every - since)

    def _update(self, ts: str, message: Message) -> bool:
        """Whether the message was still there."""
        self.hold()
        self.pace.taken()
        try:
            self.chat.update(self.job.channel, ts, message)
        except Unfit as unfit:
            self.chat.update(self.job.channel, ts, self._in_words(message, unfit))
        except Gone as gone:
            log.warning("a message was deleted", job=self.job.id, ts=ts, why=str(gone))
            return False
        return True

    def _in_words(self, message: Message, unfit: Unfit) -> Message:
        """A message without its blocks is better than none."""
        log.error("a message's blocks were refused", job=self.job.id, why=str(unfit))
        return Message(message.text, ())

    def _note(self, **fields: str) -> None:
        self.store.note_post(self.job.id, **fields)
        self.notes.update(fields)


def _drawn(message: Message) -> dict[str, str]:
    shown = json.dumps([message.text, message.blocks]).encode()
    return {"drawn": hashlib.sha256(shown).hexdigest()[:16], "drawn_at": f"{time.time():.3f}"}


def _stream_id(written: str) -> tuple[int, int]:
    at, _, number = written.partition("-")
    return int(at), int(number or 0)
