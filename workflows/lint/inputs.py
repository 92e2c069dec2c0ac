"""Inputs: is the force flag where it must be, and what of them cannot be proven or taken back."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.collection import facts_of
from workflows.collection.facts_of import Kind
from workflows.collection.found import Config, Wanted
from workflows.collection.reach import text
from workflows.lint import Finding, Level

_LOOK = "Compare some lines of both logstores by hand before you approve stop."
_STDOUT = (
    "what containers write to stdout is in no file: both sides are compared by host alone, and "
    "what a container wrote that has ended cannot be read again when the move is rolled back"
)
_LISTENS = (
    "the agent waits for what is sent to it: while both configs are there, maybe one alone gets "
    "it, so the sides may never be equal, and nothing can be read again when the move is rolled back"
)
_MEASURES = (
    "measures, and does not read files: two configs make two lines of each moment, so the sides "
    "may never be equal, and nothing can be measured again when the move is rolled back"
)
_OTHER = (
    "reads something else than growing files: whether two configs get the same lines of it, and "
    "where it begins again when the move is rolled back, is not known here"
)
_IN_CONTAINER = (
    "files inside of containers: one path may be of several, which are compared as one file, and "
    "what a container wrote that has ended cannot be read again when the move is rolled back"
)
_STDOUTS = ("service_docker_stdout", "input_docker_stdout", "input_container_stdio")
_LISTENERS = ("syslog", "http_server", "udp_server", "kafka", "otlp", "lumberjack", "snmp")
_METERS = ("metric_", "input_host_monitor", "input_prometheus", "input_command")


def covered(config: Config) -> Iterator[Finding]:
    """Source of the rules: proof by minute, host and file; a read position per config."""
    reason = _uncovered(config)
    if reason:
        said = f"input {facts_of.input_type(config.body)}: {reason}"
        yield Finding(Level.WARNING, f"config {config.name}", "", said, _LOOK)


def _uncovered(config: Config) -> str:
    body, kind = config.body, facts_of.input_type(config.body)
    if kind in ("file", "input_file"):
        return _IN_CONTAINER if facts_of.in_container(body) else ""
    if kind in _STDOUTS:
        return _STDOUT
    if facts_of.kind(body) is Kind.SYSLOG or kind.endswith(_LISTENERS):
        return _LISTENS
    return _MEASURES if kind.startswith(_METERS) else _OTHER


def forced(wanted: Wanted) -> Iterator[Finding]:
    """Without the flag the source's older config keeps each file to itself."""
    for source, body in sorted(wanted.configs.items()):
        name = text(body, "configName")
        if facts_of.input_is_file(body) and not facts_of.forced(body):
            said = f"{name} would come without the force flag, and collect nothing beside it"
            hint = "This is a fault of the plan and not of the config: report it."
            yield Finding(Level.ERROR, f"config {source}", "", said, hint)
        elif facts_of.forced(body) and not facts_of.forceable(body):
            said = f"{name} has a force flag, which means nothing to {facts_of.input_type(body)}"
            hint = "Nothing is to be done: it is carried over as it is."
            yield Finding(Level.NOTE, f"config {source}", "", said, hint)
