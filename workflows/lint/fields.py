"""The JSON itself: fields of the wrong type, and fields that the documentation does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.collection import facts_of
from workflows.collection.found import Config
from workflows.collection.reach import Json, part
from workflows.lint import Finding, Level
from workflows.lint.silent import listed

_TEXT, _TEXTS, _FLAG, _OBJECT, _LIST = (
    "text",
    "a list of texts",
    "true or false",
    "an object",
    "a list",
)
_TOP = {
    **dict.fromkeys(("configName", "logSample", "inputType", "outputType"), _TEXT),
    **dict.fromkeys(("inputDetail", "outputDetail", "global", "task"), _OBJECT),
    **dict.fromkeys(("inputs", "processors", "aggregators", "flushers"), _LIST),
}
_DETAIL = {
    **dict.fromkeys(("logType", "logPath", "filePattern", "topicFormat", "fileEncoding"), _TEXT),
    **dict.fromkeys(("regex", "logBeginRegex", "timeFormat", "timeKey", "separator"), _TEXT),
    **dict.fromkeys(("quote", "logTimezone", "tag"), _TEXT),
    **dict.fromkeys(("key", "filterKey", "filterRegex", "shardHashKey"), _TEXTS),
    **dict.fromkeys(("discardUnmatch", "discardNonUtf8", "dockerFile", "enableRawLog"), _FLAG),
    **dict.fromkeys(("tailExisted", "adjustTimezone", "autoExtend", "localStorage"), _FLAG),
    **dict.fromkeys(("advanced", "plugin"), _OBJECT),
    "sensitive_keys": _LIST,
}


def fields(config: Config) -> Iterator[Finding]:
    thing = f"config {config.name}"
    yield from _types(thing, "", config.body, _TOP)
    yield from _types(thing, "inputDetail.", part(config.body, "inputDetail"), _DETAIL)
    if unknown := sorted(facts_of.unknown_fields(config.body)):
        alone = len(unknown) == 1
        text = "is not documented" if alone else f"not documented: {listed(unknown)}"
        hint = "Nothing is to be done: what is not known is carried over as it is."
        yield Finding(Level.NOTE, thing, unknown[0] if alone else "", text, hint)


def _types(thing: str, where: str, body: Json, types: Mapping[str, str]) -> Iterator[Finding]:
    for key, kind in types.items():
        if body.get(key) is not None and not _is(body[key], kind):
            text = f"{str(body[key])[:40]!r} is not {kind}"
            hint = "Correct it in the source's config, then Retry."
            yield Finding(Level.ERROR, thing, f"{where}{key}", text, hint)


def _is(value: object, kind: str) -> bool:
    match kind:
        case "text":
            return isinstance(value, str)
        case "true or false":
            return isinstance(value, bool)
        case "an object":
            return isinstance(value, Mapping)
    if not isinstance(value, list):
        return False
    return kind != _TEXTS or all(isinstance(one, str) for one in value)
