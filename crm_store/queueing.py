"""The order of the queue and the choice of an agent, each with its reason. Pure.

Points: one per minute of waiting, of the time in which people are there (`calendars`), plus what else speaks for a
conversation, in minutes and bounded (`MAX_BONUS`). All who wait gain the same point a minute, or none while it is
closed, so of two conversations the one with more points now has more points at any time: the order by points is the
order by `ranked_at`, the moment the wait began less those minutes, which can be stored and indexed. (Where teams keep
other hours one gains and another does not; then they are ranked anew: `queue_hours`.) Because waiting grows without
bound and everything else does not, whoever has waited `MAX_BONUS` minutes longer than another goes first whatever
speaks for the other: nobody starves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

PRIORITY_POINTS = 15
"""Per step of priority, of which there are -2 (low) to 3 (urgent)."""
PRIORITIES = range(-2, 4)
REPEAT_POINTS = 5
"""For a customer who was here within the last days already."""
VALUE_POINTS = 10
"""For the most valuable customer; value index 0-100 counts in proportion."""
MOOD_POINTS = 10
"""For the angriest customer; contentment counts nothing either way."""
TARGET_POINTS = 60
"""For a reply promised at once; one point less for each minute that may pass."""
OVERDUE_POINTS = 30
"""Once a promised reply is overdue."""
MAX_BONUS = (
    PRIORITY_POINTS * (max(PRIORITIES) - min(PRIORITIES))
    + REPEAT_POINTS
    + VALUE_POINTS
    + MOOD_POINTS
    + TARGET_POINTS
    + OVERDUE_POINTS
)
NEXT = "_next"
"""What the reasons of a promise end in when somebody who had a reply already waits for the next one."""
MINUTE = timedelta(minutes=1)
_ANY_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that speaks for a conversation (or against it): its name, its minutes, and the figure behind them."""

    reason: str
    """'waiting', 'priority', 'repeat', 'value', 'mood', 'target' or 'overdue'; the last two are of a first reply, and
    end in `NEXT` where a next one is owed. Also 'skill' or 'skill_open'."""
    points: int
    value: float | None = None
    about: str | None = None
    """The skill that 'skill' and 'skill_open' are about; these count nothing, and say who may take it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued conversation, as far as its order goes."""

    conversation_id: int
    queued_at: datetime
    counted_from: datetime | None = None
    """When it began to wait, had people been there ever since; None: they have been."""
    priority: int = 0
    is_repeat: bool = False
    value_index: float | None = None
    """0-100; None for a customer of whom nothing is known, for whom it then says nothing either way."""
    mood: float = 0.0
    """-1 (furious) to 1, of the customer's last messages."""
    target: timedelta | None = None
    """How soon a reply is promised; of several the one due first."""
    is_overdue: bool = False
    is_next: bool = False
    """Whether what is promised is a next reply, not the first."""
    language: str = "en"
    skill: str | None = None
    """The team it is for: who is in it, or has it among their skills, serves it."""
    needs: str | None = None
    """A skill it needs besides."""
    is_open: bool = True
    """Whether by now who has not got that skill may take it, too."""
    last_agent_id: int | None = None
    meant_for_id: int | None = None
    """To whom it was handed on while they were away."""
    left_by: int | None = None
    """Who held it last and wrote nothing until it was taken from them."""
    is_kept: bool = False
    """Whether it still waits for them alone."""

    @property
    def begins_at(self) -> datetime:
        """What its wait counts from."""
        return self.counted_from or self.queued_at


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation stands, and why."""

    waiting: Waiting
    position: int
    points: float
    why: tuple[Reason, ...]


def reasons(waiting: Waiting) -> tuple[Reason, ...]:
    """What speaks for it besides its wait; whole minutes, so that sums are exact."""
    step = min(max(waiting.priority, min(PRIORITIES)), max(PRIORITIES))
    index = min(max(waiting.value_index or 0.0, 0.0), 100.0)
    anger = min(max(-waiting.mood, 0.0), 1.0)
    target = waiting.target / MINUTE if waiting.target is not None else float(TARGET_POINTS)
    which = NEXT if waiting.is_next else ""
    found = (
        Reason(f"overdue{which}", OVERDUE_POINTS if waiting.is_overdue else 0),
        Reason(f"target{which}", max(0, TARGET_POINTS - int(target)), target),
        Reason("priority", step * PRIORITY_POINTS, step),
        Reason("mood", round(anger * MOOD_POINTS), round(waiting.mood, 2)),
        Reason("repeat", REPEAT_POINTS if waiting.is_repeat else 0),
        Reason("value", round(index / 100 * VALUE_POINTS), round(index)),
    )
    return tuple(reason for reason in found if reason.points)


def ranked_at(begins_at: datetime, why: Iterable[Reason]) -> datetime:
    """What the queue is ordered by, the earliest first."""
    return begins_at - sum(reason.points for reason in why) * MINUTE


def points_at(ranked: datetime, now: datetime) -> float:
    """The points at this moment."""
    return (now - ranked) / MINUTE


def explained(waited: timedelta, stored: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """All that speaks for a conversation: its wait, then the reasons stored when it was ranked."""
    minutes = waited // MINUTE
    return (Reason("waiting", minutes, max(0, minutes)), *(Reason(**dict(reason)) for reason in stored))


def points_of(waited: timedelta, why: Iterable[Reason]) -> float:
    """The points of such a wait and of what else speaks for it."""
    return waited / MINUTE + sum(reason.points for reason in why if reason.reason != "waiting")


def skill_needed(
    skill: str | None, until: datetime | None, now: datetime, *, kept_until: datetime | None = None
) -> tuple[Reason, ...]:
    """Which skill it needs, and for how many minutes yet only who has it gets it; then whoever is free may.

    Nothing while it is kept for one person, who gets it whatever they know.
    """
    if skill is None or (kept_until is not None and kept_until > now):
        return ()
    if until is not None and until <= now:
        return (Reason("skill_open", 0, None, skill),)
    return (Reason("skill", 0, None if until is None else -((now - until) // MINUTE), skill),)


def order(queue: Sequence[Waiting], now: datetime) -> list[Place]:
    """The queue, next first; equal points go to who came first."""
    ranked = []
    for waiting in queue:
        why = reasons(waiting)
        ranked.append(
            (ranked_at(waiting.begins_at, why), waiting.queued_at, waiting.conversation_id, waiting, why)
        )
    ranked.sort(key=lambda row: row[:3])
    return [
        Place(waiting, n, points_at(key, now), (_wait(waiting, now), *why))
        for n, (key, _, _, waiting, why) in enumerate(ranked, start=1)
    ]


def _wait(waiting: Waiting, now: datetime) -> Reason:
    return explained(now - waiting.begins_at, ())[0]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent as a possible holder; `load` counts the conversations held now."""

    agent_id: int
    load: int
    capacity: int
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    idle_since: datetime | None = None

    def with_one_more(self, now: datetime) -> "Candidate":
        """The same agent, given a conversation now."""
        return replace(self, load=self.load + 1, idle_since=now)


