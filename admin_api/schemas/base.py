"""What all schemas share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]


class Written(BaseModel):
    """A body: unknown fields and values of another type are refused, not guessed at."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Shown(BaseModel):
    """An answer, readable from a row of the store."""

    model_config = ConfigDict(from_attributes=True)


class IdPath(BaseModel):
    """An id in the address."""

    id: RowId


class Nothing(Written):
    """A body without fields: {}."""


class Done(Shown):
    """It is done."""

    done: bool = True
