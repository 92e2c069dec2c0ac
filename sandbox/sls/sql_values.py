"""Expressions of a statement, made into functions of a row: arithmetic, times, literals."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from sandbox.sls import errors
from sandbox.sls.sql import Arithmetic, Column, Expression, Function, Literal, not_understood
from sandbox.sls.sql_columns import BIGINT, TIMESTAMP, VARCHAR, Known, Row, Value

# The service shows times in the zone of the region; only that of mainland China is documented.
_ZONES = {"cn": timezone(timedelta(hours=8))}
FUNCTIONS = ("coalesce", "concat", "date_format", "date_trunc", "from_unixtime", "length")
_UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
_FORMATS = {letter: f"%{letter}" for letter in "YymdHST"} | {"i": "%M", "s": "%S", "%": "%%"}


@dataclass(frozen=True)
class Read:
    """An expression ready to be read from rows."""

    kind: str
    of: Callable[[Row], Value]


class Reading:
    """Makes functions of expressions; `columns` are those that they ask for, in a row's order."""

    def __init__(self, region: str) -> None:
        """Begin with no column asked for."""
        self.columns: list[Known] = []
        self._region = region

    def read(self, expression: Expression, known: Callable[[Column], Known]) -> Read:
        """The expression as a function of a row; raises ParameterInvalid."""
        if isinstance(expression, Column):
            return self._column(known(expression))
        if isinstance(expression, Literal):
            value = expression.value
            return Read(BIGINT if isinstance(value, int) else VARCHAR, lambda _: value)
        if isinstance(expression, Arithmetic):
            sides = self.read(expression.left, known), self.read(expression.right, known)
            return _arithmetic(expression.operator, *sides)
        return self._function(expression, known)

    def _column(self, known: Known) -> Read:
        if known not in self.columns:
            self.columns.append(known)
        place = self.columns.index(known)
        return Read(known.kind, lambda row: row[place])

    def _function(self, call: Function, known: Callable[[Column], Known]) -> Read:
        if call.distinct:
            raise not_understood(f"distinct in {call.name}")
        arguments = call.arguments
        if call.name == "from_unixtime" and len(arguments) == 1:
            return Read(TIMESTAMP, self._time(call, self.read(arguments[0], known), (BIGINT,)))
        if call.name == "date_trunc" and len(arguments) == 2:
            unit = _one_of(call, arguments[0], _UNITS)
            time = self._time(call, self.read(arguments[1], known))
            return Read(TIMESTAMP, _if_any(time, lambda then: _truncated(then, unit)))
        if call.name == "date_format" and len(arguments) == 2:
            form = _format(arguments[1])
            time = self._time(call, self.read(arguments[0], known))
            return Read(VARCHAR, _if_any(time, lambda then: then.strftime(form)))
        if call.name == "length" and len(arguments) == 1:
            return _length(self._text(call, arguments[0], known))
        if call.name == "concat" and len(arguments) >= 2:
            return _concat([self._text(call, one, known) for one in arguments])
        if call.name == "coalesce" and len(arguments) >= 2:
            return _coalesce([self.read(one, known) for one in arguments])
        raise not_understood(f"{call.name} with {len(arguments)} arguments")

    def _text(self, call: Function, given: Expression, known: Callable[[Column], Known]) -> Read:
        read = self.read(given, known)
        if read.kind != VARCHAR:
            raise errors.parameter(f"Unexpected parameters ({read.kind}) for function {call.name}")
        return read

    def _time(
        self, call: Function, read: Read, kinds: tuple[str, ...] = (BIGINT, TIMESTAMP)
    ) -> Callable[[Row], Value]:
        """A timestamp out of a timestamp or out of seconds since the epoch."""
        if read.kind not in kinds:
            raise errors.parameter(f"Unexpected parameters ({read.kind}) for function {call.name}")
        if read.kind == TIMESTAMP:
            return read.of
        zone = _ZONES.get(self._region.partition("-")[0])
        if zone is None:
            way = "use __time__ - __time__ % 60"
            raise not_understood(f"{call.name} in the time zone of {self._region} ({way})")
        return lambda row: None if (at := read.of(row)) is None else _local(at, zone)


def _length(text: Read) -> Read:
    """In characters."""
    return Read(BIGINT, lambda row: None if (said := text.of(row)) is None else len(str(said)))


def _concat(texts: list[Read]) -> Read:
    """Nothing where one of them is nothing."""

    def of(row: Row) -> Value:
        said = [text.of(row) for text in texts]
        return None if None in said else "".join(map(str, said))

    return Read(VARCHAR, of)


def _coalesce(choices: list[Read]) -> Read:
    """The first that is something."""
    for other in choices[1:]:
        comparable("coalesce", choices[0], other)

    def of(row: Row) -> Value:
        return next((said for one in choices if (said := one.of(row)) is not None), None)

    return Read(choices[0].kind, of)


def _local(seconds: object, zone: timezone) -> datetime:
    try:
        then = datetime.fromtimestamp(int(str(seconds)), UTC)
        return then.astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError) as error:
        raise errors.parameter(f"{seconds} is not a time that a timestamp can hold") from error


def _if_any(
    time: Callable[[Row], Value], change: Callable[[datetime], Value]
) -> Callable[[Row], Value]:
    return lambda row: change(then) if isinstance(then := time(row), datetime) else None


def _truncated(then: datetime, unit: str) -> datetime:
    if unit in {"second", "minute", "hour", "day"}:
        kept = ("day", "hour", "minute", "second").index(unit) + 3
        return datetime(*then.timetuple()[:kept])  # type: ignore[arg-type]  # noqa: DTZ001
    day = _truncated(then, "day")
    if unit == "week":
        return day - timedelta(days=day.weekday())
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[unit]
    return day.replace(month=month, day=1)


def _arithmetic(operator: str, left: Read, right: Read) -> Read:
    comparable(operator, left, right)
    if left.kind != BIGINT:
        raise errors.parameter(f"'{operator}' cannot be applied to {left.kind}, {right.kind}")
    work = _minus if operator == "-" else _rest

    def of(row: Row) -> Value:
        one, two = left.of(row), right.of(row)
        return work(one, two) if isinstance(one, int) and isinstance(two, int) else None

    return Read(BIGINT, of)


def comparable(operator: str, left: Read, right: Read) -> None:
    """Refuse to bring two kinds together; nothing is converted silently."""
    if left.kind != right.kind:
        raise errors.parameter(f"'{operator}' cannot be applied to {left.kind}, {right.kind}")


def _minus(one: int, two: int) -> int:
    if not -(1 << 63) <= one - two < 1 << 63:
        raise errors.parameter(f"bigint subtraction overflow: {one} - {two}")
    return one - two


def _rest(one: int, two: int) -> int:
    # Rounded towards zero, so that the rest has the sign of what is divided.
    if two == 0:
        raise errors.parameter("Division by zero")
    rest = abs(one) % abs(two)
    return rest if one >= 0 else -rest


def _one_of(call: Function, given: Expression, known: tuple[str, ...]) -> str:
    if not isinstance(given, Literal) or str(given.value).lower() not in known:
        raise not_understood(f"{call.name} by anything but {', '.join(known)}")
    return str(given.value).lower()


def _format(given: Expression) -> str:
    if not isinstance(given, Literal) or not isinstance(given.value, str):
        raise not_understood("date_format without its format as a text")

    def letter(match: re.Match[str]) -> str:
        if match[1] not in _FORMATS:
            raise not_understood(f"{match[0]!r} in date_format")
        return _FORMATS[match[1]]

    return re.sub(r"%(.?)", letter, given.value, flags=re.DOTALL)
