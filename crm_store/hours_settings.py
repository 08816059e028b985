"""Settings that say when people are there: of everybody, and of teams that keep hours of their own."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from crm_store.base_settings import Settings
from crm_store.calendars import Calendars
from crm_store.errors import InvalidValue
from crm_store.hours_text import LONGEST_HOLIDAYS, LONGEST_WEEK, MOST_TEAMS
from crm_store.working_hours import WorkingHours, parse

_NOTHING = {"hours": "", "zone": "UTC", "holidays": ""}
_PARTS = {
    "working_hours": "hours",
    "time_zone": "zone",
    "holidays": "holidays",
    "team_hours": "hours",
    "team_time_zones": "zone",
    "team_holidays": "holidays",
}
"""Which part of a calendar a setting is."""


class HoursSettings(Settings):
    """A calendar for everybody, and what is different for teams."""

    working_hours: str = Field(
        "",
        max_length=LONGEST_WEEK,
        description="When people are there, such as mon-fri 09:00-12:30 13:30-18:00; sat 10:00-14:00. Empty: always.",
    )
    team_hours: dict[str, Annotated[str, Field(max_length=LONGEST_WEEK)]] = Field(
        {},
        max_length=MOST_TEAMS,
        description='Other hours of teams, such as {"night": "mon-sun 22:00-06:00"}; the rest keep the hours above.',
    )
    time_zone: str = Field("UTC", description="Where these hours are meant, such as Europe/Berlin.")
    team_time_zones: dict[str, str] = Field(
        {},
        max_length=MOST_TEAMS,
        description='Where teams work that are elsewhere, such as {"night": "Asia/Shanghai"}: their hours, and the '
        "holidays they have, are meant there.",
    )
    holidays: str = Field(
        "",
        max_length=LONGEST_HOLIDAYS,
        description="Days without anybody, such as 2026-12-25, 2026-12-26; a name may follow a date.",
    )
    team_holidays: dict[str, Annotated[str, Field(max_length=LONGEST_HOLIDAYS)]] = Field(
        {},
        max_length=MOST_TEAMS,
        description='Holidays of teams that have others, such as {"night": "2026-10-01, 2026-10-02"}, instead of those '
        "above; an empty text: none.",
    )

    @field_validator("working_hours", "time_zone", "holidays")
    @classmethod
    def _can_be_read(cls, value: str, info: ValidationInfo) -> str:
        try:
            parse(**(_NOTHING | {_PARTS[info.field_name or ""]: value}))
        except InvalidValue as error:
            raise ValueError(str(error)) from None
        return value

    @field_validator("team_hours", "team_time_zones", "team_holidays")
    @classmethod
    def _can_all_be_read(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        for team, text in value.items():
            try:
                parse(**(_NOTHING | {_PARTS[info.field_name or ""]: text}))
            except InvalidValue as error:
                raise ValueError(f"team '{team}': {error}") from None
        return value

    @property
    def hours(self) -> WorkingHours:
        """When people are there."""
        return parse(self.working_hours, self.time_zone, self.holidays)

    @property
    def calendars(self) -> Calendars:
        """All of it."""
        return Calendars(**{name: getattr(self, name) for name in _PARTS})

    @property
    def teams_apart(self) -> tuple[str, ...]:
        """The teams of which something else is said than of everybody."""
        return self.calendars.teams_apart

    def hours_of(self, team: str | None) -> WorkingHours:
        """When the people of this team are there; what is not said of it is as for everybody."""
        return self.calendars.hours_of(team)
