"""Asking for stars and keeping them. A request belongs to one resolve; its answers are 0-100 per aspect."""

from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import conversations, timers
from crm_store.errors import NotFound
from crm_store.models.conversations import Conversation
from crm_store.models.ratings import Rating, RatingRequest
from crm_store.sentences import Sentence
from crm_store.settings import StoreSettings
from crm_store.timers import TimerKind

OPEN_STATES = ("asked", "rating", "commenting")
STARS = range(1, 6)


def score_of(stars: int) -> float:
    """Stars 1-5 as 0, 25, 50, 75, 100."""
    if stars not in STARS:
        raise ValueError(f"{stars} is no number of stars")
    return (stars - 1) * 25.0


def rating_intent(request_id: int, aspect: str, key: Sentence = Sentence.ASK_RATING) -> dict[str, object]:
    """What a request for stars means to the channel that draws it; sent at most once."""
    return {"rating_request": {"request_id": request_id, "aspect": aspect}, "say": key.value, "once": True}


async def ask(
    session: AsyncSession,
    conversation: Conversation,
    *,
    now: datetime,
    settings: StoreSettings,
    agent_id: int | None = None,
) -> RatingRequest | None:
    """Ask for the first aspect's stars, and set the reminder and the expiry; earlier requests end.

    `agent_id` is whom the stars are about, else who has the conversation. Whether to ask at all is `asking`'s.
    """
    if not settings.aspects:
        return None
    await session.execute(
        update(RatingRequest)
        .where(RatingRequest.customer_id == conversation.customer_id, RatingRequest.state.in_(OPEN_STATES))
        .values(state="expired", finished_at=now)
    )
    expires_at = now + timedelta(hours=settings.rating_expiry_hours)
    request = RatingRequest(
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        agent_id=agent_id or conversation.agent_id,
        state="asked",
        aspects=list(settings.aspects),
        asked_at=now,
        expires_at=expires_at,
    )
    session.add(request)
    await session.flush()
    intent = rating_intent(request.id, settings.aspects[0])
    await conversations.say(session, conversation, author="system", now=now, intent=intent)
    if settings.rating_reminder_hours:
        remind_at = now + timedelta(hours=settings.rating_reminder_hours)
        await timers.schedule(session, TimerKind.RATING_REMINDER, request.id, remind_at)
    await timers.schedule(session, TimerKind.RATING_EXPIRY, request.id, expires_at)
    return request


async def get_request(session: AsyncSession, request_id: int) -> RatingRequest:
    """The request; raises NotFound."""
    found = await session.get(RatingRequest, request_id)
    if found is None:
        raise NotFound(f"there is no rating request {request_id}")
    return found


async def remind(session: AsyncSession, request_id: int, *, now: datetime, settings: StoreSettings) -> bool:
    """One reminder to who has not answered at all, unless they have begun something new."""
    request = await session.get(RatingRequest, request_id)
    if request is None or request.state != "asked" or request.reminded_at is not None or not settings.aspects:
        return False
    conversation = await session.get(Conversation, request.conversation_id)
    if conversation is None:
        return False
    request.reminded_at = now
    intent = rating_intent(request.id, settings.aspects[0], Sentence.RATING_REMINDER)
    await conversations.say(session, conversation, author="system", now=now, intent=intent)
    return True


async def expire(session: AsyncSession, request_id: int, *, now: datetime) -> bool:
    """No more stars are taken; those given stay."""
    done = await session.execute(
        update(RatingRequest)
        .where(RatingRequest.id == request_id, RatingRequest.state.in_(OPEN_STATES))
        .values(state="expired", finished_at=now)
        .returning(RatingRequest.id)
    )
    return done.scalar() is not None


async def record(
    session: AsyncSession,
    customer_id: int,
    aspect: str,
    score: float,
    *,
    now: datetime,
    request: RatingRequest | None = None,
) -> None:
    """Keep one aspect's 0-100; the last word on an aspect of a request counts."""
    if request is not None:
        existing = await session.scalar(
            select(Rating).where(Rating.request_id == request.id, Rating.aspect == aspect)
        )
        if existing is not None:
            existing.score, existing.rated_at = score, now
            return
    await session.execute(
        insert(Rating).values(
            request_id=request.id if request else None,
            conversation_id=request.conversation_id if request else None,
            customer_id=customer_id,
            aspect=aspect,
            score=score,
            rated_at=now,
        )
    )


async def page(
    session: AsyncSession,
    *,
    customer_id: int | None = None,
    agent_id: int | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[tuple[Rating, RatingRequest | None]]:
    """The newest ratings that match, each with the request it answers (which carries the comment)."""
    query = (
        select(Rating, RatingRequest)
        .outerjoin(RatingRequest, RatingRequest.id == Rating.request_id)
        .order_by(Rating.id.desc())
        .limit(limit)
    )
    if customer_id is not None:
        query = query.where(Rating.customer_id == customer_id)
    if agent_id is not None:
        query = query.where(RatingRequest.agent_id == agent_id)
    if before_id is not None:
        query = query.where(Rating.id < before_id)
    return [(rating, request) for rating, request in await session.execute(query)]
