"""The order of the queue and the choice of an agent, each with its reason. Pure.

Points: one per minute of waiting, plus bonuses that are bounded (`MAX_BONUS`). Because waiting grows without
bound and everything else does not, whoever has waited `MAX_BONUS` minutes longer than another goes first
whatever the other's bonuses are: nobody starves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

PRIORITY_POINTS = 15.0
"""Per step of priority, of which there are -2 (low) to 3 (urgent)."""
PRIORITIES = range(-2, 4)
REPEAT_POINTS = 5.0
"""For a customer who was here within the last days already."""
VALUE_POINTS = 10.0
"""For the most valuable customer; value index 0-100 counts in proportion."""
MAX_BONUS = PRIORITY_POINTS * (max(PRIORITIES) - min(PRIORITIES)) + REPEAT_POINTS + VALUE_POINTS


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued conversation, as far as its order goes."""

    conversation_id: int
    queued_at: datetime
    priority: int = 0
    is_repeat: bool = False
    value_index: float | None = None
    language: str = "en"
    skill: str | None = None
    last_agent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation stands, and why."""

    waiting: Waiting
    position: int
    points: float
    why: tuple[str, ...]


def order(queue: Sequence[Waiting], now: datetime) -> list[Place]:
    """The queue, next first; equal points go to who came first."""
    scored = [(*_points(waiting, now), waiting) for waiting in queue]
    scored.sort(key=lambda row: (-row[0], row[2].queued_at, row[2].conversation_id))
    return [Place(waiting, n, points, why) for n, (points, why, waiting) in enumerate(scored, start=1)]


def _points(waiting: Waiting, now: datetime) -> tuple[float, tuple[str, ...]]:
    minutes = max(0.0, (now - waiting.queued_at).total_seconds() / 60)
    parts = [(minutes, f"waiting {minutes:.0f} min")]
    if waiting.priority:
        step = min(max(waiting.priority, min(PRIORITIES)), max(PRIORITIES))
        parts.append((step * PRIORITY_POINTS, f"priority {step:+d}"))
    if waiting.is_repeat:
        parts.append((REPEAT_POINTS, "contacted us before in the last days"))
    if waiting.value_index is not None:
        share = min(max(waiting.value_index, 0.0), 100.0) / 100
        parts.append((share * VALUE_POINTS, f"customer value {waiting.value_index:.0f} of 100"))
    return sum(points for points, _ in parts), tuple(f"{text} ({points:+.0f})" for points, text in parts)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent as a possible holder; `load` counts the conversations held now."""

    agent_id: int
    load: int
    capacity: int
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    idle_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The agent a conversation should go to, and why."""

    agent_id: int
    why: tuple[str, ...]


def choose(waiting: Waiting, candidates: Sequence[Candidate]) -> Choice | None:
    """The best free agent among those online who can take it; None when nobody can.

    An agent without languages (or skills) listed takes every language (or skill).
    """
    able = [c for c in candidates if c.load < c.capacity and _speaks(c, waiting) and _can(c, waiting)]
    if not able:
        return None

    def rank(c: Candidate) -> tuple[bool, bool, float, float, int]:
        idle = c.idle_since.timestamp() if c.idle_since else 0.0
        is_last = c.agent_id == waiting.last_agent_id
        return (not is_last, waiting.language not in c.languages, c.load / c.capacity, idle, c.agent_id)

    best = min(able, key=rank)
    why = [f"holds {best.load} of {best.capacity}"]
    if best.agent_id == waiting.last_agent_id:
        why.insert(0, "knows this customer from last time")
    if waiting.language in best.languages:
        why.append(f"speaks {waiting.language}")
    if waiting.skill and waiting.skill in best.skills:
        why.append(f"has the skill {waiting.skill}")
    return Choice(best.agent_id, tuple(why))


def _speaks(candidate: Candidate, waiting: Waiting) -> bool:
    return not candidate.languages or waiting.language in candidate.languages


def _can(candidate: Candidate, waiting: Waiting) -> bool:
    return waiting.skill is None or not candidate.skills or waiting.skill in candidate.skills
