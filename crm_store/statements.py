"""Statements of the message path, built once instead of every time they run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BindParameter,
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    any_,
    bindparam,
    func,
    insert,
    select,
)

from crm_store.models.base import Base, table_of

Build = Callable[[bool], Any]
"""Makes the statement, told whether it is for SQLite."""
KEPT = 64
"""More are only needed where tests open store after store in one process."""


class Statement:
    """A statement with bound parameters, built for each kind of database when it is first run."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._built: dict[bool, Any] = {}
        self._many: dict[tuple[int, tuple[str, ...]], tuple[Dialect, _Many]] = {}

    def __call__(
        self, connection: Connection, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """The result; a list of values, all of the same names, runs the statement once for each of them."""
        dialect = connection.dialect
        is_sqlite = dialect.name == "sqlite"
        if is_sqlite not in self._built:
            self._built[is_sqlite] = self._build(is_sqlite)
        if values is None or isinstance(values, Mapping):
            result: CursorResult[*tuple[Any, ...]] = connection.execute(self._built[is_sqlite], values)
            return result
        names = tuple(values[0])
        kept = self._many.get((id(dialect), names))
        if kept is None or kept[0] is not dialect:
            kept = (dialect, _Many(self._built[is_sqlite], names, dialect))
            if len(self._many) > KEPT:
                self._many.clear()
            self._many[id(dialect), names] = kept
        return connection.exec_driver_sql(kept[1].sql, kept[1].parameters(values))


class _Many:
    """A statement for many rows, with what turns them into the driver's tuples column by column.

    SQLAlchemy does so row by row, which costs as much as SQLite's own work.
    """

    def __init__(self, statement: Any, names: tuple[str, ...], dialect: Dialect) -> None:
        keys = list(names) if statement.is_insert else None
        compiled = statement.compile(dialect=dialect, column_keys=keys)
        self.sql = str(compiled)
        self._columns = [
            _Column(name if name in names else None, compiled, name, dialect) for name in compiled.positiontup
        ]

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """The rows as the driver takes them."""
        return list(zip(*(column.values(rows) for column in self._columns), strict=False))


class _Column:
    """One parameter over all rows: what each row says, or the same for all."""

    def __init__(self, name: str | None, compiled: Any, bound: str, dialect: Dialect) -> None:
        bind = compiled.binds[bound]
        self._get = itemgetter(name) if name is not None else None
        self._process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        value = _default(compiled, bound, bind) if name is None else None
        self._constant = self._process(value) if self._process is not None else value

    def values(self, rows: Sequence[Mapping[str, Any]]) -> Iterable[Any]:
        if self._get is None:
            return repeat(self._constant)
        found = map(self._get, rows)
        return found if self._process is None else _each(found, self._process)


def _each(values: Iterable[Any], process: Callable[[Any], Any]) -> Iterable[Any]:
    """Every value processed; what stands in row after row, such as the batch's time, only once."""
    previous = processed = object()
    for value in values:
        if value is not previous:
            previous, processed = value, process(value)
        yield processed


def _default(compiled: Any, name: str, bind: Any) -> Any:
    """The value of a parameter that the rows do not name: a constant, or the column's default."""
    for column in compiled.insert_prefetch if compiled.isinsert else ():
        if column.key == name:
            return column.default.arg(None) if column.default.is_callable else column.default.arg
    return bind.effective_value


def insertion(model: type[Base]) -> Statement:
    """Rows into the model's table."""
    return Statement(lambda _sqlite: insert(table_of(model)))


def among(column: ColumnElement[Any], name: str, is_sqlite: bool) -> ColumnElement[bool]:
    """Whether the column is in the list bound as `name`: one parameter however long the list is.

    An IN of many parameters would be another statement, to be prepared anew, for every length; and SQLite takes
    at most 32,766 of them.
    """
    if is_sqlite:
        each = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
        return column.in_(select(each.c.value))
    listed: BindParameter[Any] = bindparam(name, type_=ARRAY(column.type))
    return column == any_(listed)
