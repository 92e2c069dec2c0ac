"""The SQL after a query's `|`, as far as it counts lines by minute, host and file; its parser.

Whatever else a statement says is refused by name; it is never read as something weaker.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import NoReturn, TypeVar

from sandbox.sls import errors

T = TypeVar("T")
MOST_WORDS = 300  # what is nested deeper than that would exhaust the parser
_TOKEN = re.compile(
    r"""\s*(?:(?P<name>[^\W\d]\w*)|"(?P<quoted>(?:[^"]|"")+)"|'(?P<text>(?:[^']|'')*)'"""
    r"""|(?P<number>\d{1,18}(?![\w.]))|(?P<mark>\S))""",
    re.ASCII,
)
# Words that cannot be names: taken for one, they would change what a statement says.
_RESERVED = {
    "select", "from", "where", "group", "order", "limit", "by", "as", "and", "all", "between", "case", "cast", "cross", "distinct", "else", "end", "except", "exists",
    "false", "having", "in", "inner", "intersect", "is", "join", "left", "like", "not", "null",
    "on", "or", "outer", "over", "right", "then", "true", "union", "using", "when", "with",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A field, or an alias of the select list; `at` is where it stands, such as `line 1:8`."""

    name: str
    at: str = field(compare=False)


@dataclass(frozen=True)
class Literal:
    """A whole number or a text."""

    value: int | str


@dataclass(frozen=True)
class Arithmetic:
    """`left - right` or `left % right`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Function:
    """A call; `count(*)` has no arguments."""

    name: str
    arguments: tuple[Expression, ...]
    distinct: bool = False


Expression = Column | Literal | Arithmetic | Function


@dataclass(frozen=True)
class Item:
    """One column of the result; the alias may be empty."""

    expression: Expression
    alias: str


@dataclass(frozen=True)
class Statement:
    """A whole statement; `where` are equalities that must all hold, a True in `order` descends."""

    items: tuple[Item, ...]
    table: str = ""
    where: tuple[tuple[Expression, Expression], ...] = ()
    group: tuple[Expression, ...] = ()
    order: tuple[tuple[Expression, bool], ...] = ()
    offset: int = 0
    limit: int | None = None


def parse(text: str) -> Statement:
    """The statement that a text is; raises ParameterInvalid naming what is not understood."""
    return _Parser(text).statement()


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: str

    @property
    def word(self) -> str:
        """What it says where case does not matter; empty for quoted names and texts."""
        return "" if self.kind in {"quoted", "text"} else self.text.lower()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = [*_tokens(text), _Token("end", "the end of the statement", _place(text))]
        self._next = 0
        if len(self._tokens) > MOST_WORDS:
            raise not_understood(f"a statement of more than {MOST_WORDS} words")

    def statement(self) -> Statement:
        self._must("select")
        items = self._list(self._item)
        table = self._name().text if self._took("from") else ""
        where = self._where() if self._took("where") else []
        group = self._list(self._expression) if self._took("group", "by") else []
        order = self._list(self._order) if self._took("order", "by") else []
        part = self._limit() if self._took("limit") else (0, None)
        if self._token.kind != "end":
            self._refuse()
        return Statement(tuple(items), table, tuple(where), tuple(group), tuple(order), *part)

    def _item(self) -> Item:
        expression = self._expression()
        if self._took("as") or self._is_name():
            return Item(expression, self._name().text)
        return Item(expression, "")

    def _where(self) -> list[tuple[Expression, Expression]]:
        found = []
        while True:
            left = self._expression()
            self._must("=")
            found.append((left, self._expression()))
            if not self._took("and"):
                return found

    def _order(self) -> tuple[Expression, bool]:
        expression = self._expression()
        descends = self._took("desc")
        if not descends:
            self._took("asc")
        return expression, descends

    def _limit(self) -> tuple[int, int]:
        first = self._number()
        return (first, self._number()) if self._took(",") else (0, first)

    def _expression(self) -> Expression:
        left = self._product()
        while self._took("-"):
            left = Arithmetic("-", left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._operand()
        while self._took("%"):
            left = Arithmetic("%", left, self._operand())
        return left

    def _operand(self) -> Expression:
        if self._took("("):
            inside = self._expression()
            self._must(")")
            return inside
        if self._token.kind == "number":
            return Literal(self._number())
        if self._token.kind == "text":
            return Literal(self._step().text)
        name = self._name()
        if name.kind == "name" and self._took("("):
            return self._call(name.text.lower())
        return Column(name.text, name.at)

    def _call(self, name: str) -> Function:
        if name == "count" and self._took("*"):
            self._must(")")
            return Function(name, ())
        distinct = self._took("distinct")
        arguments = self._list(self._expression)
        self._must(")")
        return Function(name, tuple(arguments), distinct)

    def _number(self) -> int:
        if self._token.kind != "number":
            self._refuse()
        return int(self._step().text)

    def _name(self) -> _Token:
        if not self._is_name():
            self._refuse()
        return self._step()

    def _is_name(self) -> bool:
        token = self._token
        return token.kind == "quoted" or (token.kind == "name" and token.word not in _RESERVED)

    def _list(self, one: Callable[[], T]) -> list[T]:
        found = [one()]
        while self._took(","):
            found.append(one())
        return found

    def _took(self, *words: str) -> bool:
        ahead = [token.word for token in self._tokens[self._next : self._next + len(words)]]
        if ahead != list(words):
            return False
        self._next += len(words)
        return True

    def _must(self, word: str) -> None:
        if not self._took(word):
            self._refuse(f", where {word!r} is expected")

    def _step(self) -> _Token:
        self._next += 1
        return self._tokens[self._next - 1]

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _refuse(self, more: str = "") -> NoReturn:
        token = self._token
        said = token.text if token.kind == "end" else repr(token.text)
        raise not_understood(f"{token.at}: {said}{more}")


def not_understood(what: str) -> errors.SlsError:
    """A refusal of something that the service may well know."""
    can = "it counts and sums up lines, grouped, ordered and limited; sandbox/sls/COVERAGE.md has the grammar"
    return errors.parameter(f"{what} is not understood by this sandbox's SQL: {can}")


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in islice(_TOKEN.finditer(text.rstrip()), MOST_WORDS + 1):
        kind = str(match.lastgroup)
        said = match[kind]
        mark = {"quoted": '"', "text": "'"}.get(kind)
        found.append(
            _Token(kind, said.replace(mark * 2, mark) if mark else said,
                   _place(text[: match.start(kind) - bool(mark)]))
        )  # fmt: skip
    return found


def _place(before: str) -> str:
    """Line and column after a text, as the service counts them."""
    return f"line {before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
