"""Where each customer stands in the staff group: their topic and the card pinned in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, delete, exists, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk_matter, desk_posts, key_values, links
from crm_store.models.customers import Customer
from crm_store.models.plumbing import DeskTopic, KeyValue

MOVED_KEY = "staff_group_moved:"
ASKED_KEY = "staff_topic_asked:"
"""With a chat and a customer: a topic was asked for who has a card without one."""
LEAD_ON = "lead_on"
"""A post: the cards that the customer had while the group had no topics are to lead to their topic."""


@dataclass(frozen=True, slots=True)
class Place:
    """A customer's place; without a thread the group has no topics (or this one is yet to be made)."""

    customer_id: int
    thread: str | None = None
    card: str | None = None


async def find(session: AsyncSession, chat: str, customer_id: int) -> Place | None:
    """The customer's place in the group."""
    return await _one(session, chat, DeskTopic.customer_id == customer_id)


async def by_thread(session: AsyncSession, chat: str, thread: str) -> Place | None:
    """Whose topic it is."""
    return await _one(session, chat, DeskTopic.thread == thread)


async def by_card(session: AsyncSession, chat: str, card: str) -> Place | None:
    """Whose card it is."""
    return await _one(session, chat, DeskTopic.card_platform_id == card)


async def elsewhere(session: AsyncSession, chat: str, customer_id: int) -> list[tuple[str, str]]:
    """The customer's cards in other chats: (chat, card)."""
    query = select(DeskTopic.chat, DeskTopic.card_platform_id).where(
        DeskTopic.customer_id == customer_id, DeskTopic.chat != chat, DeskTopic.card_platform_id.is_not(None)
    )
    return [(str(where), str(card)) for where, card in await session.execute(query)]


async def _one(session: AsyncSession, chat: str, condition: ColumnElement[bool]) -> Place | None:
    row = await session.scalar(select(DeskTopic).where(DeskTopic.chat == chat, condition).limit(1))
    return None if row is None else Place(row.customer_id, row.thread, row.card_platform_id)


async def keep(session: AsyncSession, chat: str, place: Place, *, now: datetime) -> None:
    """Remember the place as it is now; one with a topic waits for none. A card it had may still be answered."""
    old = await find(session, chat, place.customer_id)
    if old is not None and old.card is not None and old.card != place.card:
        await links.link_card(session, place.customer_id, channel="telegram", chat=chat, card=old.card)
    if place.thread is not None:
        await refused(session, chat, place.customer_id)
        if old is None or old.thread != place.thread:
            await _lead_on(session, chat, place.customer_id, now)
    values = {"thread": place.thread, "card_platform_id": place.card}
    done = await session.execute(
        update(DeskTopic)
        .where(DeskTopic.chat == chat, DeskTopic.customer_id == place.customer_id)
        .values(**values)
        .returning(DeskTopic.id)
        .execution_options(synchronize_session=False)
    )
    if done.first() is None:
        session.add(DeskTopic(chat=chat, customer_id=place.customer_id, created_at=now, **values))
        await session.flush()


async def _lead_on(session: AsyncSession, chat: str, customer_id: int, now: datetime) -> None:
    """A post of its own: what is not done at once, as the chat takes no more just then, is done later."""
    matter = await desk_matter.matter_of(session, customer_id)
    if matter is not None and await links.cards_of(session, customer_id, chat=chat):
        await desk_posts.add(session, conversation_id=matter, customer_id=customer_id, kind=LEAD_ON, now=now)


async def ask(session: AsyncSession, chat: str, customer_id: int, *, now: datetime) -> None:
    """From here on the customer may have a topic that nobody has the number of; a card they have remains theirs."""
    place = await find(session, chat, customer_id)
    if place is None or place.card is None:
        await keep(session, chat, Place(customer_id), now=now)
    else:
        await key_values.keep(session, _asked(chat, customer_id), now.isoformat())


async def is_asked(session: AsyncSession, chat: str, place: Place | None) -> bool:
    """Whether the customer may have a topic that nobody has the number of."""
    if place is None or place.thread is not None:
        return False
    return place.card is None or await key_values.known(session, _asked(chat, place.customer_id)) is not None


async def refused(session: AsyncSession, chat: str, customer_id: int) -> None:
    """The chat has no topics, so there is none."""
    await key_values.forget(session, _asked(chat, customer_id))


def _asked(chat: str, customer_id: int) -> str:
    return f"{ASKED_KEY}{chat}:{customer_id}"


async def adopt(session: AsyncSession, chat: str, thread: str, name: str) -> int | None:
    """Whose topic this is, which nobody has the number of yet: of who waits for one, the only one, or of that name."""
    if await by_thread(session, chat, thread) is not None:
        return None
    asked_for = exists().where(
        KeyValue.key == literal(_asked(chat, 0)[:-1]) + cast(DeskTopic.customer_id, String)
    )
    query = (
        select(DeskTopic, Customer.name)
        .join(Customer, Customer.id == DeskTopic.customer_id)
        .where(DeskTopic.chat == chat, DeskTopic.thread.is_(None))
        .where(DeskTopic.card_platform_id.is_(None) | asked_for)
        .limit(50)
    )
    waiting = (await session.execute(query)).all()
    meant = waiting if len(waiting) == 1 else [one for one in waiting if one[1] == name]
    if len(meant) != 1:
        return None
    found: int = meant[0][0].customer_id
    await keep(session, chat, Place(found, thread), now=meant[0][0].created_at)
    return found


async def move_group(session: AsyncSession, old: str, new: str) -> None:
    """The group became another chat: topics and cards are made anew there."""
    await session.execute(delete(DeskTopic).where(DeskTopic.chat == old))
    await key_values.keep(session, MOVED_KEY + old, new)


async def present_group(session: AsyncSession, configured: str) -> str:
    """Where the configured group is today."""
    chat, visited = configured, {configured}
    while moved := await key_values.known(session, MOVED_KEY + chat):
        if moved in visited:
            break
        visited.add(moved)
        chat = moved
    return chat
