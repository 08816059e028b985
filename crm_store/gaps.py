"""Questions the bot could not answer: read by those who write articles, and closed when one is written."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import queue_rules
from crm_store.errors import InvalidValue, NotFound
from crm_store.models.conversations import Conversation, Handoff
from crm_store.models.knowledge import Gap
from crm_store.models.ratings import Rating
from crm_store.targets import UNDONE

OPEN, CLOSED, ANSWERED = "open", "closed", "answered"
STATES = (OPEN, CLOSED)
"""What people make of one; the third is found out."""


async def page(
    session: AsyncSession,
    *,
    state: str | None = None,
    language: str | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Gap]:
    """The newest gaps that match."""
    query = select(Gap).order_by(Gap.id.desc()).limit(limit)
    if state is not None:
        query = query.where(Gap.state == state)
    if language is not None:
        query = query.where(Gap.language == language)
    if before_id is not None:
        query = query.where(Gap.id < before_id)
    return list(await session.scalars(query))


async def set_state(session: AsyncSession, gap_id: int, state: str) -> Gap:
    """The gap, open or closed; raises NotFound or InvalidValue."""
    if state not in STATES:
        raise InvalidValue(f"a gap is {' or '.join(STATES)}, not '{state}'")
    gap = await session.get(Gap, gap_id)
    if gap is None:
        raise NotFound(f"there is no gap {gap_id}")
    gap.state = state
    await session.flush()
    return gap


@dataclass(frozen=True, slots=True)
class OpenGap:
    """An open gap with what followed from it in its conversation; of several there, the last before a hand-over."""

    gap: Gap
    customer_id: int
    was_handed_off: bool
    waited: timedelta
    """For a person, after the question, in all; of the time in which people are there."""
    score: float | None
    """The mean of the conversation's ratings, 0-100."""


async def open_ones(
    session: AsyncSession, *, now: datetime, language: str | None = None, limit: int
) -> list[OpenGap]:
    """The newest open gaps, oldest first."""
    query = (
        select(Gap, Conversation.customer_id, Conversation.team)
        .join(Conversation, Conversation.id == Gap.conversation_id)
        .where(Gap.state == "open")
        .order_by(Gap.id.desc())
        .limit(limit)
    )
    if language is not None:
        query = query.where(Gap.language == language)
    rows = (await session.execute(query)).all()
    conversations = {row[0].conversation_id for row in rows}
    calendars = (await queue_rules.counted_hours(session)).calendars
    handoffs = await _handoffs(session, conversations)
    scores = await _scores(session, conversations)
    found = []
    for gap, customer_id, team in reversed(rows):
        after = handoffs[gap.id]
        waits = [calendars.waited(team, each.queued_at, each.ended_at or now) for each in after]
        score = scores.get(gap.conversation_id)
        found.append(OpenGap(gap, customer_id, bool(after), sum(waits, timedelta()), score))
    return found


async def _handoffs(session: AsyncSession, conversations: Collection[int]) -> dict[int, list[Handoff]]:
    """The hand-overs by the gap they followed from: the last before them, closed ones included."""
    asked: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    gaps = select(Gap.conversation_id, Gap.created_at, Gap.id).where(Gap.conversation_id.in_(conversations))
    for conversation_id, created_at, number in await session.execute(gaps.order_by(Gap.id)):
        asked[conversation_id].append((created_at, number))
    found: dict[int, list[Handoff]] = defaultdict(list)
    query = select(Handoff).where(
        Handoff.conversation_id.in_(conversations), Handoff.outcome.is_distinct_from(UNDONE)
    )
    for handoff in await session.scalars(query):
        before = [
            gap for created_at, gap in asked[handoff.conversation_id] if created_at <= handoff.queued_at
        ]
        if before:
            found[before[-1]].append(handoff)
    return found


async def _scores(session: AsyncSession, conversations: Collection[int]) -> dict[int, float]:
    query = (
        select(Rating.conversation_id, func.avg(Rating.score))
        .where(Rating.conversation_id.in_(conversations))
        .group_by(Rating.conversation_id)
    )
    return {number: float(mean) for number, mean in await session.execute(query)}


async def of(session: AsyncSession, gap_ids: Collection[int]) -> list[Gap]:
    """These gaps by number; raises NotFound naming the first that is missing."""
    found = {gap.id: gap for gap in await session.scalars(select(Gap).where(Gap.id.in_(gap_ids)))}
    for number in gap_ids:
        if number not in found:
            raise NotFound(f"there is no gap {number}")
    return [found[number] for number in sorted(found)]


@dataclass(frozen=True, slots=True)
class AskedGap:
    """A question that waits for an answer, or has found one; `denied`: the article that somebody says is none."""

    id: int
    question: str
    language: str
    asked_at: datetime
    answered_by: str | None
    denied: str | None


async def to_decide(session: AsyncSession, *, before_id: int | None = None, limit: int) -> list[AskedGap]:
    """The newest that nobody closed, before this one."""
    columns = (Gap.id, Gap.question, Gap.language, Gap.created_at, Gap.state, Gap.answered_by)
    query = select(*columns).where(Gap.state != CLOSED).order_by(Gap.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(Gap.id < before_id)
    return [
        AskedGap(number, question, language, at, *((None, key) if state == OPEN else (key, None)))
        for number, question, language, at, state, key in await session.execute(query)
    ]


async def mark_answered(session: AsyncSession, found: Mapping[int, str | None]) -> int:
    """Close these as answered by the article with this key, or open them again where none does; how many it closed.

    What somebody closed meanwhile stays closed.
    """
    by_key: dict[str | None, list[int]] = defaultdict(list)
    for number, key in found.items():
        by_key[key].append(number)
    closed = 0
    for key, numbers in by_key.items():
        query = update(Gap).where(Gap.id.in_(numbers))
        if key is None:
            await session.execute(query.where(Gap.state == ANSWERED).values(state=OPEN, answered_by=None))
        else:
            query = query.where(Gap.state != CLOSED).values(state=ANSWERED, answered_by=key)
            closed += len((await session.scalars(query.returning(Gap.id))).all())
    return closed


async def close_known(session: AsyncSession, gap_ids: Sequence[int]) -> int:
    """`close`, where some of them may be gone meanwhile with whoever asked."""
    there = await session.scalars(select(Gap.id).where(Gap.id.in_(gap_ids)))
    return await close(session, list(there))


async def close(session: AsyncSession, gap_ids: Sequence[int]) -> int:
    """How many of these were open and are closed now; raises NotFound as `of` does."""
    await of(session, gap_ids)
    query = update(Gap).where(Gap.id.in_(gap_ids), Gap.state == "open").values(state="closed")
    closed = await session.scalars(query.returning(Gap.id))
    return len(closed.all())
