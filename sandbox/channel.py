"""The channel as it grows: what is new in it since the last look, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.control import Control
from sandbox.slack.reading import render

Json = dict[str, Any]


@dataclass
class Channel:
    """Follows one Slack through its control interface."""

    control: Control
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        state = self.control.state()
        people = {**state["users"], **state["channels"]}
        self.names = {id_: name for name, id_ in people.items()}

    def roots(self) -> list[Json]:
        """The messages of the channel, oldest first, each with its thread under `replies`."""
        return self.control.messages()

    def read(self, message: Json) -> list[str]:
        return render(message, self.names)

    def whispers(self) -> Iterator[tuple[str, list[str]]]:
        """Who was shown what alone, as far as it was not there before."""
        for name in self.control.state()["users"]:
            for message in self.control.ephemerals(name):
                if message["ts"] not in self.seen:
                    self.seen.add(message["ts"])
                    yield name, self.read(message)

    def fresh(self) -> Iterator[list[str]]:
        """The replies in threads that were not there before, oldest first."""
        for root in self.roots():
            for reply in root["replies"]:
                if reply["ts"] not in self.seen:
                    self.seen.add(reply["ts"])
                    yield self.read(reply)

    def open_question(self) -> Json | None:
        """The reply whose buttons wait for somebody, with its root's other fields left out."""
        for root in self.roots():
            for reply in root["replies"]:
                if "approve" in buttons(reply):
                    return reply
        return None


def buttons(message: Json) -> list[str]:
    """Action ids of the buttons that stand in the message now."""
    rows = [b["elements"] for b in message.get("blocks") or [] if b["type"] == "actions"]
    return [button["action_id"] for row in rows for button in row]
