"""Native processors of a pipeline, each from its options to a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.hosts.apsara import Apsara
from sandbox.hosts.delimiter import Overflow, delimited
from sandbox.hosts.logtime import TimeRule, checked, time_zone
from sandbox.hosts.options import Options
from sandbox.hosts.parse import filters
from sandbox.hosts.parsing import UNMATCHED, Parse, compiled, json_fields, regex_fields
from sandbox.hosts.refusal import NotCollectable
from sandbox.hosts.steps import Mask, Time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timezone

    from sandbox.hosts.line import Step


def processor(plugin: dict[str, Any]) -> list[Step]:
    """Return the steps of one processor; NotCollectable names a type that is not modelled."""
    kind = plugin.get("Type", "")
    if kind not in NATIVE:
        raise NotCollectable(f"processor {kind!r} is not modelled; use one of {[*NATIVE]}")
    options = Options(plugin, "processor")
    steps = NATIVE[kind](options)
    options.end()
    return steps


def _regex(options: Options) -> list[Step]:
    """Source: ProcessorParseRegexNative.cpp Init."""
    find = regex_fields(options.need("Regex", str), options.need("Keys", list))
    return [Parse(find, "REGEX_MATCH_ALARM", **_common(options))]


def _json(options: Options) -> list[Step]:
    """Source: ProcessorParseJsonNative.cpp Init."""
    return [Parse(json_fields, "PARSE_LOG_FAIL_ALARM", **_common(options))]


def _delimiter(options: Options) -> list[Step]:
    """Source: ProcessorParseDelimiterNative.cpp Init."""
    overflow = options.take("OverflowedFieldsTreatment", str, Overflow.EXTEND.value)
    find = delimited(
        options.need("Separator", str),
        options.take("Quote", str, ""),
        options.need("Keys", list),
        accepts_fewer=options.take("AllowingShortenedFields", bool, default=True),
        overflow=Overflow(overflow) if overflow in {*Overflow} else Overflow.EXTEND,
    )
    return [Parse(find, "PARSE_LOG_FAIL_ALARM", **_common(options))]


def _apsara(options: Options) -> list[Step]:
    """Source: ProcessorParseApsaraNative.cpp Init."""
    rule = TimeRule("time", "%Y-%m-%d %H:%M:%S", _zone(options, "Timezone"))
    return [Apsara(rule, **_common(options))]


def _timestamp(options: Options) -> list[Step]:
    """Source: ProcessorParseTimestampNative.cpp Init."""
    key, form = options.need("SourceKey", str), options.need("SourceFormat", str)
    zone, year = _zone(options, "SourceTimezone"), options.take("SourceYear", int)
    return [Time(checked(TimeRule(key, form, zone, year)))]


def _filter(options: Options) -> list[Step]:
    """Source: ProcessorFilterNative.cpp Init; ConditionExp is not modelled."""
    include: dict[str, str] = options.take("Include", dict, {})
    keys, regexes = options.take("FilterKey", list, []), options.take("FilterRegex", list, [])
    options.ignore("DiscardingNonUTF8")  # a byte that is no UTF-8 becomes a blank either way
    return filters(keys or [*include], regexes or [*include.values()])


def _desensitize(options: Options) -> list[Step]:
    """Source: ProcessorDesensitizeNative.cpp Init."""
    key, method = options.need("SourceKey", str), options.need("Method", str)
    if method not in ("const", "md5"):
        raise NotCollectable(f"processor_desensitize_native: Method {method!r}: const or md5")
    text = options.need("ReplacingString", str) if method == "const" else None
    options.ignore("ReplacingString")
    begin = options.need("ContentPatternBeforeReplacedString", str)
    hidden = options.need("ReplacedContentPattern", str)
    compiled(f"({begin}){hidden}")
    return [Mask(key, begin, hidden, text, options.take("ReplacingAll", bool, default=True))]


def _common(options: Options) -> dict[str, Any]:
    """Return the source field and what is kept of it. Source: CommonParserOptions.cpp."""
    source = options.need("SourceKey", str)
    renamed = options.take("RenamedSourceKey", str, "") or source
    found = options.take("KeepingSourceWhenParseSucceed", bool, default=False)
    failed = options.take("KeepingSourceWhenParseFail", bool, default=False)
    copied = (UNMATCHED,) if options.take("CopingRawLog", bool, default=False) else ()
    return {
        "source": source,
        "kept_found": (renamed,) if found else (),
        "kept_unmatched": (renamed, *copied) if failed else (),
    }


def _zone(options: Options, name: str) -> timezone | None:
    wanted = options.take(name, str, "")
    return time_zone(wanted) if wanted else None


NATIVE: dict[str, Callable[[Options], list[Step]]] = {
    "processor_parse_regex_native": _regex,
    "processor_parse_json_native": _json,
    "processor_parse_delimiter_native": _delimiter,
    "processor_parse_apsara_native": _apsara,
    "processor_parse_timestamp_native": _timestamp,
    "processor_filter_regex_native": _filter,
    "processor_desensitize_native": _desensitize,
}
