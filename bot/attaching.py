"""
Bring files below a job's message, each once. How far they came is noted in the job's posts:

* file:<event>            `told`, once all of them are there, or it was told that they are not
* file:<event>:<name>     its id in Slack once its bytes are there, then `told`
* sharing:<event>:<name>  its id while it is being shared; after a crash it may be shared
* tries:<event>:<name>    how often it could not be brought

An event had one file only once, and its notes had no name; they are read as those of this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.slack import Gone, Limited, Shut, SlackTrouble, Unheard
from handlers.attached import File

TOLD = "told"
MOST_TRIES = 4  # the message says all that matters: a file is not worth trying for ever

log = structlog.get_logger()


class Files(Protocol):
    """bot.slack.Chat, as far as files go; each call raises SlackTrouble."""

    def upload(
        self, name: str, content: str | bytes, alt: str, hold: Callable[[], None]
    ) -> str: ...
    def share(self, channel: str, thread: str, file_id: str, title: str) -> None: ...


@dataclass(frozen=True)
class Attaching:
    """The files of one event. `note` remembers for good, `without` tells why there are none.

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
        """Whether they are there, or it was told that they are not."""
        return self.notes.get(f"file:{self.event_id}") == TOLD

    def bring(self, files: Sequence[File]) -> None:
        """One after the other. Raises SlackTrouble where it is worth another visit.

        What keeps one away keeps the next away too, so that is told once.
        """
        why = next((why for file in files if (why := self._brought(file))), "")
        if why:
            self.without(why)
        self.note(**{f"file:{self.event_id}": TOLD})

    def _brought(self, file: File) -> str:
        """Upload, then share; why there will be no such file, "" where it is there."""
        if self._noted(file, "file") == TOLD:
            return ""
        try:
            self._share(file, self._noted(file, "file") or self._upload(file))
        except Limited:
            raise
        except Shut as shut:
            return str(shut)
        except SlackTrouble as trouble:
            if not self._last(file, trouble):
                raise
            return str(trouble)
        self._note(file, file=TOLD)
        return ""

    def _upload(self, file: File) -> str:
        """Nobody sees it before it is shared, so what a crash leaves here is dropped by Slack."""
        file_id = self.files.upload(file.name, file.content, file.alt, self.hold)
        self._note(file, file=file_id)
        return file_id

    def _share(self, file: File, file_id: str) -> None:
        """An upload can be completed once only: one that may have been, before a crash, was."""
        maybe = self._noted(file, "sharing") == file_id
        self.hold()
        self._note(file, sharing=file_id)
        try:
            self.files.share(self.channel, self.thread, file_id, file.title)
        except Unheard:
            raise
        except Gone as gone:
            if not maybe:  # Slack dropped it before: its bytes are brought once more
                self._note(file, file="", sharing="")
                raise
            log.info("a file was shared before", file=file_id, why=str(gone))
        except SlackTrouble:
            self._note(file, sharing="")
            raise

    def _last(self, file: File, trouble: SlackTrouble) -> bool:
        tries = int(self._noted(file, "tries") or 0) + 1
        self._note(file, tries=str(tries))
        log.warning("attaching a file", why=str(trouble), tries=tries)
        return tries >= MOST_TRIES

    def _noted(self, file: File, what: str) -> str:
        nameless = self.notes.get(f"{what}:{self.event_id}", "")
        return self.notes.get(f"{what}:{self.event_id}:{file.name}", nameless)

    def _note(self, file: File, /, **fields: str) -> None:
        place = f"{self.event_id}:{file.name}"
        self.note(**{f"{what}:{place}": value for what, value in fields.items()})
