"""What a customer's move means, with what is known of them and of what was said before. Pure."""

from bot import events as e
from bot.case_asked import case_asked, case_numbers, may_ask_of_case
from bot.channels.base import Inbound, Kind
from bot.scene import House
from bot.sense import asked_of, is_asked, make_sense, order_said
from bot.small_talk import small_talk
from bot.typed import as_pressed
from bot.understanding import Meant, language_of, reader_of, understand
from crm_store.batch import Batch, Known, Person
from crm_store.case_states import OwnCases
from crm_store.lifecycle import Status
from knowledge_base.matches import Decision


def meaning_of(
    batch: Batch, person: Person, inbound: Inbound, text: str, decision: Decision | None, house: House
) -> tuple[str, Known | None, e.Event]:
    """The language to answer in, the message whose button was pressed or typed, and what the customer did."""
    typed = as_pressed(inbound, batch.last_said.get(person.conversation.id if person.conversation else 0))
    language, pressed = language_of(typed, text, person), _own(batch, person, typed)
    own = batch.cases.get(person.customer_id, OwnCases()) if may_ask_of_case(inbound.text) else None
    asked = sense_of(person, typed, text, decision, house, language, own)
    event = understand(
        typed,
        asked,
        pressed=pressed,
        request=person.request,
        has_open=person.conversation is not None,
        now=batch.now,
    )
    if isinstance(event, e.PressedStale) and typed is not inbound:  # words are never out of date
        batch.last_said.pop(person.conversation.id if person.conversation else 0)
        return meaning_of(batch, person, inbound, text, decision, house)
    return language, pressed, event


def sense_of(
    person: Person,
    inbound: Inbound,
    text: str,
    decision: Decision | None,
    house: House,
    language: str,
    own: OwnCases | None = None,
) -> Meant:
    """What the words ask; read together with what was said before only while the bot is asked.

    `own`: the sender's cases, where the words name one or ask about one.
    """
    held = person.conversation
    talk = small_talk(text) if inbound.kind is not Kind.PRESSED else None
    if talk is not None and not is_asked(talk, decision):
        return e.Chatted(talk.kinds)
    reader = reader_of(inbound, text, person, language)
    if inbound.kind is Kind.PRESSED or (held is not None and held.status is not Status.BOT):
        return asked_of(decision, house.edition, reader)
    topic = held.memory.get("topic") if held is not None else None
    names_case = own is not None and any(one not in own.orders for one in case_numbers(text))
    number = None if names_case else order_said(text, decision, house.edition, reader, topic)
    if number is not None:
        return number
    sense = make_sense(text, decision, house.edition, reader, topic, house.decided)
    return sense if own is None else case_asked(text, sense, own, language)


def _own(batch: Batch, person: Person, inbound: Inbound) -> Known | None:
    """The message whose button was pressed, if it was ever sent to this customer."""
    if inbound.press is None:
        return None
    known = batch.known.get(inbound.press.message_id)
    return known if known is not None and known.lane == person.lane else None
