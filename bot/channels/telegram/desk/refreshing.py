"""Keeping the cards of who waits true while only the queue around them moves, with what the group has to spare."""

from collections.abc import Sequence
from typing import Final

import structlog
from telegram.error import BadRequest

from bot.channels.telegram.desk.card import NUMBERED
from bot.channels.telegram.desk.elsewhere import open_chats, retire_others
from bot.channels.telegram.desk.group import StaffGroup
from bot.channels.telegram.desk.pace import Later
from bot.channels.telegram.desk.shown import Standing, standing
from bot.channels.telegram.failures import is_ours
from bot.clock import Clock
from crm_store import desk_cards, desk_standing, desk_topics
from crm_store.desk_cards import Card
from crm_store.desk_topics import Place
from crm_store.engine import Store
from crm_store.errors import NotFound

log = structlog.get_logger(__name__)
LOOK_EVERY_S: Final = 5.0
UNKNOWN: Final = 10
"""So many behind the numbered ones are drawn anew where it is not known whether they tell a number."""


class Refreshing:
    """Draws the first card anew that says something else than the queue does; one with each look."""

    def __init__(self, store: Store, group: StaffGroup, clock: Clock, chats: Sequence[StaffGroup]) -> None:
        self._store, self._group, self._clock, self._chats = store, group, clock, chats
        self._looked_at: float | None = None
        self._refused: dict[str, Standing] = {}
        """Cards that the platform does not let be drawn, with what they were to tell; news of them is posted anyway."""

    async def look(self) -> bool:
        """Whether there was one; raises TelegramError. Half of what the group takes a minute is left to news."""
        pace, steady = self._group.pace, self._group.steady()
        is_early = self._looked_at is not None and steady - self._looked_at < LOOK_EVERY_S
        if is_early or not pace.has_spare:
            return False
        self._looked_at = steady
        found = await self._stale()
        if found is None:
            return False
        self._looked_at = None  # there may be more
        place, card = found
        try:
            await retire_others(self._store, self._group, self._chats, card)
            await self._group.draw(place, card)
        except Exception as error:
            if not (isinstance(error, BadRequest) or (is_ours(error) and not isinstance(error, Later))):
                raise
            # Of this card alone: nothing else has to wait for it.
            log.warning("a card in the staff group could not be drawn anew", error=repr(error))
            self._refused[place.card or ""] = standing(card)
        return True

    async def _stale(self) -> tuple[Place, Card] | None:
        now, chat, shown = self._clock(), self._group.key, self._group.shown
        chats = open_chats(self._chats)
        first, numbered = NUMBERED + UNKNOWN, shown.numbered()
        async with self._store.read() as session:
            waiting = await desk_standing.waiting_cards(
                session, chat, chats, now=now, first=first, besides=numbered
            )
            there = {one.card for one in waiting}
            self._refused = {card: told for card, told in self._refused.items() if card in there}
            for one in waiting:
                told = standing(one)
                is_refused = self._refused.get(one.card) == told
                if is_refused or shown.is_offering(one.card) or shown.stands(one.card, told):
                    continue
                try:
                    card = await desk_cards.card(
                        session, one.conversation_id, now=now, chat=chat, chats=chats
                    )
                except NotFound:  # erased in between
                    continue
                place = await desk_topics.find(session, chat, one.customer_id)
                return (place, card) if place is not None else None
        return None
