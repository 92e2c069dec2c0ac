"""What plugins say, in a pipeline as in `inputDetail.plugin`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from workflows.collection.reach import Json, Plugin, text, texts

_ANY_DEPTH = "/**"
_KEYS = {
    "processor_parse_regex_native": "Keys",
    "processor_regex": "Keys",
    "processor_parse_delimiter_native": "Keys",
    "processor_split_string": "SplitKeys",
    "processor_split_char": "SplitKeys",
}


def split(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Of a regex in which old consoles wrote all fields as one text with commas.

    Source: ProcessorParseRegexNative.cpp.
    """
    return tuple(keys[0].split(",")) if len(keys) == 1 and "," in keys[0] else keys


@dataclass(frozen=True)
class Parser:
    """Makes fields `keys` out of the field `source`; by `regex`, unless that is "".

    `at` is the path of the object in the config that says so.
    """

    at: str
    regex: str
    keys: tuple[str, ...]
    source: str


def parser(plugin: Plugin) -> Parser | None:
    if plugin.kind not in _KEYS:
        return None
    options = plugin.options
    source, keys = text(options, "SourceKey") or "content", texts(options, _KEYS[plugin.kind])
    keys = split(keys) if plugin.kind == "processor_parse_regex_native" else keys
    return Parser(plugin.at, text(options, "Regex"), keys, source)


def makes_time(plugin: Plugin, makers: Collection[str]) -> bool:
    """Whether a processor sets the time of a line, as far as it says so itself."""
    if plugin.kind == "processor_spl":
        return "__time__" in text(plugin.options, "Script")
    return plugin.kind in makers and plugin.options.get("SetTime") is not False


def paths(options: Json) -> tuple[tuple[str, str, int], ...]:
    """A depth counts only where the folder ends in `/**`."""
    depth = options.get("MaxDirSearchDepth")
    return tuple(
        _path(path, depth if isinstance(depth, int) else 0) for path in texts(options, "FilePaths")
    )


def _path(path: str, depth: int) -> tuple[str, str, int]:
    folder, _, pattern = path.replace("\\", "/").rpartition("/")
    if folder.endswith(_ANY_DEPTH):
        return folder.removesuffix(_ANY_DEPTH) or "/", pattern, depth
    return folder or "/", pattern, 0
