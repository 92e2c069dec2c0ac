"""Which files a config means: paths with wildcards, depth, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

WILD = "*?"  # ParseWildcardPath looks for these two only: `[` alone makes no wildcard path


@dataclass(frozen=True)
class FilePath:
    """Files called like `name` in folder `base` (`*` and `?` allowed) or `max_depth` below it."""

    base: str
    name: str
    max_depth: int

    @cached_property
    def root(self) -> str:
        """Return the deepest folder above the first wildcard. Source: ParseWildcardPath."""
        parts = self.base.split("/")
        wild = [at for at, part in enumerate(parts) if is_wild(part)]
        return "/".join(parts[: wild[0]]) or "/" if wild else self.base

    @cached_property
    def reach(self) -> int:
        """Return how many levels below `root` its files can lie."""
        if self.max_depth < 0:
            return 1 << 30
        return len(parts_of(self.base)) - len(parts_of(self.root)) + self.max_depth

    @property
    def depth(self) -> int:
        """Return the number of the base path's components."""
        return len(parts_of(self.base))

    def matches(self, folder: str, name: str) -> bool:
        """Say whether it means that file. Source: FileDiscoveryOptions.cpp IsMatch."""
        return fnmatchcase(name, self.name) and self.covers(folder)

    def covers(self, folder: str) -> bool:
        """Say whether a folder is the base or near enough below: components match one by one.

        Source: FileDiscoveryOptions.cpp _IsPathMatched and IsWildcardPathMatch (FNM_PATHNAME).
        """
        base, parts = parts_of(self.base), parts_of(folder)
        below = len(parts) - len(base)
        if below < 0 or (self.max_depth >= 0 and below > self.max_depth):
            return False
        return all(_same(pattern, part) for pattern, part in zip(base, parts, strict=False))


@dataclass(frozen=True)
class Blacklist:
    """Absolute folders and files, and bare file names, that a config leaves out."""

    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def holds(self, folder: str, name: str) -> bool:
        """Say whether a file is left out. Source: IsFilenameInBlacklist, IsObjectInBlacklist."""
        if any(fnmatchcase(name, pattern) for pattern in self.names):
            return True
        path = f"{folder.rstrip('/')}/{name}"
        return any(_fits(pattern, path) for pattern in self.files) or self._shuts(folder)

    def _shuts(self, folder: str) -> bool:
        """Say whether the folder or one above is left out: the agent does not go below it.

        Source: IsDirectoryInBlacklist; EventDispatcher.cpp, RegisterHandlersRecursively.
        """
        parts = folder.split("/")
        above = ["/".join(parts[: count + 1]) for count in range(1, len(parts))]
        return any(_fits(pattern, one) for pattern in self.folders for one in above)


def parts_of(path: str) -> list[str]:
    """Return a path's components."""
    return [part for part in path.split("/") if part]


def is_wild(text: str) -> bool:
    """Say whether a path is a pattern."""
    return any(mark in text for mark in WILD)


def _same(pattern: str, part: str) -> bool:
    return fnmatchcase(part, pattern) if is_wild(pattern) else part == pattern


def _fits(pattern: str, path: str) -> bool:
    """Match a blacklist entry: `**` reaches over slashes, `*` and `?` do not.

    Source: FileDiscoveryOptions.cpp, mMLFilePathBlacklist beside mFilePathBlacklist.
    """
    if "**" in pattern:
        return fnmatchcase(path, pattern)
    wanted, parts = parts_of(pattern), parts_of(path)
    return len(wanted) == len(parts) and all(map(_same, wanted, parts))
