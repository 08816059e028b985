"""Statements of the message path, built once instead of every time they run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
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


@dataclass(frozen=True, slots=True)
class Same:
    """A column that has the same value in every row."""

    value: Any


Columns = Mapping[str, Sequence[Any] | Same]
"""The values of many rows, column by column; at least one of them a sequence, and all sequences of one length."""
Build = Callable[[bool], Any]
"""Makes the statement, told whether it is for SQLite."""
KEPT = 64
"""More are only needed where tests open store after store in one process."""


class Statement:
    """A statement with bound parameters, built for each kind of database when it is first run."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._built: dict[bool, Any] = {}
        self._ready: dict[tuple[int, tuple[str, ...]], tuple[Dialect, _Ready]] = {}

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
        ready = self._made_ready(dialect, tuple(values[0]))
        return connection.exec_driver_sql(ready.sql, ready.parameters(values))

    def fill(self, connection: Connection, columns: Columns) -> None:
        """Run the statement once for each row of these columns.

        For a third of what as many mappings cost, which of large batches is much of all that the store does.
        """
        ready = self._made_ready(connection.dialect, tuple(columns))
        connection.exec_driver_sql(ready.sql, ready.of_columns(columns))

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows a query finds. For half of what `execute` costs: of one message's batch, queries are the most."""
        ready = self._made_ready(connection.dialect, tuple(values))
        (parameters,) = ready.parameters([values]) or [()]
        return ready.results(connection.exec_driver_sql(ready.sql, parameters).all())

    def _made_ready(self, dialect: Dialect, names: tuple[str, ...]) -> "_Ready":
        kept = self._ready.get((id(dialect), names))
        if kept is None or kept[0] is not dialect:
            is_sqlite = dialect.name == "sqlite"
            kept = (dialect, _Ready(self._build(is_sqlite), names, dialect))
            if len(self._ready) > KEPT:
                self._ready.clear()
            self._ready[id(dialect), names] = kept
        return kept[1]


class _Ready:
    """A statement as the driver takes it, with what turns values into its parameters column by column.

    SQLAlchemy does so row by row, which costs as much as SQLite's own work.
    """

    def __init__(self, statement: Any, names: tuple[str, ...], dialect: Dialect) -> None:
        keys = list(names) if statement.is_insert else None
        compiled = statement.compile(dialect=dialect, column_keys=keys)
        self.sql = str(compiled)
        assert "POSTCOMPILE" not in self.sql, "an IN of Python values; use `among`, or `or_` of comparisons"
        self._columns = [
            _Column(name if name in names else None, compiled, name, dialect) for name in compiled.positiontup
        ]
        self._results = [
            (at, process)
            for at, column in enumerate(
                compiled._result_columns
            )  # private, but where SQLAlchemy itself looks
            if (process := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        ]

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """The rows as the driver takes them."""
        columns = (column.values(rows) for column in self._columns)
        return list(islice(zip(*columns, strict=False), len(rows)))  # constants alone would have no end

    def of_columns(self, columns: Columns) -> list[tuple[Any, ...]]:
        """The rows that these columns make, as the driver takes them."""
        return list(zip(*(column.of(columns) for column in self._columns), strict=False))

    def results(self, found: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """The driver's rows as Python values."""
        if not self._results or not found:
            return [tuple(row) for row in found]
        columns: list[Iterable[Any]] = list(zip(*found, strict=True))
        for at, process in self._results:
            columns[at] = map(process, columns[at])
        return list(zip(*columns, strict=True))


class _Column:
    """One parameter over all rows: what each row says, or the same for all."""

    def __init__(self, name: str | None, compiled: Any, bound: str, dialect: Dialect) -> None:
        bind = compiled.binds[bound]
        self._name = name
        self._get = itemgetter(name) if name is not None else None
        self._process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        value = _default(compiled, bound, bind) if name is None else None
        self._constant = self._process(value) if self._process is not None else value

    def values(self, rows: Sequence[Mapping[str, Any]]) -> Iterable[Any]:
        if self._get is None:
            return repeat(self._constant)
        return self._processed(list(map(self._get, rows)))

    def of(self, columns: Columns) -> Iterable[Any]:
        """What the driver is given for this parameter in each row."""
        if self._name is None:
            return repeat(self._constant)
        values = columns[self._name]
        if isinstance(values, Same):
            return repeat(values.value if self._process is None else self._process(values.value))
        return self._processed(values)

    def _processed(self, values: Sequence[Any]) -> Iterable[Any]:
        """What stands in many rows, such as the batch's time, is processed only once."""
        process = self._process
        if process is None:
            return values
        done = {id(value): value for value in values}  # they outlive this, so nothing else has their ids
        if len(done) == len(values):
            return map(process, values)
        done = {key: process(value) for key, value in done.items()}
        return map(done.__getitem__, map(id, values))


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
