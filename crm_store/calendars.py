"""The calendars of everybody and of the teams, and how long somebody has waited by them. Pure.

Who waits for people waits while they are there: a minute outside the hours that hold for a conversation (its team's,
else everybody's) is none. Whatever ranks, shows or tells a wait asks here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm_store.working_hours import WorkingHours, parse


@dataclass(frozen=True, slots=True)
class Calendars:
    """As the settings write them; what is not said of a team is as for everybody."""

    working_hours: str = ""
    time_zone: str = "UTC"
    holidays: str = ""
    team_hours: Mapping[str, str] = field(default_factory=dict)
    team_time_zones: Mapping[str, str] = field(default_factory=dict)
    team_holidays: Mapping[str, str] = field(default_factory=dict)

    @property
    def teams_apart(self) -> tuple[str, ...]:
        """The teams of which something else is said than of everybody."""
        return tuple(sorted({*self.team_hours, *self.team_time_zones, *self.team_holidays}))

    def hours_of(self, team: str | None) -> WorkingHours:
        """When the people of this team are there."""
        name = team or ""
        return parse(
            self.team_hours.get(name, self.working_hours),
            self.team_time_zones.get(name, self.time_zone),
            self.team_holidays.get(name, self.holidays),
        )

    @property
    def all_hours(self) -> frozenset[WorkingHours]:
        """Those that hold for somebody."""
        return frozenset(self.hours_of(team) for team in (None, *self.teams_apart))

    @property
    def never_close(self) -> bool:
        """Whether every minute counts for everybody."""
        return all(hours.never_closes for hours in self.all_hours)

    def waited(self, team: str | None, since: datetime, now: datetime) -> timedelta:
        """How long somebody has waited for this team."""
        return self.hours_of(team).open_time(since, now)

    def counted_from(self, team: str | None, since: datetime, as_of: datetime) -> datetime:
        """When the wait would have begun, had people been there all the time between then and `as_of`.

        So at `as_of` it is as long as by `waited`. By one calendar the order of two such moments, and what lies between
        them, is the same for every `as_of`; by two, as long as both are open, or both closed.
        """
        hours = self.hours_of(team)
        if hours.never_closes:
            return since
        return as_of - hours.open_time(since, as_of) + hours.open_time(as_of, since)


OPEN = Calendars()
"""People are there always."""
