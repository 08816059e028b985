"""The staff group on the platform: customers' topics and cards, made once and made anew when somebody deletes them."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from telegram.error import BadRequest, TelegramError

from bot.channels.base import Outcome
from bot.channels.telegram.api import Api
from bot.channels.telegram.desk.card import card_buttons, card_text, history_parts, topic_name
from bot.channels.telegram.desk.foreword import keep_card, note_told, with_unseen
from bot.channels.telegram.desk.pace import GroupPace, Later
from bot.channels.telegram.desk.shown import ShownCards
from bot.channels.telegram.failures import (
    EDIT_GONE,
    TOPIC_CLOSED,
    TOPIC_GONE,
    UNCHANGED,
    delivery_failed,
    says,
)
from bot.channels.telegram.weighing import call_weight
from bot.clock import Clock
from crm_store import desk, desk_lines, desk_posts, desk_topics
from crm_store.desk_cards import Card
from crm_store.desk_topics import Place
from crm_store.engine import Store

log = structlog.get_logger(__name__)
NO_PREVIEW = {"is_disabled": True}
PLAIN_FOR_S = 600.0
DOUBT_S = 3.0
"""A topic whose making was not answered is heard of within this time, if it was made."""
NO_TOPICS = ("not a forum", "not enough rights", "chat_admin_required", "topics are disabled")


class StaffGroup:
    """One group. Without topics, or without the right to make them, cards stand in the plain group."""

    def __init__(
        self,
        api: Api,
        store: Store,
        clock: Clock,
        chat: int,
        pace: GroupPace,
        *,
        language: str = "en",
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.api, self.chat, self.pace, self.language = api, chat, pace, language
        self._store, self._clock, self.steady = store, clock, steady
        self._plain_until = 0.0
        self.is_away = False
        """Nobody can be written to there: blocked, or thrown out. Its customers go to the other chats meanwhile."""
        self._began = steady()
        self.shown = ShownCards(steady)
        self.before_last: Callable[[int], Awaitable[None]] | None = None
        """What may have to be said before a turn that uses the minute up."""
        self._making: dict[int, float] = {}
        """When a topic was asked for that has not been heard of, by customer."""

    @property
    def key(self) -> str:
        """The chat as the store names it."""
        return str(self.chat)

    async def call(self, method: str, **params: Any) -> Any:
        """A call into the group, in its turn."""
        await self.pace.turn(call_weight(method, params), before=self.before_last)
        return await self.api.call(method, chat_id=self.chat, **params)

    async def post(self, place: Place, card: Card, method: str, **params: Any) -> tuple[Place, Any]:
        """Post into the customer's topic; the place is another one when the topic had to be made anew."""
        try:
            return place, await self._there(place, method, **self._aim(place), **params)
        except BadRequest as error:
            if place.thread is None or not says(error, *TOPIC_GONE):
                raise
            log.warning("a customer's topic is gone; it is made anew", customer=card.customer_id)
        place = await self.open(card, again=True)
        return place, await self._there(place, method, **self._aim(place), **params)

    async def _there(self, place: Place, method: str, **params: Any) -> Any:
        """A call into the customer's topic; one that somebody closed is opened again."""
        try:
            return await self.call(method, **params)
        except BadRequest as error:
            if place.thread is None or not says(error, TOPIC_CLOSED):
                raise
        thread = int(place.thread)
        await self.api.call("reopenForumTopic", chat_id=self.chat, message_thread_id=thread)
        return await self.call(method, **params)

    def _aim(self, place: Place) -> dict[str, Any]:
        if place.thread is not None:
            return {"message_thread_id": int(place.thread)}
        return {}

    def about(self, place: Place) -> dict[str, Any]:
        """In a plain group everything about a customer answers their card."""
        if place.thread is None and place.card is not None:
            return {"reply_parameters": {"message_id": int(place.card), "allow_sending_without_reply": True}}
        return {}

    async def place_of(self, card: Card) -> tuple[Place, bool]:
        """The customer's place, and whether it was made (its card drawn) just now."""
        async with self._store.read() as session:
            place = await desk_topics.find(session, self.key, card.customer_id)
            is_elsewhere = bool(await desk_topics.elsewhere(session, self.key, card.customer_id))
        is_whole = place is not None and place.card is not None
        if place is not None and is_whole and (place.thread is not None or not self.has_topics):
            return place, False
        opened = await self.open(card, tells=is_elsewhere)
        return opened, place is None or opened.card != place.card

    async def open(self, card: Card, *, again: bool = False, tells: bool = False) -> Place:
        """Make the topic (once: what is made is remembered before anything else is tried) and its card.

        Where it replaces another (`again`, or in another chat) it `tells` what was said so far. Until the number of a
        topic is known a card in the plain group goes on being the customer's: agents answer it meanwhile.
        """
        async with self._store.read() as session:
            place = await desk_topics.find(session, self.key, card.customer_id)
            is_asked = await desk_topics.is_asked(session, self.key, place)
            tells = (
                tells
                or again
                or (place is not None and await desk_lines.was_shown(session, card.conversation_id))
            )
        if place is not None and place.thread is not None and not again:
            try:
                return await self._send_card(place, card, tells=tells)
            except BadRequest as error:
                if not says(error, *TOPIC_GONE):
                    raise
                # Deleted before its card stood in it: nothing that was told there has to be told again.
        if self.has_topics:
            self._wait_for_word(card.customer_id, is_asked=is_asked)
            async with self._store.write() as session:
                if again:
                    await desk_topics.keep(session, self.key, Place(card.customer_id), now=self._clock())
                await desk_topics.ask(session, self.key, card.customer_id, now=self._clock())
        thread = await self._make_topic(card) if self.has_topics else None
        if thread is None and place is not None and place.thread is None and place.card is not None:
            async with self._store.write() as session:
                await desk_topics.refused(session, self.key, card.customer_id)
            return place
        place = Place(card.customer_id, thread)
        async with self._store.write() as session:
            await desk_topics.keep(session, self.key, place, now=self._clock())
        return await self._send_card(place, card, tells=tells)

    def begin(self) -> None:
        """Posting begins now; what was being made before may still be heard of."""
        self._began = self.steady()
        self.shown.clear()  # another process may have posted meanwhile

    async def adopt(self, thread: str, name: str) -> None:
        """The platform tells of a topic of ours: whose it is may have been lost with its answer, or with a process."""
        async with self._store.write() as session:
            await desk_topics.adopt(session, self.key, thread, name)

    def _wait_for_word(self, customer_id: int, *, is_asked: bool) -> None:
        """Raises Later while a topic may be on its way that nobody has the number of."""
        if is_asked:
            left = self._making.get(customer_id, self._began) + DOUBT_S - self.steady()
            if left > 0:
                raise Later(timedelta(seconds=left))

    async def draw(self, place: Place, card: Card) -> Place:
        """Bring the card up to date."""
        if place.card is None:
            return await self._send_card(place, card)
        card = self.shown.without_told(place.card, card)
        text, markup = card_text(card, self.language), card_buttons(card, self.language)
        if self.shown.is_same(place.card, text, markup):
            return place
        self.shown.forget(place.card)  # until it is known to have arrived
        choices = self.shown.choices(place.card, markup)
        try:
            await self._there(
                place,
                "editMessageText",
                message_id=int(place.card),
                text=text,
                reply_markup=choices or markup,
                link_preview_options=NO_PREVIEW,
            )
        except BadRequest as error:
            if says(error, *EDIT_GONE, *TOPIC_GONE):
                return await self._replace_card(place, card)
            if not says(error, UNCHANGED):
                raise
        if choices is None:  # else its buttons are still to come back
            self.shown.note(place.card, card, text, markup)
        return place

    async def move(self, new_chat: int) -> None:
        """The group has another id from now on."""
        log.warning("the staff group moved; set FRONTDESK_TELEGRAM_STAFF_GROUP to its new id", chat=new_chat)
        async with self._store.write() as session:
            await desk_topics.move_group(session, self.key, str(new_chat))
            await desk.move_group(session, self.key, str(new_chat))
            chats = await desk.groups(session)
            await desk_posts.catch_up(session, chats=chats, now=self._clock())
        self.chat = new_chat

    @property
    def is_private(self) -> bool:
        """It is one agent's own chat with the bot."""
        return self.chat > 0

    @property
    def has_topics(self) -> bool:
        """Customers have topics there, as far as is known."""
        return not self.is_private and self.steady() >= self._plain_until

    async def _make_topic(self, card: Card) -> str | None:
        self._making[card.customer_id] = self.steady()
        try:
            made = await self.api.call("createForumTopic", chat_id=self.chat, name=topic_name(card))
        except BadRequest as error:
            del self._making[card.customer_id]
            if not says(error, *NO_TOPICS):
                raise
            self._plain_until = self.steady() + PLAIN_FOR_S
            log.error(
                "the bot cannot make topics in the staff group: turn on Topics there and make the bot an admin "
                "who may manage topics; until then agents answer by replying to what it posts",
                error=str(error),
            )
            return None
        except TelegramError as error:
            if delivery_failed(error).outcome is not Outcome.AMBIGUOUS:
                del self._making[card.customer_id]
            raise
        del self._making[card.customer_id]
        return str(made["message_thread_id"])

    async def _send_card(self, place: Place, card: Card, *, tells: bool = False) -> Place:
        """The card, with what was said before; where it `tells` that, it stands below it and not in it as well."""
        whole, owes = card, tells and bool(card.last_lines)
        if tells:
            card = replace(card, last_lines=(), before=())
        elif place.card is None:
            card = await with_unseen(self._store, card, self.language)
        text, markup = card_text(card, self.language), card_buttons(card, self.language)
        sent = await self._there(
            place,
            "sendMessage",
            **self._aim(place),
            text=text,
            reply_markup=markup,
            link_preview_options=NO_PREVIEW,
        )
        number = str(sent["message_id"])
        self.shown.note(number, card, text, markup)
        place, old = Place(place.customer_id, place.thread, number), place.card
        now = self._clock()
        await keep_card(self._store, self.key, place, card, instead_of=old, owes=owes, now=now)
        if place.thread is not None:
            await self._pin(sent["message_id"])
        if owes:  # where that fails, the card is drawn with it until it is told
            await self.tell_again(place, whole)
        return place

    async def _replace_card(self, place: Place, card: Card) -> Place:
        try:
            return await self._send_card(place, card)
        except BadRequest as error:
            if place.thread is None or not says(error, *TOPIC_GONE):
                raise
            return await self.open(card, again=True)

    async def tell_again(self, place: Place, card: Card) -> None:
        """What was said so far, in a topic that replaces a deleted one."""
        async with self._store.read() as session:
            lines = await desk_lines.shown_before(session, card.conversation_id)
        for part in history_parts(lines, card, self.language)[-1:]:
            params = {**self._aim(place), "text": part.text, "link_preview_options": NO_PREVIEW}
            sent = await self._there(place, "sendMessage", **params)
            await note_told(self._store, self.key, card.customer_id, part.message_id, str(sent["message_id"]))
        if place.card is not None and card.last_lines:
            self.shown.tells_below(place.card, card.last_lines[-1].message_id)

    async def _pin(self, message_id: int) -> None:
        try:
            await self.api.call(
                "pinChatMessage", chat_id=self.chat, message_id=message_id, disable_notification=True
            )
        except BadRequest as error:
            log.warning("a card could not be pinned; let the bot pin messages", error=str(error))
