"""What people do in the channel, one story a job: they read, type, press, and try again."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sandbox.channel import buttons
from sandbox.slack.control import Control, ControlRefusedError
from tests.chaos.town import Site

Json = dict[str, Any]
PLOTS = (
    *("moved", "moved", "moved", "moved", "declined once", "back at stop?", "back at delete?"),
    *("back half-way", "moved, then back", "declined, then back"),
)
MOVED, BACK = "✅ *Moved*", ("↩ *Rolled back*", "↩ *Cancelled*")
AGAIN = 1.0  # seconds until somebody who sees no effect tries once more


class Channel:
    """The newest look at the channel, taken for all."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.messages: list[Json] = []
        self._version = -1

    def look(self) -> None:
        version = int(self.control.state()["version"])
        if version != self._version:
            self._version, self.messages = version, self.control.messages()

    def root_of(self, job: str) -> Json | None:
        found = [m for m in self.messages if event_of(m) == (job, "root")]
        return found[-1] if found else None


def event_of(message: Json) -> tuple[str, str]:
    """Job and event that the message tells of; ("", "") for what people say."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return payload.get("job", ""), payload.get("event", "")


@dataclass
class Story:
    """One app from `start` to its end; `live` runs in a thread of its own until then."""

    site: Site
    channel: Channel
    plot: str
    half_way: float  # seconds from the start until somebody changes their mind
    job: str = ""
    end: str = ""
    said: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self.control = self.channel.control
        self._declined = ""

    def live(self) -> None:
        while not self.end and not self.stopped.wait(AGAIN):
            try:
                self._act()
            except ControlRefusedError as refused:  # the message has changed meanwhile
                self._note(f"refused: {refused}")

    def _act(self) -> None:
        if not self.job:
            self._start()
            return
        root = self.channel.root_of(self.job)
        if root is None:
            return
        shown = json.dumps(root["blocks"], ensure_ascii=False)
        if any(end in shown for end in BACK):
            self.end = "back"
        elif MOVED in shown:
            self._moved()
        elif "🛑 *Stopped*" in shown:
            self._press(root, "roll_back" if self.plot == "declined, then back" else "retry")
        elif self.plot == "back half-way" and time.monotonic() - self.began > self.half_way:
            self._type("bob", f"rollback {self.job}")
        else:
            self._decide(root)

    def _start(self) -> None:
        read = self._type("alice", f"start {self.site.name}")
        if found := re.search(r"Queued as (\w{4})|held by job (\w{4})", read):
            self.job = found[1] or found[2]

    def _moved(self) -> None:
        if self.plot in {"moved", "declined once"}:
            self.end = "moved"
        else:
            self._type("bob", f"rollback {self.job}")

    def _decide(self, root: Json) -> None:
        for reply in root["replies"]:
            if "approve" in buttons(reply):
                self._answer(reply, "delete?" if ":delete?:" in json.dumps(reply) else "stop?")

    def _answer(self, card: Json, name: str) -> None:
        declines = self.plot.startswith("declined") and self._declined in {"", card["ts"]}
        if self.plot == f"back at {name}":
            self._type("bob", f"rollback {self.job}")
        elif declines:
            self._declined = card["ts"]
            self._press(card, "decline")
        else:
            self._press(card, "approve")

    def _press(self, message: Json, action: str) -> None:
        answer = self.control.press("bob", message["ts"], action)
        self._note(f"bob presses {action}: {'ok' if answer['ok'] else answer.get('error')}")

    def _type(self, who: str, text: str) -> str:
        answer = self.control.command(who, f"/logmigrate {text}")
        read = "\n".join(answer["ephemerals"])
        self._note(f"{who} types {text}: {read}")
        return read

    def _note(self, what: str) -> None:
        self.said.append(f"{time.monotonic() - self.began:6.1f} s  {what}")


def stories(sites: list[Site], channel: Channel, seed: int) -> list[Story]:
    """Each app's, with plots shuffled by the seed."""
    random = Random(seed)
    plots = [PLOTS[n % len(PLOTS)] for n in range(len(sites))]
    random.shuffle(plots)
    return [
        Story(site, channel, plot, random.uniform(4.0, 15.0))
        for site, plot in zip(sites, plots, strict=True)
    ]
