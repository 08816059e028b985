"""Settings that are changed while everything runs."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from admin_api.schemas.base import Asked, Shown, Written
from crm_store.hours_text import LONGEST_HOLIDAYS, MOST_TEAMS

SettingValue = (
    bool
    | Annotated[str, Field(max_length=LONGEST_HOLIDAYS)]
    | int
    | float
    | Annotated[dict[str, Annotated[str, Field(max_length=LONGEST_HOLIDAYS)]], Field(max_length=MOST_TEAMS)]
)
"""As long as the longest of all settings may be; what one takes it says itself."""


CONFIRMED_HOW = "Needed where old conversations would be deleted (retention_days); 409 tells how many"


class SettingPath(BaseModel):
    """A setting by its name."""

    name: str = Field(min_length=1, max_length=64)


class NewValue(Written):
    """The value a setting is to have."""

    value: SettingValue = Field(
        description="Of the setting's own type: a text, a number, true or false, or texts by team"
    )
    confirmed: bool = Field(False, description=CONFIRMED_HOW)


class ResetQuery(Asked):
    """Whether it is meant."""

    confirmed: bool = Field(False, description=CONFIRMED_HOW)


class SettingShown(Shown):
    """A setting as it counts now."""

    name: str
    about: str
    value: SettingValue
    default: SettingValue = Field(
        description="What the environment gives; it counts while nothing is changed"
    )
    is_changed: bool = Field(description="Whether a value set here counts instead of the environment's")
    changed_by: str | None
    changed_at: datetime | None


class SettingList(Shown):
    """All settings that are changed here."""

    items: list[SettingShown]
