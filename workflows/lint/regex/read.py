"""From the text of a regex to its nodes, as boost reads it (Perl syntax)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.lint.regex import chars
from workflows.lint.regex.escapes import escape, made
from workflows.lint.regex.nodes import Again, Either, Group, Here, Node, Role, Row, every
from workflows.lint.regex.repeats import blank, bounds, repeated
from workflows.lint.regex.sets import char_set
from workflows.lint.regex.source import Broken, Source, Unread

LONGEST, DEEPEST = 4000, 30
_MODES = frozenset("imsx")
_ROLES = {
    ":": Role.TOGETHER,
    "=": Role.AHEAD,
    "!": Role.NOT_AHEAD,
    "<=": Role.BEHIND,
    "<!": Role.NOT_BEHIND,
    ">": Role.WHOLE,
}


@dataclass(frozen=True)
class Read:
    """`groups` are those that capture; `doubts` say what boost may read in another way."""

    root: Node
    groups: int
    doubts: tuple[str, ...]


def read(regex: str) -> Read:
    """Raises Broken where no agent can read it, Unread where it cannot be told here."""
    if len(regex) > LONGEST:
        raise Unread(f"it has more than {LONGEST} characters")
    source = Source(regex)
    root = _either(source)
    if not source.ended:
        raise Broken(f"`)` at character {source.at + 1} closes nothing")
    lost = [one for one in every(root) if isinstance(one, Again) and one.group > source.groups]
    if lost:
        raise Broken(f"`{regex[lost[0].start : lost[0].end]}` names a group that is not there")
    return Read(root, source.groups, tuple(source.doubts))


def _either(source: Source) -> Node:
    """Alternatives up to the end, or to the bracket that closes them; modes end there too."""
    start, before = source.at, source.modes
    source.depth += 1
    if source.depth > DEEPEST:
        raise Unread(f"brackets are nested deeper than {DEEPEST}")
    options = [_row(source)]
    while source.follows("|"):
        options.append(_row(source))
    source.depth -= 1
    source.modes = before
    return options[0] if len(options) == 1 else Either(start, source.at, tuple(options))


def _row(source: Source) -> Node:
    start, items = source.at, list[Node]()
    while not source.ended and source.peek() not in ("|", ")"):
        items += _pieces(source)
    return items[0] if len(items) == 1 else Row(start, source.at, tuple(items))


def _pieces(source: Source) -> list[Node]:
    r"""The next piece with what repeats it; several characters where `\Q` quotes them."""
    if source.modes.x and blank(source):
        return []
    if source.follows("\\E"):
        return []
    atoms = _quoted(source) if source.follows("\\Q") else [_atom(source)]
    if atoms:
        atoms[-1] = repeated(source, atoms[-1])
    return atoms


def _quoted(source: Source) -> list[Node]:
    end = source.text.find("\\E", source.at)
    quoted: list[Node] = []
    while source.at < (len(source.text) if end < 0 else end):
        char = source.take()
        quoted.append(made(source, source.at - 1, chars.bit(char), chars.escaped(char)))
    source.follows("\\E")
    return quoted


def _atom(source: Source) -> Node:
    start, char = source.at, source.take()
    match char:
        case "(":
            return _group(source)
        case "[":
            return char_set(source)
        case "\\":
            return escape(source)
        case ".":
            return _any(source, start)
        case "^":
            return Here(start, source.at, "(?m:^)" if source.modes.m else r"\A")
        case "$":
            return Here(start, source.at, "(?m:$)" if source.modes.m else r"(?=\n?\Z)")
        case "*" | "+" | "?":
            raise Broken(f"`{char}` at character {start + 1} has nothing to repeat")
        case "{" if bounds(replace(source, at=start)):
            raise Broken(f"`{{` at character {start + 1} has nothing to repeat")
    return made(source, start, chars.bit(char), chars.escaped(char))


def _any(source: Source, start: int) -> Node:
    mask = chars.EVERY if source.modes.s else chars.others(chars.bit("\n"))
    return made(source, start, mask, chars.ranges(mask))


def _group(source: Source) -> Node:
    """What stands at `(`, which is taken already."""
    start = source.at - 1
    if source.peek() == "*":
        raise Unread(f"`(*` at character {start + 1}")
    if not source.follows("?"):
        return _captured(source, start)
    if source.follows("#"):
        source.up_to(")", start)
        return Here(start, source.at, "")
    for sign, role in _ROLES.items():
        if source.follows(sign):
            return _closed(source, start, role)
    if name := _name(source, start):
        return _captured(source, start, name)
    return _moded(source, start)


def _captured(source: Source, start: int, name: str = "") -> Node:
    source.groups += 1
    if name:
        source.names[name] = source.groups
    return _closed(source, start, Role.CAPTURE)


def _closed(source: Source, start: int, role: Role) -> Node:
    inner = _either(source)
    if not source.follows(")"):
        raise Broken(f"`(` at character {start + 1} is never closed")
    return Group(start, source.at, role, inner)


def _name(source: Source, start: int) -> str:
    if source.follows("<") or source.follows("P<"):
        return source.up_to(">", start)
    return source.up_to("'", start) if source.follows("'") else ""


def _moded(source: Source, start: int) -> Node:
    """`(?i)` is for the rest of the brackets around it, `(?i:…)` for its own inside."""
    begin = source.at
    while source.peek() and source.peek() in _MODES | {"-"}:
        source.take()
    letters = source.text[begin : source.at]
    if not letters or source.peek() not in (":", ")") or letters.count("-") > 1:
        raise Unread(f"`{source.text[start : source.at + 1]}` at character {start + 1}")
    on, _, off = letters.partition("-")
    before, turned = source.modes, dict.fromkeys(off, False) | dict.fromkeys(on, True)
    source.modes = replace(before, **turned)
    if source.take() == ")":
        return Here(start, source.at, "")
    group = _closed(source, start, Role.TOGETHER)
    source.modes = before
    return group
