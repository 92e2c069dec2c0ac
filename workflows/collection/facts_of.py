"""What a config body of either form says about itself. Never raises, whatever the JSON is."""

from __future__ import annotations

from enum import StrEnum

from workflows.collection import of_classic, of_pipeline
from workflows.collection.forms import Form, form_of
from workflows.collection.reach import Json, part, plugins, text
from workflows.collection.schema.bodies import unknown_in

FORCE = "AllowingIncludedByMultiConfigs"
FORCEABLE = ("input_file", "input_container_stdio")
_STDOUT = ("service_docker_stdout", "input_docker_stdout", "input_container_stdio")
_TIME_MAKERS = {
    "processor_parse_apsara_native",
    "processor_parse_timestamp_native",
    "processor_gotime",
    "processor_strptime",
}


class Kind(StrEnum):
    """How people call a config; a pipeline is told further by its `input_type`."""

    FULL_REGEX = "full regex"
    SIMPLE = "simple"
    JSON = "json"
    DELIMITER = "delimiter"
    APSARA = "apsara"
    PLUGIN = "plugin"
    SYSLOG = "syslog"
    CONTAINER_STDOUT = "container stdout"
    PIPELINE = "pipeline"
    UNKNOWN = "unknown"


def kind(body: Json) -> Kind:
    if form_of(body) is Form.PIPELINE:
        return Kind.PIPELINE
    match text(body, "inputType"):
        case "syslog" | "streamlog":
            return Kind.SYSLOG
        case "plugin":
            return Kind.CONTAINER_STDOUT if input_type(body) in _STDOUT else Kind.PLUGIN
        case "file":
            return _of_file(part(body, "inputDetail"))
    return Kind.UNKNOWN


def _of_file(detail: Json) -> Kind:
    match text(detail, "logType"):
        case "common_reg_log":
            return Kind.SIMPLE if of_classic.is_simple(detail) else Kind.FULL_REGEX
        case "json_log":
            return Kind.JSON
        case "delimiter_log":
            return Kind.DELIMITER
        case "apsara_log":
            return Kind.APSARA
    return Kind.UNKNOWN


def input_type(body: Json) -> str:
    """`file`, `syslog` or the type of its plugin, such as `input_file`; "" where it has none."""
    inputs = plugins(body, "inputs")
    return inputs[0].kind if inputs else text(body, "inputType")


def logstore(body: Json) -> str:
    """Where its lines go; the first, where a pipeline names several."""
    return next(iter(logstores(body)), "")


def logstores(body: Json) -> tuple[str, ...]:
    return tuple(name for _, name in destinations(body))


def destinations(body: Json) -> tuple[tuple[str, str], ...]:
    """Each path that names a logstore, and the name."""
    if form_of(body) is Form.CLASSIC:
        name = text(part(body, "outputDetail"), "logstoreName")
        return (("outputDetail.logstoreName", name),)
    return tuple(
        (f"{one.at}.Logstore", text(one.options, "Logstore"))
        for one in plugins(body, "flushers")
        if one.kind == "flusher_sls"
    )


def projects(body: Json) -> tuple[tuple[str, str], ...]:
    """Each path that names a project to write to, and the name."""
    named = [
        ("outputDetail.projectName", text(part(body, "outputDetail"), "projectName")),
        *((f"{one.at}.Project", text(one.options, "Project")) for one in plugins(body, "flushers")),
    ]
    return tuple((path, name) for path, name in named if name)


def input_is_file(body: Json) -> bool:
    """Whether it reads files by their paths, so that one file is for one config only."""
    return input_type(body) in ("file", "input_file")


def in_container(body: Json) -> bool:
    """Whether its paths are those inside of containers."""
    if form_of(body) is Form.CLASSIC:
        return part(body, "inputDetail").get("dockerFile") is True
    inputs = plugins(body, "inputs")
    return bool(inputs) and inputs[0].options.get("EnableContainerDiscovery") is True


def forceable(body: Json) -> bool:
    """Whether its input knows a force flag."""
    return input_type(body) in ("file", *FORCEABLE)


def forced(body: Json) -> bool:
    """Whether it collects a file that another config collects too."""
    if form_of(body) is Form.CLASSIC:
        return part(body, "inputDetail", "advanced").get("force_multiconfig") is True
    return any(one.options.get(FORCE) is True for one in plugins(body, "inputs"))


def own_time(body: Json) -> bool:
    """Whether a line's time comes from the line, and not from when it was read."""
    if form_of(body) is Form.CLASSIC and of_classic.own_time(part(body, "inputDetail")):
        return True
    if any(one.options.get("UseJournalEventTime") is True for one in plugins(body, "inputs")):
        return True
    return any(of_pipeline.makes_time(one, _TIME_MAKERS) for one in plugins(body, "processors"))


def leaves_out(body: Json) -> bool:
    """Whether it may leave out whole lines: by a filter, or by a script that may be one."""
    detail = part(body, "inputDetail")
    if detail.get("filterKey") or part(detail, "advanced", "filter_expression"):
        return True
    kinds = (one.kind for one in plugins(body, "processors"))
    return any("filter" in kind or kind == "processor_spl" for kind in kinds)


def paths(body: Json) -> tuple[tuple[str, str, int], ...]:
    """Folder, file pattern and how many folders deep, for each path of a file input."""
    if not input_is_file(body):
        return ()
    if form_of(body) is Form.CLASSIC:
        return of_classic.paths(part(body, "inputDetail"))
    return of_pipeline.paths(plugins(body, "inputs")[0].options)


def parsers(body: Json) -> tuple[of_pipeline.Parser, ...]:
    """What makes fields of lines by a regex or by columns, in their order."""
    own = of_classic.parser(body) if form_of(body) is Form.CLASSIC else None
    rest = (of_pipeline.parser(one) for one in plugins(body, "processors"))
    return tuple(one for one in (own, *rest) if one)


def keys(body: Json) -> tuple[str, ...]:
    """The fields it says it makes; those that come out of JSON or SPL are known to nobody."""
    return tuple(dict.fromkeys(key for one in parsers(body) for key in one.keys))


def regex(body: Json) -> str:
    """The first regex that makes fields; "" where none does."""
    return next((one.regex for one in parsers(body) if one.regex), "")


def begin_regex(body: Json) -> str:
    """What the first line of a record looks like; "" where each line is one."""
    if form_of(body) is Form.CLASSIC and (own := text(part(body, "inputDetail"), "logBeginRegex")):
        return own
    for one in plugins(body, "inputs"):
        start = text(part(one.options, "Multiline"), "StartPattern")
        if start := start or text(one.options, "BeginLineRegex"):
            return start
    return ""


def time_format(body: Json) -> str:
    """Empty where a line's time is when it was read, or of a fixed form."""
    if form_of(body) is Form.CLASSIC and (own := text(part(body, "inputDetail"), "timeFormat")):
        return own
    makers = (one.options for one in plugins(body, "processors") if one.kind in _TIME_MAKERS)
    found = (text(one, "SourceFormat") or text(one, "Format") for one in makers)
    return next((one for one in found if one), "")


def log_sample(body: Json) -> str:
    return text(body, "logSample")


def topic_from_group(body: Json) -> bool:
    """Whether its lines carry the topic of the machine group."""
    return (
        text(part(body, "inputDetail"), "topicFormat") == "group_topic"
        or text(part(body, "global"), "TopicType") == "machine_group_topic"
    )


def unknown_fields(body: Json) -> tuple[str, ...]:
    """Paths of the fields that the documentation does not know; they are carried as they are."""
    return unknown_in(body)
