"""What a statement says of the lines found: grouped, counted, ordered and limited."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sandbox.sls import errors, sql_columns
from sandbox.sls.sql import Arithmetic, Column, Expression, Function, Literal, Statement
from sandbox.sls.sql import not_understood as not_known
from sandbox.sls.sql_columns import Known, Row, Value
from sandbox.sls.sql_values import FUNCTIONS, Read, Reading, comparable

MOST_ROWS = 1_000_000
ROWS = 100  # without a limit
MOST_DISTINCT = 10
AGGREGATES = ("checksum", "count", "min", "max")

Lines = list[tuple[Row, int]]


@dataclass(frozen=True)
class Plan:
    """A statement that fits the columns there are; `columns` are those it asks for, in order."""

    columns: tuple[Known, ...]
    names: tuple[str, ...]
    where: tuple[tuple[Read, Read], ...]
    group: tuple[Read, ...]
    values: tuple[Callable[[Row, Lines], Value], ...]
    order: tuple[tuple[int, bool], ...]
    part: slice


def plan(statement: Statement, known: Mapping[str, Known], logstore: str, region: str) -> Plan:
    """How to answer a statement; raises ParameterInvalid for what it may not say."""
    return _Planner(statement, known, region).plan(logstore)


def run(wanted: Plan, rows: Counter[Row]) -> list[dict[str, str]]:
    """The result, every value as text; groups that no order is asked for come in any."""
    groups: defaultdict[Row, Lines] = defaultdict(list)
    for row, lines in rows.items():
        if all((one := left.of(row)) is not None and one == right.of(row)
               for left, right in wanted.where):  # fmt: skip
            groups[tuple([key.of(row) for key in wanted.group])].append((row, lines))
    if not wanted.group and not groups:
        groups[()] = []
    # Scrambled on purpose, though always in the same way: the service promises no order either.
    found = [tuple([of(key, lines) for of in wanted.values]) for key, lines in groups.items()]
    found.sort(key=lambda row: zlib.crc32(repr(row).encode("utf-8", "backslashreplace")))
    for place, descends in reversed(wanted.order):
        found = _sorted(found, place, descends=descends)
    return [dict(zip(wanted.names, map(_shown, row), strict=True)) for row in found[wanted.part]]


class _Planner:
    def __init__(self, statement: Statement, known: Mapping[str, Known], region: str) -> None:
        self._said = statement
        self._known = known
        self._reading = Reading(region)
        self._items = [self._settled(item.expression) for item in statement.items]
        self._aliases = {
            item.alias.lower(): place for place, item in enumerate(statement.items) if item.alias
        }

    def plan(self, logstore: str) -> Plan:
        said = self._said
        if said.table.lower() not in {"", "log", logstore.lower()}:
            raise not_known(f"from {said.table!r}, another logstore,")
        where = tuple(self._equality(*pair) for pair in said.where)
        keys = [self._key(given) for given in said.group]
        group = tuple(self._read(key) for key in keys)
        if not keys and not any(_is_aggregate(item) for item in self._items):
            raise not_known("a statement without group by and without count, min or max")
        values = tuple(self._value(item, keys) for item in self._items)
        return Plan(
            columns=tuple(self._reading.columns),
            names=self._names(),
            where=where,
            group=group,
            values=values,
            order=tuple((self._place(given), descends) for given, descends in said.order),
            part=self._part(),
        )

    def _settled(self, given: Expression) -> Expression:
        """The expression with each column under the name that lines give it."""
        if isinstance(given, Column):
            return Column(sql_columns.find(given, self._known).field, given.at)
        if isinstance(given, Arithmetic):
            left, right = self._settled(given.left), self._settled(given.right)
            return Arithmetic(given.operator, left, right)
        if isinstance(given, Function):
            if given.name not in {*AGGREGATES, *FUNCTIONS}:
                raise not_known(f"the function {given.name}")
            return Function(given.name, tuple(map(self._settled, given.arguments)), given.distinct)
        return given

    def _read(self, settled: Expression) -> Read:
        return self._reading.read(settled, lambda column: sql_columns.find(column, self._known))

    def _equality(self, left: Expression, right: Expression) -> tuple[Read, Read]:
        sides = self._settled(left), self._settled(right)
        if any(map(_holds_aggregate, sides)):
            raise errors.parameter("WHERE clause cannot contain aggregations or window functions")
        one, two = map(self._read, sides)
        comparable("=", one, two)
        return one, two

    def _key(self, given: Expression) -> Expression:
        key = self._referred(given)
        if _holds_aggregate(key):
            text = "GROUP BY clause cannot contain aggregations or window functions"
            raise errors.parameter(text)
        return key

    def _referred(self, given: Expression) -> Expression:
        """What group by means: an alias, a number in the select list, or an expression."""
        if isinstance(given, Literal):
            return self._items[self._numbered("group by", given)]
        if not isinstance(given, Column) or given.name.lower() not in self._aliases:
            return self._settled(given)
        item = self._items[self._aliases[given.name.lower()]]
        if given.name.lower() in self._known and item != self._settled(given):
            raise not_known(f"{given.at}: {given.name!r}, both an alias and a column,")
        return item

    def _value(self, item: Expression, keys: list[Expression]) -> Callable[[Row, Lines], Value]:
        if item in keys:
            place = keys.index(item)
            return lambda key, _: key[place]
        if _is_aggregate(item) and isinstance(item, Function):
            return self._aggregate(item)
        for column in _columns(item):
            why = "not in GROUP BY clause;please add the column in the index attribute"
            raise errors.parameter(f"{column.at}: Column '{column.name}' {why}")
        raise not_known("a column of the result that is neither counted nor grouped by")

    def _aggregate(self, call: Function) -> Callable[[Row, Lines], Value]:
        if call.name == "count" and not call.arguments:
            return lambda _, lines: sum(number for _, number in lines)
        if len(call.arguments) != 1 or _holds_aggregate(call.arguments[0]):
            raise not_known(f"{call.name} of anything but one plain expression")
        of = self._read(call.arguments[0]).of
        if call.distinct and call.name != "count":
            raise not_known(f"distinct in {call.name}")
        if call.distinct:
            return lambda _, lines: len({of(row) for row, _ in lines} - {None})
        if call.name == "checksum":
            return lambda _, lines: _checksum((of(row), number) for row, number in lines)
        if call.name == "count":
            return lambda _, lines: sum(n for row, n in lines if of(row) is not None)
        best = min if call.name == "min" else max
        return lambda _, lines: best(_present(of(row) for row, _ in lines), default=None)

    def _names(self) -> tuple[str, ...]:
        names = []
        for place, item in enumerate(self._said.items):
            plain = item.expression.name if isinstance(item.expression, Column) else ""
            names.append(item.alias or plain or f"_col{place}")
        for name in {name for name in names if names.count(name) > 1}:
            raise not_known(f"a result with two columns named {name!r}")
        if (
            sum(isinstance(item, Function) and item.distinct for item in self._items)
            > MOST_DISTINCT
        ):
            raise errors.parameter("max distinct num is:10, please use approx_distinct")
        return tuple(names)

    def _place(self, given: Expression) -> int:
        if isinstance(given, Literal):
            return self._numbered("order by", given)
        if isinstance(given, Column) and given.name.lower() in self._aliases:
            return self._aliases[given.name.lower()]
        settled = self._settled(given)
        if settled not in self._items:
            raise not_known("order by something that is not in the select list")
        return self._items.index(settled)

    def _numbered(self, clause: str, given: Literal) -> int:
        number = given.value
        if not isinstance(number, int) or not 1 <= number <= len(self._items):
            raise not_known(f"{clause} {number!r}, no column of the select list,")
        return number - 1

    def _part(self) -> slice:
        start, count = self._said.offset, self._said.limit
        end = start + (ROWS if count is None else count)
        if end > MOST_ROWS:
            what = "reading data with pagination only allow reading max"
            raise errors.parameter(f"{what} {MOST_ROWS} rows")
        return slice(start, end)


def _is_aggregate(given: Expression) -> bool:
    return isinstance(given, Function) and given.name in AGGREGATES


def _holds_aggregate(given: Expression) -> bool:
    return any(map(_is_aggregate, _parts(given)))


def _columns(given: Expression) -> list[Column]:
    return [part for part in _parts(given) if isinstance(part, Column)]


def _parts(given: Expression) -> list[Expression]:
    inner: tuple[Expression, ...] = ()
    if isinstance(given, Arithmetic):
        inner = (given.left, given.right)
    elif isinstance(given, Function):
        inner = given.arguments
    return [given, *(part for one in inner for part in _parts(one))]


def _present(values: Iterable[Value]) -> list:
    return [value for value in values if value is not None]


def _checksum(values: Iterable[tuple[Value, int]]) -> str:
    """A sum of hashes, so the order does not count and a doubled line does; base64, as documented."""
    total = 0
    for value, number in values:
        told = hashlib.blake2b(repr(value).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        total += number * int.from_bytes(told, "little")
    return base64.b64encode((total % (1 << 64)).to_bytes(8, "little")).decode()


def _sorted(rows: list[Row], place: int, *, descends: bool) -> list[Row]:
    """By one column, those without a value last in either direction."""
    there = [row for row in rows if row[place] is not None]
    there.sort(key=lambda row: row[place], reverse=descends)  # type: ignore[arg-type,return-value]
    return there + [row for row in rows if row[place] is None]


def _shown(value: Value) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}.000"
    return "null" if value is None else str(value)
