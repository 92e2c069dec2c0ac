"""What the config's own sample, and lines that came of late, say about its rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workflows.collection import facts_of
from workflows.collection.found import Config
from workflows.collection.of_classic import WHOLE_LINE
from workflows.collection.reach import Json, part, plugins
from workflows.lint import Finding, Level
from workflows.lint.lines import RAW, UNPARSED, Sampled
from workflows.lint.regex.judged import judged
from workflows.lint.regexes import parses, regex_path

_CORRECT = "Correct the sample or the regex in the source's config, then Retry."
_SEE = "Nothing is to be done if the source's lines look right: then the sample is old."
_RIGHT = "Compare the regex with these lines; as they are they come the same way into the target."
_LINES = 200  # of a sample
# What leaves the fields of a line as they were made.
_KEEPING = ("_parse_regex_native", "_parse_timestamp_native", "_filter_regex_native")


def checked_sample(config: Config, lines: Sequence[Sampled]) -> Iterator[Finding]:
    """`lines` are those that came of late. A sample is of the day it was typed, so never an error."""
    thing, sample = f"config {config.name}", facts_of.log_sample(config.body).rstrip("\r\n")
    if not sample:
        return
    if begin := facts_of.begin_regex(config.body):
        yield from _begun(thing, begin, sample.split("\n", 1)[0])
    parser = parses(config.body)
    if parser is None or parser.regex == WHOLE_LINE:
        return
    fits = judged(parser.regex).matches(_record(sample, begin))
    if fits is None and judged(parser.regex).pattern:
        text = "was not tried with the regex: for a text of its length that may take too long"
        yield Finding(Level.NOTE, thing, "logSample", text, "Compare the two by hand.")
    if fits is False:
        yield _missed(thing, lines)
        if _discards(config.body):
            text = f"lines that do not match are thrown away, and {regex_path(parser)} misses some"
            yield Finding(Level.WARNING, thing, "inputDetail.discardUnmatch", text, _CORRECT)


def _missed(thing: str, lines: Sequence[Sampled]) -> Finding:
    text = "the config's own sample does not match its regex"
    if any(UNPARSED not in line.fields and len(line.fields) > 1 for line in lines):
        text += ", though lines that came of late do"
    return Finding(Level.WARNING, thing, "logSample", text, _SEE)


def _record(sample: str, begin: str) -> str:
    """The first record of a sample, up to where the next one begins."""
    first, *rest = sample.split("\n", _LINES)[:_LINES]
    if not begin:
        return first.rstrip("\r")
    after = (at for at, line in enumerate(rest) if judged(begin).matches(line))
    return "\n".join([first, *rest[: next(after, len(rest))]])


def _begun(thing: str, begin: str, line: str) -> Iterator[Finding]:
    known = judged(begin)
    if known.found_in(line) is False:
        text = f"the sample's first line does not match the begin pattern `{begin}`"
        yield Finding(Level.WARNING, thing, "logSample", text, _SEE)
    elif known.matches(line) is False:
        text = (
            f"the begin pattern `{begin}` matches only a part of the sample's first line; agents "
            "before 3.0 want it to match the whole line"
        )
        hint = "Let it end in .* if there are such agents."
        yield Finding(Level.WARNING, thing, "logSample", text, hint)


def _discards(body: Json) -> bool:
    detail = part(body, "inputDetail")
    return bool(detail) and detail.get("discardUnmatch", True) is not False


def checked_lines(config: Config, lines: Sequence[Sampled]) -> Iterator[Finding]:
    """What the newest lines of the source's logstore show of this config's parsing."""
    thing, parser = f"config {config.name}", parses(config.body)
    path = regex_path(parser) if parser else ""
    keys = parser.keys if parser and parser.regex != WHOLE_LINE else ()
    failed = [line for line in lines if _unparsed(line, keys)]
    if failed:
        text = f"{len(failed)} of {len(lines)} lines that came of late were not parsed"
        yield Finding(Level.WARNING, thing, path, text, _RIGHT)
    good = [line for line in lines if not _unparsed(line, keys)]
    missing = [key for key in keys if not any(key in line.fields for line in good)]
    if good and missing and _keeps(config.body):
        text = f"{', '.join(missing)} is in none of {len(good)} parsed lines that came of late"
        yield Finding(Level.WARNING, thing, path, text, _RIGHT)
    if parser and keys:
        yield from _retried(thing, path, parser.regex, lines)


def _unparsed(line: Sampled, keys: Sequence[str]) -> bool:
    whole = bool(keys) and "content" not in keys and line.fields.keys() - {RAW} == {"content"}
    return UNPARSED in line.fields or whole


def _keeps(body: Json) -> bool:
    """Whether no later processor renames or drops fields, as far as it is known."""
    return all(one.kind.endswith(_KEEPING) for one in plugins(body, "processors"))


def _retried(thing: str, path: str, regex: str, lines: Sequence[Sampled]) -> Iterator[Finding]:
    """Lines whose whole text was kept are matched once more: the regex may be newer than they."""
    whole = [
        line.fields[RAW] for line in lines if RAW in line.fields and UNPARSED not in line.fields
    ]
    tried = [judged(regex).matches(text) for text in whole]
    if missed := tried.count(False):
        text = f"the regex does not match {missed} of {len(tried)} lines whose whole text was kept"
        yield Finding(Level.WARNING, thing, path, text, _RIGHT)