@dataclass(frozen=True, slots=True)
class Choice:
    """The agent a conversation should go to, and why."""

    agent_id: int
    why: tuple[str, ...]


def choose(waiting: Waiting, candidates: Sequence[Candidate]) -> Choice | None:
    """The best free agent among those online who can take it; None when nobody can.

    An agent without languages (or skills) listed takes every language (or skill).
    """
    able = [c for c in candidates if c.load < c.capacity and can_take(c, waiting)]
    if not able:
        return None

    def rank(c: Candidate) -> tuple[bool, bool, bool, bool, bool, float, float, int]:
        idle = c.idle_since.timestamp() if c.idle_since else 0.0
        is_meant, is_last = c.agent_id == waiting.meant_for_id, c.agent_id == waiting.last_agent_id
        return (
            not is_meant,
            c.agent_id == waiting.left_by,
            _lacks(c, waiting),
            not is_last,
            waiting.language not in c.languages,
            c.load / c.capacity,
            idle,
            c.agent_id,
        )

    best = min(able, key=rank)
    why = [f"holds {best.load} of {best.capacity}"]
    if best.agent_id == waiting.last_agent_id:
        why.insert(0, "knows this customer from last time")
    if best.agent_id == waiting.meant_for_id:
        why.insert(0, "it was handed on to them")
    if waiting.language in best.languages:
        why.append(f"speaks {waiting.language}")
    if waiting.skill and waiting.skill in best.skills:
        why.append(f"has the skill {waiting.skill}")
    if waiting.needs is not None:
        lacks = _lacks(best, waiting)
        why.append(
            f"nobody free has the skill {waiting.needs}" if lacks else f"has the skill {waiting.needs}"
        )
    return Choice(best.agent_id, tuple(why))


def can_take(candidate: Candidate, waiting: Waiting) -> bool:
    """Whether it is meant for the agent, or, meant for nobody else, they speak its language, serve its team and have
    the skill it needs."""
    if waiting.meant_for_id == candidate.agent_id:
        return True
    knows = waiting.is_open or not _lacks(candidate, waiting)
    return not waiting.is_kept and knows and _speaks(candidate, waiting) and _can(candidate, waiting)


def is_served(candidates: Iterable[Candidate], language: str, team: str | None) -> bool:
    """Whether one of them can serve such a customer, whomever the conversation is meant for."""
    waiting = Waiting(0, _ANY_TIME, language=language, skill=team)
    return any(can_take(one, waiting) for one in candidates)


def _speaks(candidate: Candidate, waiting: Waiting) -> bool:
    return not candidate.languages or waiting.language in candidate.languages


def _lacks(candidate: Candidate, waiting: Waiting) -> bool:
    """Who names no skills serves every team, but is not taken to know everything."""
    return waiting.needs is not None and waiting.needs not in candidate.skills


def _can(candidate: Candidate, waiting: Waiting) -> bool:
    return waiting.skill is None or not candidate.skills or waiting.skill in candidate.skills
