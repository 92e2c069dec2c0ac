"""Files on their way into the workspace: an address is given out, bytes come, the file is shared."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Any

from sandbox.slack.errors import SlackError


@dataclass(frozen=True)
class File:
    """A file of the bot's; `content` is None until its bytes have come."""

    id: str
    name: str
    length: int
    title: str = ""
    alt: str = ""
    content: bytes | None = None
    completed: bool = False

    def as_slack(self) -> dict[str, Any]:
        """Return the file as it shows in a message."""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "size": self.length,
            "mode": "hosted",
            **({"alt_txt": self.alt} if self.alt else {}),
        }


class Uploads:
    """All files, and the addresses at which bytes are still expected."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}
        self._expected: dict[str, str] = {}

    def clear(self) -> None:
        """Forget every file and every address."""
        self._files.clear()
        self._expected.clear()

    def expect(self, name: str, length: int, alt: str = "") -> tuple[str, File]:
        """Return a new address' key and the file that will be there."""
        file_id = f"F{secrets.token_hex(5).upper()}"
        key, file = secrets.token_hex(16), File(file_id, name, length, alt=alt)
        self._expected[key], self._files[file.id] = file.id, file
        return key, file

    def take(self, key: str, content: bytes) -> File:
        """Keep the bytes that came at an address; each takes them once, and as many as announced."""
        file = self._files.get(self._expected.get(key, ""))
        if file is None:
            raise SlackError("upload_not_found")
        if len(content) != file.length:
            raise SlackError("upload_length_mismatch", expected=file.length, came=len(content))
        del self._expected[key]
        self._files[file.id] = replace(file, content=content)
        return self._files[file.id]

    def open(self, file_id: str) -> File:
        """Return a file whose bytes have come and that is not completed; else file_not_found."""
        file = self._files.get(file_id)
        if file is None or file.content is None or file.completed:
            raise SlackError("file_not_found")
        return file

    def complete(self, file: File, title: str) -> File:
        """End the upload for good: the same file cannot be completed again."""
        self._files[file.id] = replace(file, title=title, completed=True)
        return self._files[file.id]

    def content(self, file_id: str) -> bytes:
        """Return what is in a completed file; raises file_not_found."""
        file = self._files.get(file_id)
        if file is None or file.content is None or not file.completed:
            raise SlackError("file_not_found")
        return file.content
