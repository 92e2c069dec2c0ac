"""The JSON itself: fields of the wrong type, and fields that the documentation does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.collection import facts_of
from workflows.collection.found import Config, Found, Wanted
from workflows.collection.reach import Json, part, plugins, text
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


def fields(config: Config, project: str) -> Iterator[Finding]:
    """`project` is the source's, "" where it is not known."""
    thing = f"config {config.name}"
    yield from _types(thing, "", config.body, _TOP)
    yield from _types(thing, "inputDetail.", part(config.body, "inputDetail"), _DETAIL)
    for path, other in facts_of.projects(config.body):
        if project and other != project:
            said = f"it names project {other}, and lies in {project}; in the target it names none"
            hint = f"Nothing is to be done if its lines come into {project}."
            yield Finding(Level.WARNING, thing, path, said, hint)
    if unknown := sorted(facts_of.unknown_fields(config.body)):
        alone = len(unknown) == 1
        said = "is not documented" if alone else f"not documented: {listed(unknown)}"
        hint = "Nothing is to be done: what is not known is carried over as it is."
        yield Finding(Level.NOTE, thing, unknown[0] if alone else "", said, hint)


def endpoints(found: Found, wanted: Wanted) -> Iterator[Finding]:
    """One that is not of the source's region, such as a proxy's, leads to the source's project."""
    for config in found.configs:
        made = plugins(wanted.configs.get(config.name, {}), "flushers")
        for was, now in zip(plugins(config.body, "flushers"), made, strict=False):
            endpoint = text(was.options, "Endpoint")
            if endpoint and not text(now.options, "Endpoint"):
                said = f"{endpoint} is not carried over: the target's has the service's own"
                hint = "See that the hosts reach it: proof and cut-over wait until lines come."
                path = f"{was.at}.Endpoint"
                yield Finding(Level.WARNING, f"config {config.name}", path, said, hint)


def _types(thing: str, where: str, body: Json, types: Mapping[str, str]) -> Iterator[Finding]:
    for key, kind in types.items():
        if body.get(key) is not None and not _is(body[key], kind):
            said = f"it is not {kind}; it is carried over as it is"
            hint = "See that the source's lines look right: the agent may read it as not there."
            yield Finding(Level.WARNING, thing, f"{where}{key}", said, hint)


def _is(value: object, kind: str) -> bool:
    match kind:
        case "text":
            return isinstance(value, str)
        case "true or false":
            return isinstance(value, bool)
        case "an object":
            return isinstance(value, Mapping) or value == ""  # which says nothing
    if not isinstance(value, list):
        return False
    return kind != _TEXTS or all(isinstance(one, str) for one in value)
