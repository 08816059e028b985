"""The declarative base and the column types all tables share."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, BindParameter, DateTime, Dialect, Integer, MetaData, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Id = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER is SQLite's own row number
Json = JSON(none_as_null=True).with_variant(
    JSONB(none_as_null=True), "postgresql"
)  # None is NULL, not 'null'
MONEY_UNIT = 10_000
"""Amounts are whole ten-thousandths, so that sums are exact on both databases."""


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time; a naive one is refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """As everywhere, but remembered: the rows of a batch hold the same few times over and over."""
        process = super().bind_processor(dialect)
        return None if process is None else lru_cache(maxsize=256)(process)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored; use aware UTC")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


Moment = datetime | BindParameter[datetime]
"""A time, or the place of one in a statement that is built once."""


class Money(TypeDecorator[Decimal]):
    """A Decimal kept as whole ten-thousandths of the currency's unit."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        return None if value is None else int((Decimal(value) * MONEY_UNIT).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / MONEY_UNIT


class Base(DeclarativeBase):
    """Declarative base; there are no relationships, so nothing can load lazily."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it as declared)
        datetime: UtcTime,
        Decimal: Money,
        dict[str, Any]: Json,
        list[Any]: Json,
    }


def table_of(model: type[Base]) -> Table:
    """The table behind a model, for statements that bypass the ORM."""
    return cast(Table, model.__table__)
