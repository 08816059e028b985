"""What all schemas share."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]
_YEARS = range(1900, 2201)  # far from where sums of times overflow
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _written_out(value: Any) -> str:
    if not isinstance(value, str) or not _DATE.match(value):
        raise ValueError("write a date or a time, such as 2026-01-31 or 2026-01-31T12:00:00Z")
    return f"{value}T00:00:00Z" if _DATE.fullmatch(value) else value


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time needs its zone, such as 2026-01-31T12:00:00Z")
    if value.year not in _YEARS:
        raise ValueError(f"the year must lie between {_YEARS.start} and {_YEARS.stop - 1}")
    return value.astimezone(UTC)


# Not strict, because what a validator has touched no longer counts as JSON's text; _written_out is strict enough.
Moment = Annotated[datetime, Field(strict=False), BeforeValidator(_written_out), AfterValidator(_aware)]
"""A time with its zone; a date alone is the beginning of that day in UTC."""


class Written(BaseModel):
    """A body: unknown fields and values of another type are refused, not guessed at."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Asked(BaseModel):
    """A query: unknown names are refused."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """An answer, readable from a row of the store."""

    model_config = ConfigDict(from_attributes=True)


class IdPath(BaseModel):
    """An id in the address."""

    id: RowId


class Done(Shown):
    """It is done."""

    done: bool = True
