"""Time formats: known to the agent, and true of the lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflows.collection.found import Config
from workflows.collection.reach import Json, part, plugins, text
from workflows.lint import Finding, Level
from workflows.lint.clock import reads, unknown
from workflows.lint.lines import Sampled
from workflows.lint.regexes import parses

_CORRECT = "Correct the time format in the source's config, then Retry."
# glibc passes over the signs by which its own strftime pads.
_ONCE_KNOWN = {"%s beside others", "%-", "%_", "%0", "%^", "%#"}
LONGEST = 200  # a time, and its format
_NATIVE = "processor_parse_timestamp_native"


@dataclass(frozen=True)
class Timing:
    """Which field holds a line's time, and how; `path` is that of the format."""

    path: str
    form: str
    key: str


def timings(body: Json) -> tuple[Timing, ...]:
    """Those that the agent's own strptime reads. Regex mode without a timeKey means `time`."""
    detail = part(body, "inputDetail")
    key = text(detail, "timeKey")
    if not key and text(detail, "logType") == "common_reg_log":
        key = "time"
    found = [Timing("inputDetail.timeFormat", text(detail, "timeFormat"), key)]
    for one in plugins(body, "processors"):
        if one.kind == _NATIVE:
            form, source = text(one.options, "SourceFormat"), text(one.options, "SourceKey")
            found.append(Timing(f"{one.at}.SourceFormat", form, source))
    return tuple(one for one in found if one.form)


def checked_times(config: Config, lines: Sequence[Sampled]) -> Iterator[Finding]:
    thing = f"config {config.name}"
    for timing in timings(config.body):
        if wrong := unknown(timing.form):
            yield _strange(thing, timing, wrong)
        else:
            yield from _made(thing, timing, config.body)
            yield from _true(thing, timing, lines)


def _strange(thing: str, timing: Timing, wrong: Sequence[str]) -> Finding:
    """Old agents took the system's strptime, which knows some more."""
    level = Level.WARNING if {*wrong} <= _ONCE_KNOWN else Level.ERROR
    text = f"the agent does not know {', '.join(wrong)} in {timing.form!r}: no time would be read"
    return Finding(level, thing, timing.path, text, _CORRECT)


def _made(thing: str, timing: Timing, body: Json) -> Iterator[Finding]:
    """A time key that the parsing does not make leaves each line with the time of its reading."""
    parser = parses(body)
    if not timing.key:
        said = "there is a time format but no time key: each line gets the time of its reading"
    elif parser and timing.key not in parser.keys and timing.path.startswith("inputDetail"):
        said = f"no key is called {timing.key}: each line gets the time of its reading"
    else:
        return
    yield Finding(Level.WARNING, thing, timing.path, said, _CORRECT)


def _true(thing: str, timing: Timing, lines: Sequence[Sampled]) -> Iterator[Finding]:
    values = [line.fields[timing.key][:LONGEST] for line in lines if timing.key in line.fields]
    wrong = [value for value in values if not reads(timing.form[:LONGEST], value)]
    if wrong:
        text = (
            f"{len(wrong)} of {len(values)} lines that came of late have no time of the form "
            f"{timing.form!r} in {timing.key}"
        )
        yield Finding(Level.WARNING, thing, timing.path, text, _CORRECT)
