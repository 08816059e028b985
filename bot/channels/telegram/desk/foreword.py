"""What was said before the staff came to it, as a part of the customer's first card.

A post of its own would halve how many new customers the group can take in a minute.
"""

from dataclasses import replace
from datetime import datetime

from bot.channels.telegram.desk.card import fits_in_card
from crm_store import desk_lines, desk_posts, desk_topics, links
from crm_store.desk_cards import Card
from crm_store.desk_topics import Place
from crm_store.engine import Store


async def with_unseen(store: Store, card: Card, language: str) -> Card:
    """The card with the earlier words; without them where they are too long for it: those are posted below."""
    if card.status not in desk_posts.WITH_STAFF:
        return card
    async with store.read() as session:
        lines = await desk_lines.unseen(session, card.conversation_id)
    return replace(card, before=tuple(lines)) if fits_in_card(lines, card, language) else card


async def keep_card(
    store: Store, chat: str, place: Place, card: Card, *, instead_of: str | None, owes: bool, now: datetime
) -> None:
    """The place with its new card, and what that tells of before, or `owes`: noted together, to be told once."""
    number = place.card or ""
    async with store.write() as session:
        await desk_topics.keep(session, chat, place, now=now)
        if owes:
            await desk_lines.owe_history(session, card.conversation_id, card.customer_id, now=now)
        if instead_of is not None:  # also what it tells of another conversation than this one
            await desk_lines.move_to_card(session, card.customer_id, chat=chat, old=instead_of, card=number)
        elif card.before:
            up_to = card.before[-1].message_id
            own = (card.conversation_id, card.customer_id)
            await desk_lines.tell_in_card(session, *own, chat=chat, card=number, up_to=up_to, now=now)


async def note_told(store: Store, chat: str, customer_id: int, message_id: int, platform_id: str) -> None:
    """What was said up to this message stands in this post; nothing of it is owed any more."""
    async with store.write() as session:
        where = {"side": "history", "channel": "telegram", "chat": chat}
        await links.link(session, message_id, **where, platform_id=platform_id)
        await desk_lines.pay_history(session, customer_id)
