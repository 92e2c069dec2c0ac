"""The topic of a file's lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sandbox.hosts.refusal import NotCollectable

CONSTANT = "customized://"
ROTATED = re.compile(r"(?<=.)\.[1-8]\Z")  # the source compares with '0' and '9', both excluded


class Kind(Enum):
    """Where a topic comes from."""

    NONE = "none"
    FIXED = "fixed"
    APSARA = "the path without its suffix"
    PATH = "groups of a regex over the path"


@dataclass(frozen=True)
class Topic:
    """How one config makes topics; `text` is the fixed topic or the regex."""

    kind: Kind = Kind.NONE
    text: str = ""

    def of(self, path: str) -> tuple[str, dict[str, str]]:
        """Return a file's topic and the tags that come with it."""
        match self.kind:
            case Kind.FIXED:
                return self.text, {}
            case Kind.APSARA:
                return _apsara(path), {}
            case Kind.PATH:
                return _from_path(self.text, path)
        return "", {}


def classic_topic(detail: dict[str, Any], group_topic: str) -> Topic:
    """Return the topic of an inputDetail; `default` is none but for apsara_log.

    Sources: LogFileReader.cpp of 1.8.8 (both constructors), ApsaraLogFileReader.cpp.
    """
    form = str(detail.get("topicFormat") or "none")
    if form.startswith(CONSTANT):
        return Topic(Kind.FIXED, form.removeprefix(CONSTANT))
    match form.lower():
        case "none" | "customized":
            return Topic()
        case "default":
            return Topic(Kind.APSARA) if detail.get("logType") == "apsara_log" else Topic()
        case "group_topic":
            return Topic(Kind.FIXED, group_topic)
        case "global_topic":
            raise NotCollectable("topicFormat 'global_topic' is not modelled; use group_topic")
    return path_topic(form)


def pipeline_topic(about: dict[str, Any], *, apsara: bool) -> Topic:
    """Return the topic of a pipeline's `global`. Source: GlobalConfig.cpp, TopicType.

    Where the type needs a TopicFormat and has none, lines carry no topic.
    """
    kind, form = str(about.get("TopicType") or "none"), str(about.get("TopicFormat") or "")
    match kind:
        case "none":
            return Topic()
        case "default":
            return Topic(Kind.APSARA) if apsara else Topic()
        case "custom" | "machine_group_topic":
            return Topic(Kind.FIXED, form)
        case "filepath":
            return path_topic(form) if form else Topic()
    raise NotCollectable(f"global.TopicType {kind!r} is no topic type")


def path_topic(regex: str) -> Topic:
    """Return the topic that a regex finds in the path; `?<name>` is `?P<name>` here.

    Source: StringTools.cpp NormalizeTopicRegFormat.
    """
    named = re.sub(r"\(\?<(?![=!])", "(?P<", regex)
    try:
        re.compile(named)
    except re.error as error:
        raise NotCollectable(f"topic regex {regex!r} does not compile: {error}") from error
    return Topic(Kind.PATH, named)


def _from_path(regex: str, path: str) -> tuple[str, dict[str, str]]:
    """Join the groups by `_` and name each in a tag; a path that does not match has no topic.

    Source: LogFileReader.cpp GetTopicName, StringTools.cpp ExtractTopics.
    """
    found = re.fullmatch(regex, ROTATED.sub("", path), re.ASCII)
    if not found:
        return "", {}
    names = {number: name for name, number in found.re.groupindex.items()}
    values = [value or "" for value in found.groups()]
    tags = {names.get(at, f"__topic_{at}__"): value for at, value in enumerate(values, 1)}
    if len(values) == 1:
        tags.pop("__topic_1__", None)
    return "_".join(values), tags


def _apsara(path: str) -> str:
    """Cut the suffix, and another `.log` before it. Source: ApsaraLogFileReader.cpp."""
    return re.sub(r"\.log\Z", "", path.rpartition(".")[0] or path, flags=re.IGNORECASE)
