"""Where a config has a regex, and which engine of the agent reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from workflows.collection.reach import Json, Plugin, objects, part, plugins, text

MOST, _DEEPEST = 60, 8  # regexes of one config that are looked at, and how deep they may lie
_TOPICS = ("none", "default", "group_topic", "global_topic", "customized")
_PARSERS = {"processor_parse_regex_native": "Regex", "processor_regex": "Regex"}
_HIDDEN = ("ContentPatternBeforeReplacedString", "ReplacedContentPattern")


class Engine(Enum):
    """Boost goes back and tries again; RE2, Go's too, does not, and knows no such constructs."""

    BOOST = "boost"
    RE2 = "re2"


@dataclass(frozen=True)
class Regex:
    """`spare`: a config whose regex is broken there collects all the same, without it.

    Source: GlobalConfig.cpp, MultilineOptions.cpp of LoongCollector.
    """

    path: str
    text: str
    engine: Engine = Engine.BOOST
    spare: bool = False


def regexes(body: Json) -> tuple[Regex, ...]:
    """All of them that are not empty, in the config's order."""
    found = [*_classic(part(body, "inputDetail")), *_topic(body)]
    for one in plugins(body, "inputs"):
        found += _input(one)
    for one in plugins(body, "processors"):
        found += _processor(one)
    return tuple(one for one in found if one.text)[:MOST]


def _classic(detail: Json) -> Iterator[Regex]:
    yield Regex("inputDetail.regex", text(detail, "regex"))
    yield Regex("inputDetail.logBeginRegex", text(detail, "logBeginRegex"), spare=True)
    yield from _listed(detail, "filterRegex", "inputDetail")
    where = "inputDetail.advanced.filter_expression"
    yield from _conditions(part(detail, "advanced", "filter_expression"), where, _DEEPEST)
    for at, one in objects(detail, "sensitive_keys"):
        for key in ("regex_begin", "regex_content"):
            yield Regex(f"inputDetail.sensitive_keys[{at}].{key}", text(one, key), Engine.RE2)
    form = text(detail, "topicFormat")
    if form.lower() not in _TOPICS and not form.startswith("customized://"):
        yield Regex("inputDetail.topicFormat", form, spare=True)


def _listed(options: Json, key: str, where: str, engine: Engine = Engine.BOOST) -> Iterator[Regex]:
    """Texts of a list, or those of an object by their names."""
    value = options.get(key)
    if isinstance(value, list):
        pairs = [(f"{where}.{key}[{at}]", one) for at, one in enumerate(value)]
    else:
        pairs = [(f"{where}.{key}.{name}", one) for name, one in part(options, key).items()]
    yield from (Regex(path, one, engine) for path, one in pairs if isinstance(one, str))


def _conditions(expression: Json, where: str, depth: int) -> Iterator[Regex]:
    """A condition has a regex in `exp`; others join conditions in `operands`."""
    yield Regex(f"{where}.exp", text(expression, "exp"))
    for at, one in objects(expression, "operands") if depth else ():
        yield from _conditions(one, f"{where}.operands[{at}]", depth - 1)


def _topic(body: Json) -> Iterator[Regex]:
    about = part(body, "global")
    if text(about, "TopicType") == "filepath":
        yield Regex("global.TopicFormat", text(about, "TopicFormat"), spare=True)


def _input(plugin: Plugin) -> Iterator[Regex]:
    lines = part(plugin.options, "Multiline")
    for key in ("StartPattern", "ContinuePattern", "EndPattern"):
        yield Regex(f"{plugin.at}.Multiline.{key}", text(lines, key), spare=True)
    yield Regex(f"{plugin.at}.BeginLineRegex", text(plugin.options, "BeginLineRegex"), Engine.RE2)


def _processor(plugin: Plugin) -> Iterator[Regex]:
    engine = Engine.BOOST if plugin.kind.endswith("_native") else Engine.RE2
    if key := _PARSERS.get(plugin.kind):
        yield Regex(f"{plugin.at}.{key}", text(plugin.options, key), engine)
    elif plugin.kind in ("processor_filter_regex_native", "processor_filter_regex"):
        for key in ("Include", "Exclude", "FilterRegex"):
            yield from _listed(plugin.options, key, plugin.at, engine)
        where = f"{plugin.at}.ConditionExp"
        yield from _conditions(part(plugin.options, "ConditionExp"), where, _DEEPEST)
    elif plugin.kind == "processor_desensitize_native":
        for key in _HIDDEN:
            yield Regex(f"{plugin.at}.{key}", text(plugin.options, key), Engine.RE2)
