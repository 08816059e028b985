"""How the store is: numbers for the doctor and for readiness."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk_load, parking, scores
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer
from crm_store.models.knowledge import ArticleRow
from crm_store.models.plumbing import DeskPost, ParkedUpdate, Timer
from crm_store.models.staff import Agent


@dataclass(frozen=True, slots=True)
class State:
    """The store's numbers."""

    is_sound: bool
    customers: int
    conversations: int
    articles: int
    admins: int
    parked: int
    failed_timers: int
    dead: int
    unsent: int
    failing_posts: desk_load.Failing | None
    scored_at: datetime | None
    """When all customers were scored last."""


async def state(session: AsyncSession) -> State:
    """The numbers now; on SQLite with a quick integrity check."""
    is_sound = True
    if session.get_bind().dialect.name == "sqlite":
        is_sound = await session.scalar(text("PRAGMA quick_check(1)")) == "ok"

    async def count(query: object, *conditions: object) -> int:
        return int(await session.scalar(select(func.count()).select_from(query).where(*conditions)) or 0)  # type: ignore[arg-type]

    return State(
        is_sound=is_sound,
        customers=await count(Customer),
        conversations=await count(Conversation),
        articles=await count(ArticleRow),
        admins=await count(Agent, Agent.role == "admin", Agent.disabled_at.is_(None)),
        parked=await count(ParkedUpdate, parking.is_open()),
        failed_timers=await count(Timer, Timer.error.is_not(None)),
        dead=await count(Message, Message.delivery.in_(("dead", "ambiguous"))),
        unsent=await count(Message, Message.delivery.in_(("pending", "sending"))),
        failing_posts=await desk_load.failing(session),
        scored_at=await _scored_at(session),
    )


async def backlog(session: AsyncSession) -> dict[str, int]:
    """What lies about, by the name of its gauge."""
    queries = {
        "frontdesk_messages_unsent": select(func.count()).where(Message.delivery.in_(("pending", "sending"))),
        "frontdesk_posts_unsent": select(func.count()).select_from(DeskPost).where(desk_load.IS_UNSENT),
        "frontdesk_messages_undeliverable": select(func.count()).where(
            Message.delivery.in_(("dead", "ambiguous"))
        ),
        "frontdesk_updates_parked": select(func.count()).where(parking.is_open()),
    }
    found = {name: int(await session.scalar(query) or 0) for name, query in queries.items()}
    scored_at = await _scored_at(session)
    return found | {"frontdesk_scores_computed_seconds": int(scored_at.timestamp()) if scored_at else 0}


async def _scored_at(session: AsyncSession) -> datetime | None:
    run = await scores.latest_run(session)
    return None if run is None else run.computed_at


async def answers(session: AsyncSession) -> bool:
    """Whether the database answers at all; its errors are the caller's."""
    return bool(await session.scalar(text("SELECT 1")) == 1)
