"""Statements of the message path, built once instead of every time they run."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BindParameter,
    ColumnElement,
    Connection,
    CursorResult,
    any_,
    bindparam,
    func,
    insert,
    select,
)

from crm_store.models.base import Base, table_of

Build = Callable[[bool], Any]
"""Makes the statement, told whether it is for SQLite."""


class Statement:
    """A statement with bound parameters, built for each kind of database when it is first run."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._built: dict[bool, Any] = {}

    def __call__(
        self, connection: Connection, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """The result; a list of values runs the statement once for each of them."""
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite not in self._built:
            self._built[is_sqlite] = self._build(is_sqlite)
        result: CursorResult[*tuple[Any, ...]] = connection.execute(self._built[is_sqlite], values)
        return result


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
