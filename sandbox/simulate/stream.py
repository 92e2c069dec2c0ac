"""An application's log on a disk in memory, written by habits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from sandbox.simulate.disk import File, MemoryDisk
    from sandbox.simulate.plan import Habits

FOLDER = "/var/log/app-b"
TEXTS = {
    "plain": "order paid in 12 ms; retrying payment, attempt=2; stock checked; parcel sent. ",
    "words": 'customer renamed to Zoë Ångström; cart emptied ✓; said "naïve"; ',
    "wide": "订单已支付, 正在通知仓库; 库存不足 🚚; ",
}
LONGEST = 60 * 1024  # bytes of one line; an agent finds the next line's start within 128 KiB
POOLS = {name: text * (2 * LONGEST // len(text)) for name, text in TEXTS.items()}
BYTES = {name: len(text.encode()) / len(text) for name, text in TEXTS.items()}  # a character


class Stream:
    """One log and the files it was rotated into; each line holds its number, host and log."""

    def __init__(self, disk: MemoryDisk, host: str, habits: Habits, rng: random.Random) -> None:
        self.habits = habits
        self.path = f"{FOLDER}/{habits.name}.log"
        self.written = 0
        self.written_lately = False  # since somebody set it to this
        self._disk = disk
        self._host = host
        self._rng = rng
        self._file: File | None = None
        self._held = b""
        self._renamed = False
        self._unaware = False
        self._kept = 0  # rotated files

    def pause(self, elapsed: float) -> float:
        """Return the seconds until the next write, `elapsed` seconds after the beginning."""
        wait = self.habits.every * self._rng.uniform(0.5, 1.5)
        quiet = self.habits.quiet
        if quiet and quiet[0] <= elapsed + wait < quiet[1]:
            return quiet[1] - elapsed
        return wait

    def write(self, stamp: str) -> None:
        """Write the next lines; a ragged writer keeps a part back for a moment."""
        count = self._rng.randint(1, 2 * self.habits.lines)
        data = self._held + b"".join(self._line(stamp) for _ in range(count))
        cut = len(data)
        if self.habits.ragged and not self._renamed:  # a line never goes on in another file
            cut -= self._rng.randint(0, min(len(data), 2 * self.habits.width))
        self._held = data[cut:]
        self._disk.write(self._open(), data[:cut])
        self._rotate_if_full()

    @property
    def holds(self) -> bool:
        """Whether a part of what was written is kept back."""
        return bool(self._held)

    def flush(self) -> None:
        """Write what was kept back."""
        if self._held:
            self._disk.write(self._open(), self._held)
            self._held = b""

    def files(self) -> list[File]:
        """Return all files of this log, oldest first."""
        name = self.path.rsplit("/", 1)[1]
        found = [file for at, file in self._disk.files(FOLDER) if at.startswith(name)]
        return sorted(found, key=lambda file: file.inode)

    def _line(self, stamp: str) -> bytes:
        self.written += 1
        self.written_lately = True
        width = int(self.habits.width * self._rng.uniform(0.5, 1.5))
        if self._rng.random() < 0.01:
            width = min(LONGEST, width * 10)
        begin, text = self._rng.randrange(1000), self.habits.text
        said = POOLS[text][begin : begin + int(width / BYTES[text])].strip()
        who = f"seq={self.written:06d},host={self._host},log={self.habits.name}"
        return f"{stamp} {who} {said}\n".encode()

    def _open(self) -> File:
        """Return the file to write to; a slow writer finds out late that it was renamed."""
        if self._file is None or (self._renamed and not self._unaware):
            self._file = self._disk.create(self.path)
            self._renamed = False
        self._unaware = False
        return self._file

    def _rotate_if_full(self) -> None:
        """Rename as logrotate does: `.1` is the newest of the old, each one moves up."""
        full = self.habits.rotate_bytes
        if full is None or self._renamed or self._file is None or len(self._file.data) < full:
            return
        self.flush()
        for number in range(self._kept, 0, -1):
            self._disk.rename(f"{self.path}.{number}", f"{self.path}.{number + 1}")
        self._disk.rename(self.path, f"{self.path}.1")
        self._kept += 1
        self._renamed, self._unaware = True, self.habits.slow
