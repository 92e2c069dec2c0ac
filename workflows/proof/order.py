"""How far either side has come in each file, told by lines that were found on both. Pure; kept as JSON.

Agents send the lines of a file in their order. So where a line of one side has its match, the other
side has come past every line that the first received before it, of the same file. Words that come often do not
tell: one of them may have been taken for another.
"""

from __future__ import annotations

from dataclasses import dataclass, field

WORDS = 4096  # that are remembered as having come lately
MOST = 20_000  # files; of one that is forgotten the next match tells anew

Fronts = dict[str, dict[str, int]]  # receipt of the newest line that was matched, by host and file


@dataclass
class Order:
    """Of each side its own lines that were matched; seconds are those of its own receipts."""

    source: Fronts = field(default_factory=dict)
    target: Fronts = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def is_new(self, host: str, key: str) -> bool:
        """Whether these words have not come lately; from now on they have."""
        place, told = str(int(key, 16) % WORDS), f"{host} {key}"
        before, self.words[place] = self.words.get(place), told
        return before != told

    def met(self, host: str, file: str, source: int, target: int) -> None:
        """A line of a file that is called the same on both sides."""
        for fronts, at in ((self.source, source), (self.target, target)):
            files = fronts.setdefault(host, {})
            files[file] = max(files.get(file, 0), at)
        if sum(map(len, self.source.values())) > MOST:
            self._forget()

    def front(self, side: str, host: str, file: str) -> int:
        """0 where no line of the file has met its match."""
        fronts = self.source if side == "source" else self.target
        return fronts.get(host, {}).get(file, 0)

    def _forget(self) -> None:
        """The older half."""
        for fronts in (self.source, self.target):
            every = sorted(at for files in fronts.values() for at in files.values())
            middle = every[len(every) // 2]
            for host, files in fronts.items():
                fronts[host] = {file: at for file, at in files.items() if at > middle}
