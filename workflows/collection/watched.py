"""Which files of a host the paths of a config mean, and which of them it leaves out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from workflows.collection import facts_of
from workflows.collection.forms import Form, form_of
from workflows.collection.reach import Json, part, plugins, texts

TAIL = 1024 * 1024  # bytes; on Linux, LogFileReader.cpp
WILD = "*?"  # FileDiscoveryOptions.cpp ParseWildcardPath looks for these two only
DEEPEST = 1000  # folders; the service's own default


@dataclass(frozen=True)
class LeftOut:
    """Folders and files that a config leaves out by their paths, and files by their names."""

    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """The agent does not go below a folder that is left out."""
        folder, _, name = path.rpartition("/")
        if any(fnmatchcase(name, pattern) for pattern in self.names):
            return True
        above = folder.split("/")
        folders = ["/".join(above[: count + 1]) for count in range(1, len(above))]
        shut = any(_fits(pattern, one) for pattern in self.folders for one in folders)
        return shut or any(_fits(pattern, path) for pattern in self.files)


@dataclass(frozen=True)
class Watched:
    """Files called like `pattern` in a folder or `depth` below it, without those left out."""

    folder: str  # absolute; its parts may have wildcards
    pattern: str
    depth: int
    left_out: LeftOut = LeftOut()

    @property
    def root(self) -> str:
        """The deepest folder above the first wildcard."""
        parts = self.folder.split("/")
        wild = [at for at, one in enumerate(parts) if _is_wild(one)]
        return ("/".join(parts[: wild[0]]) or "/") if wild else self.folder

    @property
    def below(self) -> int:
        """How many folders below the root its files can lie."""
        between = len(_parts(self.folder)) - len(_parts(self.root))
        return between + (min(self.depth, DEEPEST) if self.depth >= 0 else DEEPEST)

    def matches(self, path: str) -> bool:
        """Source: FileDiscoveryOptions.cpp IsMatch, _IsPathMatched, IsWildcardPathMatch."""
        folder, _, name = path.rpartition("/")
        base, parts = _parts(self.folder), _parts(folder)
        below = len(parts) - len(base)
        if below < 0 or (below > self.depth >= 0) or not fnmatchcase(name, self.pattern):
            return False
        same = all(map(_same, base, parts))
        return same and not self.left_out.holds(path)


def watched(body: Json) -> tuple[Watched, ...]:
    """() for a config that reads no files, or those inside of containers."""
    if facts_of.in_container(body):
        return ()
    out = _left_out(body)
    named = facts_of.paths(body)
    return tuple(Watched(f"/{'/'.join(_parts(f))}", p, d, out) for f, p, d in named if f[0] == "/")


def tail_size(body: Json) -> int:
    """How many bytes before a file's end it begins with one that is new to it."""
    option = part(body, "inputDetail", "advanced").get("tail_size_kb")
    if form_of(body) is Form.PIPELINE:
        option = next((one.options.get("TailSizeKB") for one in plugins(body, "inputs")), None)
    return option * 1024 if type(option) is int and option >= 0 else TAIL


def _left_out(body: Json) -> LeftOut:
    if form_of(body) is Form.CLASSIC:
        listed = part(body, "inputDetail", "advanced", "blacklist")
        names = ("dir_blacklist", "filepath_blacklist", "filename_blacklist")
    else:
        listed = next((one.options for one in plugins(body, "inputs")), {})
        names = ("ExcludeDirs", "ExcludeFilePaths", "ExcludeFiles")
    return LeftOut(*(texts(listed, name) for name in names))


def _parts(path: str) -> list[str]:
    return [one for one in path.split("/") if one]


def _is_wild(text: str) -> bool:
    return any(sign in text for sign in WILD)


def _same(pattern: str, name: str) -> bool:
    return fnmatchcase(name, pattern) if _is_wild(pattern) else name == pattern


def _fits(pattern: str, path: str) -> bool:
    """`**` reaches over slashes, `*` does not."""
    if "**" in pattern:
        return fnmatchcase(path, pattern)
    wanted, parts = _parts(pattern), _parts(path)
    return len(wanted) == len(parts) and all(map(_same, wanted, parts))
