"""Paths of file inputs: absolute, with wildcards where the agent takes them, of a sane depth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflows.collection import facts_of
from workflows.collection.forms import Form, form_of
from workflows.collection.found import Config
from workflows.collection.reach import Json, part, plugins, text, texts
from workflows.lint import Finding, Level

DEEPEST = 1000
MOST_PATHS = 10  # FileDiscoveryOptions.cpp, max_file_paths_per_input_config
_VARIABLE = "${"  # an agent that is told to puts an environment variable in its place
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]")
_CORRECT = "Correct the path in the source's config, then Retry."
_LEAVE_OUT = "Only hosts with Linux are moved: leave this config out by naming the others."


def checked_paths(config: Config) -> Iterator[Finding]:
    if not facts_of.input_is_file(config.body):
        return
    thing = f"config {config.name}"
    if form_of(config.body) is Form.CLASSIC:
        yield from _classic(thing, part(config.body, "inputDetail"))
    else:
        one = plugins(config.body, "inputs")[0]
        yield from _pipeline(thing, one.at, one.options)


def _classic(thing: str, detail: Json) -> Iterator[Finding]:
    where, folder = "inputDetail.logPath", text(detail, "logPath")
    yield from _absolute(thing, where, folder)
    if "**" in folder:
        said = f"`**` in {folder} is `*` to the agent; how deep it looks is said by maxDepth"
        yield Finding(Level.WARNING, thing, where, said, _CORRECT)
    yield from _odd(thing, where, folder)
    pattern = text(detail, "filePattern")
    if not pattern or "/" in pattern:
        said = f"{pattern!r} is no pattern of a file's name"
        yield Finding(Level.ERROR, thing, "inputDetail.filePattern", said, _CORRECT)
    yield from _deep(thing, "inputDetail.maxDepth", detail.get("maxDepth"))


def _pipeline(thing: str, at: str, options: Json) -> Iterator[Finding]:
    paths = texts(options, "FilePaths")
    if not 1 <= len(paths) <= MOST_PATHS:
        said = f"{len(paths)} paths; an input takes 1 to {MOST_PATHS}"
        yield Finding(Level.ERROR, thing, f"{at}.FilePaths", said, _CORRECT)
    for number, path in enumerate(paths[:MOST_PATHS]):
        yield from _file_path(thing, f"{at}.FilePaths[{number}]", path)
    yield from _deep(thing, f"{at}.MaxDirSearchDepth", options.get("MaxDirSearchDepth"))


def _file_path(thing: str, where: str, path: str) -> Iterator[Finding]:
    yield from _absolute(thing, where, path)
    folder, _, pattern = path.rpartition("/")
    if not pattern:
        said = f"{path} names no file after its last folder"
        yield Finding(Level.ERROR, thing, where, said, _CORRECT)
    if "**" in f"{folder.removesuffix('/**')}/{pattern}":
        said = f"`**` in {path} is `*` to the agent, but as the last folder"
        yield Finding(Level.WARNING, thing, where, said, _CORRECT)
    yield from _odd(thing, where, folder)


def _absolute(thing: str, where: str, path: str) -> Iterator[Finding]:
    if _WINDOWS.match(path):
        yield Finding(Level.ERROR, thing, where, f"{path} is a path of Windows", _LEAVE_OUT)
    elif path.startswith(_VARIABLE):
        said = f"where {path} lies is known to each host's agent alone"
        hint = "See that no other config means the same files."
        yield Finding(Level.WARNING, thing, where, said, hint)
    elif not path.startswith("/"):
        yield Finding(Level.ERROR, thing, where, f"{path!r} does not begin with /", _CORRECT)


def _odd(thing: str, where: str, folder: str) -> Iterator[Finding]:
    """Only `*` and `?` make a folder's pattern. Source: ParseWildcardPath."""
    if re.search(r"[\[\]{}]", folder):
        said = f"brackets in {folder} are characters of a folder's name to the agent"
        yield Finding(Level.WARNING, thing, where, said, "Nothing is to be done if they are.")
    if ".." in folder.split("/"):
        said = f"{folder} has .. in it, which other configs' paths do not compare with"
        yield Finding(Level.WARNING, thing, where, said, _CORRECT)


def _deep(thing: str, where: str, depth: object) -> Iterator[Finding]:
    if depth is None:
        return
    if not isinstance(depth, int) or isinstance(depth, bool) or not 0 <= depth <= DEEPEST:
        said = f"{depth!r} is not from 0 to {DEEPEST}: how deep the agent looks is not known here"
        hint = "See that the source's lines come from all folders that are meant."
        yield Finding(Level.WARNING, thing, where, said, hint)
