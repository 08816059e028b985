"""Several staff chats: which of them can be written to, and what stands in the others of who is served in one."""

from collections.abc import Sequence
from dataclasses import replace

import structlog
from telegram.error import BadRequest, TelegramError

from bot.channels.base import Outcome
from bot.channels.telegram.desk.card import before_within, retired_text
from bot.channels.telegram.desk.digest import message_link
from bot.channels.telegram.desk.group import StaffGroup
from bot.channels.telegram.drawing import MAX_TEXT, cut, units
from bot.channels.telegram.failures import UNCHANGED, delivery_failed, says
from bot.texts import render
from crm_store import desk_lines, desk_topics, links
from crm_store.desk_cards import Card
from crm_store.desk_topics import Place
from crm_store.engine import Store
from crm_store.session import Session

log = structlog.get_logger(__name__)


def is_left_out(group: StaffGroup, among: Sequence[StaffGroup]) -> bool:
    """Whether it cannot be written to while another can."""
    return group.is_away and not all(one.is_away for one in among)


def open_chats(among: Sequence[StaffGroup]) -> list[str]:
    """Those that share the customers now, as the store names them."""
    return [group.key for group in among if not is_left_out(group, among)]


async def can_be_reached(group: StaffGroup) -> bool:
    """Whether the bot may write there, as far as the platform answers."""
    error = await refusal(group)
    return error is None or delivery_failed(error).outcome is not Outcome.UNREACHABLE


async def refusal(group: StaffGroup) -> TelegramError | None:
    """What the platform says against something that nobody there reads; None where it takes it."""
    try:
        await group.api.call("sendChatAction", chat_id=group.chat, action="typing")
    except TelegramError as error:
        return error
    return None


async def retire_others(store: Store, group: StaffGroup, among: Sequence[StaffGroup], card: Card) -> None:
    """The customer is served in this chat: their cards in the others say so, without a number and buttons."""
    if len(among) < 2:
        return
    async with store.read() as session:
        cards = await desk_topics.elsewhere(session, group.key, card.customer_id)
        found = await _with_before(session, cards, card, card.conversation_id)
    others = _reachable(among)
    for chat, number, there in found:
        if chat in others:
            await _retire(others[chat], number, there)


async def _with_before(
    session: Session, found: Sequence[tuple[str, str]], card: Card, conversation_id: int | None = None
) -> list[tuple[str, str, Card]]:
    """Each chat's card of the customer with the earlier words that stand in that one, of this conversation or any."""
    told = []
    for chat, number in found:
        before = await desk_lines.in_card(
            session, card.customer_id, chat=chat, card=number, conversation_id=conversation_id
        )
        told.append((chat, number, replace(card, before=tuple(before))))
    return told


async def retire_merged(
    store: Store, group: StaffGroup, among: Sequence[StaffGroup], merged_id: int, place: Place, card: Card
) -> None:
    """The card of a record that became part of this customer's says so, and where they are served now; in every chat
    that has one."""
    async with store.read() as session:
        old = await desk_topics.find(session, group.key, merged_id)
        cards = await desk_topics.elsewhere(session, group.key, merged_id)
        if old is not None and old.card is not None and old.card != place.card:
            cards.append((group.key, old.card))
        found = await _with_before(session, cards, card)
    name, url = cut(card.name, 64), message_link(group.chat, place.thread or place.card) or "—"
    for chat, number, there in found:
        if (other := _reachable(among).get(chat)) is None:
            continue
        text = render(other.language, "desk.merged_away", name=name, url=url)
        if there.before:
            room = MAX_TEXT - units(text) - len("\n\n")
            text = f"{text}\n\n{before_within(room, there.before, there, other.language)}"
        if other is group:
            await _say_here(group, number, text)
        else:
            await _say_instead(other, number, text)


async def retire_plain(store: Store, group: StaffGroup, place: Place, card: Card) -> None:
    """The customer has a topic since: cards of theirs that stand outside of it, as the group had no topics then, lead
    there."""
    if place.thread is None:
        return
    async with store.read() as session:
        cards = await links.cards_of(session, card.customer_id, chat=group.key)
    url = message_link(group.chat, place.thread) or "—"
    text = render(group.language, "desk.moved_to_topic", name=cut(card.name, 64), url=url)
    for number in cards:
        if int(number) < int(place.thread):  # what came before the topic cannot stand in it
            await _say_here(group, number, text)


async def _say_here(group: StaffGroup, card_id: str, text: str) -> None:
    """These words in the place of a card, in this chat's turn."""
    group.shown.forget(card_id)
    try:
        await group.call("editMessageText", message_id=int(card_id), text=cut(text, MAX_TEXT))
    except BadRequest as error:
        if not says(error, UNCHANGED):
            log.info("a card that is no longer the customer's could not be changed", error=str(error))


def _reachable(among: Sequence[StaffGroup]) -> dict[str, StaffGroup]:
    return {group.key: group for group in among if not group.is_away}


async def _retire(group: StaffGroup, card_id: str, card: Card) -> None:
    text = retired_text(card, group.language)
    if not group.shown.is_same(card_id, text, {}) and await _say_instead(group, card_id, text):
        group.shown.note(card_id, replace(card, place=None), text, {})


async def _say_instead(group: StaffGroup, card_id: str, text: str) -> bool:
    """Words in the place of a card and its buttons in another chat than the one whose turn it is; False where that was
    not reached."""
    group.shown.forget(card_id)
    group.pace.took()
    number, text = int(card_id), cut(text, MAX_TEXT)
    try:
        await group.api.call("editMessageText", chat_id=group.chat, message_id=number, text=text)
    except BadRequest as error:
        log.debug("a card elsewhere could not be changed", error=str(error))
    except TelegramError as error:
        log.info("a card elsewhere was not reached", error=str(error))
        return False
    return True
