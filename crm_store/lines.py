"""Who competes with whom for a person: the place of who waits, and how long a place takes. Pure.

The queue has one order, but not everybody can take everybody. Each agent has a line: whom they could take, in the
queue's order. Who waits stands in the line of each agent who could take them, and is told the place in that line where
it is lowest: after so many takes of that agent alone it is their turn, and whatever else the others do it is no later.
So somebody more at work never makes a place worse, and whom none of a customer's agents would take counts for nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import NamedTuple

from crm_store.queueing import Candidate, Waiting, can_take

_NEVER = datetime.max.replace(tzinfo=UTC)
_ANY_TIME = datetime.min.replace(tzinfo=UTC)
AT_ONCE = timedelta(seconds=10)
"""Who is taken so soon found somebody free."""
EVERYBODY = 0
"""The line of all who wait, which those stand in whom nobody on the staff could take."""


class Need(NamedTuple):
    """What a conversation asks of who takes it."""

    language: str = "en"
    team: str | None = None
    skill: str | None = None
    """None also once whoever is free may take it."""
    kept_for: int | None = None
    """The agent it waits for alone."""

    def waiting(self) -> Waiting:
        """The same for the rules of choice."""
        meant: int | None = self.kept_for
        return Waiting(
            0,
            _ANY_TIME,
            language=self.language,
            skill=self.team,
            needs=self.skill,
            is_open=self.skill is None,
            meant_for_id=meant,
            is_kept=meant is not None,
        )


NOTHING = Need()
"""Nothing in particular."""


@dataclass(frozen=True, slots=True)
class Staff:
    """All who may take conversations, and which of them are there now."""

    agents: Sequence[Candidate] = ()
    there: Collection[int] = frozenset()
    untold: Collection[int] = frozenset()
    """Those who work and never said where they are: they may be there all the same."""

    def able(self, need: Need) -> frozenset[int]:
        """Who could take such a conversation."""
        waiting = need.waiting()
        return frozenset(one.agent_id for one in self.agents if can_take(one, waiting))

    def servers(self, able: frozenset[int]) -> frozenset[int]:
        """Of those who could: who are there, or else all, since they may be without saying so."""
        return able & frozenset(self.there) or able


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of those with such needs; agents who could take the same have one together."""

    counted: Mapping[Need, Sequence[int]]
    """Where one of such a need stands."""
    told: Mapping[Need, Sequence[int]]
    """Where one is told their place of: those of who would serve them."""
    count: int


def _lines(staff: Staff, needs: Collection[Need]) -> _Lines:
    able = {need: staff.able(need) for need in needs}
    by_needs: dict[frozenset[Need], int] = {frozenset(needs): EVERYBODY}
    of_agent: dict[int, int] = {}
    for one in staff.agents:
        takes = frozenset(need for need, agents in able.items() if one.agent_id in agents)
        of_agent[one.agent_id] = by_needs.setdefault(takes, len(by_needs))
    counted = {need: sorted({EVERYBODY, *(of_agent[n] for n in agents)}) for need, agents in able.items()}
    told = {
        need: sorted({of_agent[n] for n in staff.servers(agents)}) or [EVERYBODY]
        for need, agents in able.items()
    }
    return _Lines(counted, told, len(by_needs))


def places(queue: Sequence[tuple[int, Need]], staff: Staff) -> dict[int, int]:
    """Where these stand, by their number, from 1; they come in the queue's order."""
    lines = _lines(staff, {need for _, need in queue})
    of_need = {need: (counted, lines.told[need]) for need, counted in lines.counted.items()}
    before = [0] * lines.count
    found: dict[int, int] = {}
    for number, need in queue:
        counted, told = of_need[need]
        for line in counted:
            before[line] += 1
        # Thousands may wait, and most in one line.
        found[number] = before[told[0]] if len(told) == 1 else min([before[line] for line in told])
    return found


@dataclass(frozen=True, slots=True)
class Waited:
    """One who came into the queue lately: from when until when, None while they are there still."""

    came_at: datetime
    left_at: datetime | None
    spent: timedelta | None = None
    """Of open time, by who was taken."""
    need: Need = NOTHING


@dataclass(frozen=True, slots=True)
class Paces:
    """How long one place takes, by who serves; a wait is expected to take that for each place."""

    staff: Staff = Staff()
    by_servers: Mapping[frozenset[int], timedelta] = field(default_factory=dict)

    def of(self, need: Need) -> timedelta | None:
        """For such a customer; None while too few were taken by those who would serve them."""
        anybodys = need._replace(kept_for=None)
        return self.by_servers.get(self.staff.servers(self.staff.able(anybodys)))


def paces(waits: Iterable[Waited], staff: Staff, least: int) -> Paces:
    """The median, over those who were taken, of their wait divided by the place they began at; of those whom the same
    agents serve, where they were at least so many.

    With c people serving, each a customer in 1/μ, who finds n ahead waits (n + 1)/(cμ) in the mean: in proportion to
    their place (W. Whitt, Predicting Queueing Delays, Management Science 45(6), 1999, section 2). The proportion is
    what was seen; the median keeps a few who were forgotten from speaking for all. Who found somebody free stood in no
    queue: such quiet hours would promise next to no wait to those who come when nobody is free.
    """
    came = sorted(waits, key=lambda waited: waited.came_at)
    lines = _lines(staff, {one.need for one in came})
    there: list[tuple[datetime, int]] = []  # when those who came before left, a heap
    before = [0] * lines.count
    shares: dict[frozenset[int], list[timedelta]] = {}
    servers = {need: staff.servers(staff.able(need)) for need in lines.told}
    for number, one in enumerate(came):
        while there and there[0][0] <= one.came_at:
            for line in lines.counted[came[heappop(there)[1]].need]:
                before[line] -= 1
        heappush(there, (one.left_at or _NEVER, number))
        for line in lines.counted[one.need]:
            before[line] += 1
        if one.spent is not None and one.spent > AT_ONCE:
            place = min(before[line] for line in lines.told[one.need])
            shares.setdefault(servers[one.need], []).append(one.spent / place)
    return Paces(staff, {who: _median(some) for who, some in shares.items() if len(some) >= least})


def _median(shares: list[timedelta]) -> timedelta:
    shares.sort()
    return (shares[(len(shares) - 1) // 2] + shares[len(shares) // 2]) / 2


@dataclass(frozen=True, slots=True)
class Standing:
    """All who wait, as they are told their place and what to expect."""

    queue: Sequence[tuple[int, Need]]
    paces: Paces
    staff: Staff

    def told(self) -> dict[int, tuple[int, timedelta | None]]:
        """By their number: the place, and the wait to expect there, None while it is unknown."""
        needs, placed = dict(self.queue), places(self.queue, self.staff)
        return {number: (place, self._wait(needs[number], place)) for number, place in placed.items()}

    def of_the_next(self) -> timedelta | None:
        """What somebody who came now would be told to expect; the longest of it where that depends on who comes."""
        spoken = {Need(need.language) for _, need in self.queue} or {NOTHING}
        waits = [self._wait(one, places([*self.queue, (0, one)], self.staff)[0]) for one in spoken]
        return max((wait for wait in waits if wait is not None), default=None)

    def _wait(self, need: Need, place: int) -> timedelta | None:
        pace = self.paces.of(need)
        return None if pace is None else pace * place
