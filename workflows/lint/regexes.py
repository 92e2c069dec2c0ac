"""Regexes of a config: can they be read, do they end, have they a group for each key."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.collection import facts_of
from workflows.collection.found import Config
from workflows.collection.of_classic import WHOLE_LINE
from workflows.collection.of_pipeline import Parser
from workflows.collection.reach import Json
from workflows.lint import Finding, Level
from workflows.lint.patterns import Engine, Regex, regexes
from workflows.lint.regex.cost import Cost
from workflows.lint.regex.judged import judged

_CORRECT = "Correct it in the source's config, see that lines still come, then Retry."
_LOOK = "Nothing is to be done if the source's lines look right."
_REWRITE = (
    "Rewrite that part in the source's config so that its repetitions cannot take the same text"
)


def checked_regexes(config: Config) -> Iterator[Finding]:
    for one in regexes(config.body):
        yield from _readable(f"config {config.name}", one)
    for parser in facts_of.parsers(config.body):
        if parser.regex:
            yield from _grouped(f"config {config.name}", parser)


def _readable(thing: str, regex: Regex) -> Iterator[Finding]:
    known = judged(regex.text)
    if known.broken:
        yield _broken(thing, regex, known.broken)
    if regex.engine is Engine.RE2:
        yield from _of_re2(thing, regex.path, known.going_back)
        return
    for doubt in known.doubts:
        yield Finding(Level.WARNING, thing, regex.path, doubt, _LOOK)
    if known.cost:
        yield from _bounded(thing, regex.path, known.cost)


def _broken(thing: str, regex: Regex, said: str) -> Finding:
    """Without its parser or filter a config collects nothing, without the rest it does."""
    if regex.spare:
        text = f"no regex: {said}; the agent goes on without it"
        return Finding(Level.WARNING, thing, regex.path, text, _LOOK)
    return Finding(Level.ERROR, thing, regex.path, f"no regex: {said}", _CORRECT)


def _of_re2(thing: str, path: str, part: str) -> Iterator[Finding]:
    if part:
        text = f"{part} needs an engine that goes back; this one is read by RE2, which does not"
        yield Finding(Level.ERROR, thing, path, text, _CORRECT)


def _bounded(thing: str, path: str, cost: Cost) -> Iterator[Finding]:
    """Exponential: no line of any length is safe. A power of its length: long ones are slow.

    It is so in the source, too, where lines may all match: no error.
    """
    if cost.felt is None:
        text = (
            f"{cost.blame[0]} can divide the same text in countless ways: for a line that almost "
            "matches, each further character doubles the time, until the agent gives the line up; "
            "with two configs on a host that costs it twice"
        )
        yield Finding(Level.WARNING, thing, path, text, f"{_REWRITE}, if some do not match.")
    elif cost.felt > 1:
        grows = {2: "square", 3: "cube"}.get(cost.felt, f"power of {cost.felt}")
        text = (
            f"{' and '.join(cost.blame)} can take the same text: for a line that does not match, "
            f"time grows with the {grows} of its length"
        )
        yield Finding(Level.WARNING, thing, path, text, f"{_REWRITE}, if lines are long.")


def key_path(parser: Parser) -> str:
    return f"{parser.at}.{'key' if parser.at == 'inputDetail' else 'Keys'}"


def regex_path(parser: Parser) -> str:
    return f"{parser.at}.{'regex' if parser.at == 'inputDetail' else 'Regex'}"


def _grouped(thing: str, parser: Parser) -> Iterator[Finding]:
    """Fewer groups than keys: no line is parsed. Source: ProcessorParseRegexNative.cpp."""
    groups, keys = judged(parser.regex).groups, parser.keys
    if groups is None or parser.regex == WHOLE_LINE:
        return
    text = f"{_count(groups, 'group')} in the regex, {_count(len(keys), 'key')}"
    if groups < len(keys):
        text += ": no line can be parsed"
        yield Finding(Level.ERROR, thing, key_path(parser), text, _CORRECT)
    elif groups > len(keys):
        text += ": what the last groups match is thrown away"
        yield Finding(Level.WARNING, thing, key_path(parser), text, _LOOK)
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        text = f"key {', '.join(twice)} is there twice: only one's text is kept"
        yield Finding(Level.WARNING, thing, key_path(parser), text, _LOOK)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def parses(body: Json) -> Parser | None:
    """What takes the line itself apart by a regex, if anything does."""
    own = (one for one in facts_of.parsers(body) if one.source == "content")
    first = next(own, None)
    return first if first and first.regex else None
