"""What a message is made of; each button's id stands beside the words on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers.text import FALLBACK, SECTION, cut, fit, pages

Block = dict[str, Any]

MOST_BLOCKS = 50  # of one message


@dataclass(frozen=True)
class Message:
    """`text` is what notifications and screen readers say; `blocks` is what the channel shows."""

    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Button:
    """A button and the question that Slack asks after the click. Labels of at most 30 characters."""

    action_id: str
    label: str
    title: str
    question: str
    style: str = ""

    def asking(self, question: str) -> Button:
        return replace(self, question=question)

    def block(self, value: str) -> Block:
        """The button with what it hands back; at most 2,000 characters."""
        button: Block = {
            "type": "button",
            "action_id": self.action_id,
            "text": _plain(self.label),
            "value": value,
            "confirm": self._confirm(),
        }
        return {**button, "style": self.style} if self.style else button

    def _confirm(self) -> Block:
        dialog: Block = {
            "title": _plain(cut(self.title, 70)),
            "text": _plain(cut(self.question, 260)),
            "confirm": _plain(self.label),
            "deny": _plain("Not now"),
        }
        return {**dialog, "style": self.style} if self.style else dialog


APPROVE = Button("approve", "Approve", "Approve this?", "The job goes on at once.", "primary")
DECLINE = Button(
    "decline", "Decline", "Decline this?", "The job stops; it can be retried.", "danger"
)
RETRY = Button("retry", "Retry", "Try again?", "The job goes on where it stopped.", "primary")
EXTEND = Button(
    "extend", "Extend", "Extend it?", "Both sides collect again as long; that is paid twice."
)
ROLL_BACK = Button(
    "roll_back", "Roll back", "Roll back?", "What the job changed is taken back.", "danger"
)


def section(text: str) -> Block:
    """Verbatim: Slack reads our marks and makes no links of its own out of file names."""
    return {"type": "section", "text": _marked(fit(text.split("\n"), SECTION))}


def sections(lines: Iterable[str], most: int = 10) -> list[Block]:
    return [section(page) for page in pages(lines, most=most)]


def context(text: str) -> Block:
    return {"type": "context", "elements": [_marked(fit(text.split("\n"), SECTION))]}


def actions(*buttons: Block) -> Block:
    return {"type": "actions", "elements": list(buttons)}


def message(text: str, blocks: Sequence[Block]) -> Message:
    return Message(fit(text.split("\n"), FALLBACK), tuple(blocks))


def _marked(text: str) -> Block:
    return {"type": "mrkdwn", "text": text or " ", "verbatim": True}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
