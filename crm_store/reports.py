"""Read-only rows for reports on the bot and on ratings in a range [start, end); shares are made above."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Date, String, and_, case, cast, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import parts
from crm_store.asked import QUESTIONS
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation, Message, StatusChange
from crm_store.models.ratings import AnswerFeedback, Rating, RatingRequest
from crm_store.service_reports import needs_person, within

QUESTION_DECISIONS = ("answer", "suggest", "unknown")


class Questions(NamedTuple):
    """Customers' free-text questions to the bot, by what it made of them."""

    asked: int
    """Those, too, whose answer lacked facts of the customer's own."""
    answered: int
    suggested: int
    unknown: int


class Conversations(NamedTuple):
    """Conversations begun in the range; of those with a question, how many needed a person."""

    begun: int
    with_question: int
    handed_off: int
    """Of those with a question: queued or taken by a person at any time."""
    deflected: int
    """Of those with a question: the bot answered, nobody was needed, no answer was called unhelpful."""


class Feedback(NamedTuple):
    """Answers to 'did this help?'."""

    helped: int
    not_helped: int


class RatedResolution(NamedTuple):
    """One answered rating request: CSAT is the share of these whose mean is four stars (75) or more."""

    request_id: int
    conversation_id: int
    agent_id: int | None
    """None where the bot resolved: bot and people are rated apart."""
    channel: str
    asked_at: datetime
    mean: float
    """Over the aspects answered, 0-100."""


class AskedRating(NamedTuple):
    """One rating request, answered or not."""

    request_id: int
    agent_id: int | None
    """Whom it is about; None where their record is gone."""
    asked_at: datetime
    scores: dict[str, float]
    """0-100 by aspect; empty where nobody answered."""
    aspects: tuple[str, ...] = ()
    """What it asked for."""

    @property
    def asked_for(self) -> frozenset[str]:
        """The aspects one could rate; what was rated was asked for, also where the settings changed meanwhile."""
        return frozenset((*self.aspects, *self.scores))


class AspectDay(NamedTuple):
    """The ratings of one aspect on one UTC day."""

    day: str
    """As 2026-11-21."""
    aspect: str
    mean: float
    ratings: int


def _share_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _is_question() -> ColumnElement[bool]:
    """A customer's question that was the bot's to answer: not one said to an agent, or while waiting for one."""
    before = (
        select(StatusChange.to_status)
        .where(
            StatusChange.conversation_id == Message.conversation_id,
            StatusChange.changed_at < Message.created_at,
        )
        .order_by(StatusChange.id.desc())
        .limit(1)
        .correlate(Message)
        .scalar_subquery()
    )
    return and_(
        Message.author == "customer",
        Message.decision.in_(QUESTIONS),
        func.coalesce(before, Status.BOT) == Status.BOT,
    )


async def questions(session: AsyncSession, start: datetime, end: datetime) -> Questions:
    """What was asked, and what the bot made of it."""
    counts = (_share_of(Message.decision == decision) for decision in QUESTION_DECISIONS)
    wanted = select(func.count(), *counts).where(within(Message.created_at, start, end), _is_question())
    return Questions._make((await session.execute(wanted)).one())


async def conversations(session: AsyncSession, start: datetime, end: datetime) -> Conversations:
    """What was begun, and how much of it needed a person, whenever it did."""
    of_it = Message.conversation_id == Conversation.id
    change_of_it = StatusChange.conversation_id == Conversation.id
    each = (
        select(
            exists().where(of_it, _is_question()).label("question"),
            exists().where(change_of_it, needs_person(StatusChange)).label("person"),
            exists().where(of_it, Message.author == "bot", Message.decision == "answer").label("answer"),
            exists()
            .where(AnswerFeedback.conversation_id == Conversation.id, AnswerFeedback.helped.is_(False))
            .label("unhelpful"),
        )
        .where(within(Conversation.created_at, start, end))
        .subquery()
        .c
    )
    deflected = and_(each.question, each.answer, ~each.person, ~each.unhelpful)
    row = await session.execute(
        select(
            func.count(),
            _share_of(each.question),
            _share_of(and_(each.question, each.person)),
            _share_of(deflected),
        ).select_from(each.question.table)
    )
    return Conversations._make(row.one())


async def feedback(session: AsyncSession, start: datetime, end: datetime) -> Feedback:
    """How often an answer helped, by the last word on each."""
    row = await session.execute(
        select(_share_of(AnswerFeedback.helped.is_(True)), _share_of(AnswerFeedback.helped.is_(False))).where(
            within(AnswerFeedback.created_at, start, end)
        )
    )
    return Feedback._make(row.one())


async def rated_resolutions(session: AsyncSession, start: datetime, end: datetime) -> list[RatedResolution]:
    """The answered rating requests of those asked in the range, by id."""
    query = (
        select(
            RatingRequest.id,
            RatingRequest.conversation_id,
            RatingRequest.agent_id,
            Conversation.channel,
            RatingRequest.asked_at,
            func.avg(Rating.score),
        )
        .join(Rating, Rating.request_id == RatingRequest.id)
        .join(Conversation, Conversation.id == RatingRequest.conversation_id)
        .where(within(RatingRequest.asked_at, start, end))
        .group_by(RatingRequest.id, Conversation.channel)
        .order_by(RatingRequest.id)
    )
    return [RatedResolution._make(row) async for row in parts.rows(session, query)]


_ASKED = (RatingRequest.id, RatingRequest.agent_id, RatingRequest.asked_at, RatingRequest.aspects)


async def asked_ratings(session: AsyncSession, start: datetime, end: datetime) -> list[AskedRating]:
    """Every rating request of the range with what was given to it, by id."""
    query = (
        select(*_ASKED, Rating.aspect, Rating.score)
        .outerjoin(Rating, Rating.request_id == RatingRequest.id)
        .where(within(RatingRequest.asked_at, start, end))
        .order_by(RatingRequest.id, Rating.id)
    )
    found: dict[int, AskedRating] = {}
    async for number, agent_id, asked_at, aspects, aspect, score in parts.rows(session, query):
        request = found.setdefault(number, AskedRating(number, agent_id, asked_at, {}, tuple(aspects)))
        if aspect is not None:
            request.scores[aspect] = score
    return list(found.values())


async def rating_requests(session: AsyncSession, start: datetime, end: datetime) -> int:
    """How many ratings were asked for: the other side of a rating's response rate."""
    wanted = select(func.count(RatingRequest.id)).where(within(RatingRequest.asked_at, start, end))
    return int(await session.scalar(wanted) or 0)


async def ratings_by_day(session: AsyncSession, start: datetime, end: datetime) -> list[AspectDay]:
    """The ratings by aspect over time, by day and aspect."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    in_utc = Rating.rated_at if on_sqlite else func.timezone("UTC", Rating.rated_at)
    day = func.date(in_utc) if on_sqlite else cast(cast(in_utc, Date), String)
    rows = await session.execute(
        select(day, Rating.aspect, func.avg(Rating.score), func.count())
        .where(within(Rating.rated_at, start, end))
        .group_by(day, Rating.aspect)
        .order_by(day, Rating.aspect)
    )
    return [AspectDay._make(row) for row in rows]
