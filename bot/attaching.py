"""
Bring a file below a job's message, once. How far it came is noted in the job's posts:

* file:<event>     its id in Slack once its bytes are there, then `told`
* sharing:<event>  its id while it is being shared; still there after a crash, so it may be shared
* tries:<event>    how often it could not be brought
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.slack import Gone, Limited, Shut, SlackTrouble, Unheard
from handlers.attached import File

TOLD = "told"
MOST_TRIES = 4  # the plan says all that matters: a file is not worth trying for ever

log = structlog.get_logger()


class Files(Protocol):
    """bot.slack.Chat, as far as files go; each call raises SlackTrouble."""

    def upload(self, name: str, text: str, hold: Callable[[], None]) -> str: ...
    def share(self, channel: str, thread: str, file_id: str, title: str) -> None: ...


@dataclass(frozen=True)
class Attaching:
    """The file of one event. `note` remembers for good, `without` tells why there is none.

    `hold` proves that we are the job's only sender, or raises: each call may take long.
    """

    files: Files
    channel: str
    thread: str
    event_id: str
    hold: Callable[[], None]
    notes: Mapping[str, str]
    note: Callable[..., None]
    without: Callable[[str], None]

    @property
    def settled(self) -> bool:
        """Whether it is there, or was told that it is not."""
        return self._noted("file") == TOLD

    def bring(self, file: File) -> None:
        """Upload, then share. Raises SlackTrouble where it is worth another visit."""
        try:
            self._share(file, self._noted("file") or self._upload(file))
        except Limited:
            raise
        except Shut as shut:
            self.without(str(shut))
        except SlackTrouble as trouble:
            if not self._last(trouble):
                raise
            self.without(str(trouble))
        self._note(file=TOLD)

    def _upload(self, file: File) -> str:
        """Nobody sees it before it is shared, so what a crash leaves here is dropped by Slack."""
        file_id = self.files.upload(file.name, file.text, self.hold)
        self._note(file=file_id)
        return file_id

    def _share(self, file: File, file_id: str) -> None:
        """An upload can be completed once only: one that may have been, before a crash, was."""
        maybe = self._noted("sharing") == file_id
        self.hold()
        self._note(sharing=file_id)
        try:
            self.files.share(self.channel, self.thread, file_id, file.title)
        except Unheard:
            raise
        except Gone as gone:
            if not maybe:  # Slack dropped it before: its bytes are brought once more
                self._note(file="", sharing="")
                raise
            log.info("a file was shared before", file=file_id, why=str(gone))
        except SlackTrouble:
            self._note(sharing="")
            raise

    def _last(self, trouble: SlackTrouble) -> bool:
        tries = int(self._noted("tries") or 0) + 1
        self._note(tries=str(tries))
        log.warning("attaching a file", why=str(trouble), tries=tries)
        return tries >= MOST_TRIES

    def _noted(self, what: str) -> str:
        return self.notes.get(f"{what}:{self.event_id}", "")

    def _note(self, **fields: str) -> None:
        self.note(**{f"{what}:{self.event_id}": value for what, value in fields.items()})
