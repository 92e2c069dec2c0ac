"""Files that more than one config means: forced, each of them collects the same lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations

from workflows.collection import facts_of
from workflows.collection.found import Config, Found, There, Wanted
from workflows.collection.reach import Json, part, plugins, texts
from workflows.lint import Finding, Level
from workflows.lint.meeting import Place, meet

MOST, LONGEST = 10, 300  # paths of one config, and characters to compare
_PART = "Part their paths, or exclude the common files in one of them in the source, then Retry."


@dataclass(frozen=True)
class _Excluded:
    folders: tuple[str, ...]
    names: tuple[str, ...]
    files: tuple[str, ...]


def doubled_in_app(found: Found) -> Iterator[Finding]:
    """In the source the agent gives a file to one config, unless they are forced."""
    for one, other in combinations(found.configs, 2):
        if common := _common(one.body, other.body):
            yield _doubled(one, other, common)


def _doubled(one: Config, other: Config, common: str) -> Finding:
    thing, path = f"config {one.name}", _path(one.body)
    said = f"config {other.name} means the same files ({common})"
    if facts_of.in_container(one.body) or facts_of.in_container(other.body):
        text = f"{said}, unless their containers differ: then each line would come twice"
        return Finding(Level.WARNING, thing, path, text, _PART)
    if facts_of.forced(one.body) and facts_of.forced(other.body):
        text = f"{said} and both are forced: each line comes twice, as it does in the source"
        return Finding(Level.WARNING, thing, path, text, "Nothing is to be done if that is meant.")
    text = (
        f"{said}: in the source one of them gets a line, in the target each line would come twice"
    )
    return Finding(Level.ERROR, thing, path, text, _PART)


def doubled_beside(found: Found, there: There, wanted: Wanted) -> Iterator[Finding]:
    """Configs of others, of either account, on the same hosts."""
    for one in found.configs:
        for other in found.beside:
            if common := _common(one.body, other.body):
                yield _beside_source(one, other, common)
        for other in there.beside:
            if common := _common(one.body, other.body):
                yield _beside_target(one, other, common, wanted)


def _beside_source(one: Config, other: Config, common: str) -> Finding:
    text = (
        f"config {other.name} of the source means the same files ({common}) for logstore "
        f"{facts_of.logstore(other.body)}: unforced, only one of the two gets a line there, while "
        "the target's gets them all"
    )
    hint = "Compare the counts with care: the target may rightly hold more."
    return Finding(Level.WARNING, f"config {one.name}", _path(one.body), text, hint)


def _beside_target(one: Config, other: Config, common: str, wanted: Wanted) -> Finding:
    logstore = facts_of.logstore(other.body)
    said = f"config {other.name} of the target means the same files ({common})"
    thing, path = f"config {one.name}", _path(one.body)
    if logstore == wanted.logstore.get("logstoreName") and facts_of.forced(other.body):
        text = f"{said} for the same logstore {logstore}, forced: each line would come twice"
        hint = (
            f"Take config {other.name} from those hosts, then Retry; or Roll back, give the app "
            "another target.logstore, and start again."
        )
        return Finding(Level.ERROR, thing, path, text, hint)
    text = f"{said} for logstore {logstore}; both will collect them"
    return Finding(Level.WARNING, thing, path, text, "Nothing is to be done if that is meant.")


def _common(one: Json, other: Json) -> str:
    """Where a file may lie that both mean, "" if nowhere."""
    pairs = ((a, b) for a in _places(one) for b in _places(other))
    found = (
        f"{a} and {b}" if a != b else str(a)
        for a, b in pairs
        if meet(a, b) and not _left_out(b, _excluded(one)) and not _left_out(a, _excluded(other))
    )
    return next(found, "")


def _places(body: Json) -> tuple[Place, ...]:
    return tuple(Place(*path) for path in facts_of.paths(body)[:MOST])


def _path(body: Json) -> str:
    inputs = plugins(body, "inputs")
    return f"{inputs[0].at}.FilePaths" if inputs else "inputDetail.logPath"


def _excluded(body: Json) -> _Excluded:
    if inputs := plugins(body, "inputs"):
        options = inputs[0].options
        keys = ("ExcludeDirs", "ExcludeFiles", "ExcludeFilePaths")
    else:
        options = part(body, "inputDetail", "advanced", "blacklist")
        keys = ("dir_blacklist", "filename_blacklist", "filepath_blacklist")
    return _Excluded(*(texts(options, key)[:MOST] for key in keys))


def _left_out(place: Place, excluded: _Excluded) -> bool:
    """Whether none of the place's files is collected by the config that excludes."""
    return (
        _any(place.pattern, excluded.names)
        or _any(str(place), excluded.files)
        or any(_below(place.folder, folder) for folder in excluded.folders)
    )


def _any(name: str, patterns: Sequence[str]) -> bool:
    return any(_within(name, one) for one in patterns)


def _within(name: str, pattern: str) -> bool:
    """Whether all that `name` means, as a pattern, is of `pattern`; in doubt not."""
    if len(name) + len(pattern) > LONGEST or ("*" in name and "?" in pattern):
        return False
    return fnmatchcase(name, pattern)


def _below(folder: str, above: str) -> bool:
    above = above.rstrip("/")
    return _within(folder, above) or _within(folder, f"{above}/*")
