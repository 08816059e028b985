"""Where those who wait were told that they stand, and telling them anew when that has changed.

The message that told them is changed, not followed by another: where the platform lets messages be edited, an errand
carries the new words to it. The nearer the front, the sooner it is told anew; and no look sends more than the
platforms take beside everything else. Once the wait is over the message says how, and has no button any more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import lines, queue_lines, rewording, unserved
from crm_store.coming_back import AWAY as AWAY
from crm_store.coming_back import NO_PLACE as NO_PLACE
from crm_store.coming_back import TOLD as TOLD
from crm_store.hours_settings import HoursSettings
from crm_store.lines import Need
from crm_store.models.conversations import Conversation, Message, MessageEdit
from crm_store.queue import IS_QUEUED
from crm_store.queueing import Candidate, is_served
from crm_store.unserved import Why

EDITABLE = ("telegram:", "web:")
"""The lanes whose messages can be edited."""
BANDS = (
    (3, timedelta(seconds=5)),
    (10, timedelta(seconds=20)),
    (60, timedelta(minutes=1)),
    (300, timedelta(minutes=15)),
    (None, timedelta(hours=1)),
)
"""Up to which place how long it stays as it was told, at least: far behind, a few places more or less mean little.
However fast the queue moves, the first sixty are told twice a second at most, all together."""
AT_ONCE = 120
"""So many are told in one look, those in front first: of Telegram's 30 messages a second two, a look a minute."""
OVER, WERE = "over", "were"
"""In the intent of a message that told a place, or had a button to wait no more: that the wait is over, and the
buttons it had, so that a press that was on its way is understood."""
WHY = "unserved"
"""In the intent of a message that told a place: why nobody took its reader then (`unserved.Why`)."""
LOOKED_BACK = 30
"""So many of the last messages are looked through for such."""
_SAID = Message.intent[TOLD].as_integer()
_SAID_WHY = func.coalesce(Message.intent[WHY].as_string(), "")


class Told(NamedTuple):
    """The last message that told who waits a place: what it said and when, and where its reader stands now."""

    message_id: int
    said: int
    told_at: datetime
    position: int
    need: Need
    said_why: str = ""
    why: Why = Why.NOT_KNOWN


class Due(NamedTuple):
    """What a message is to tell instead: a place, or AWAY; what its reader asks of who serves them, and why nobody
    takes them."""

    message_id: int
    position: int
    need: Need
    why: Why = Why.NOT_KNOWN


@dataclass(frozen=True, slots=True)
class Stale:
    """A message that tells a place its reader is no longer at, or one although nobody is there."""

    message: Message
    position: int
    """What it is to tell: a place, or AWAY."""
    need: Need
    why: Why = Why.NOT_KNOWN


async def told(session: AsyncSession, *, now: datetime, front: int | None = None) -> list[Told]:
    """Who waits (of so many in front of their lines) and was told a place in words that can be changed; those in
    front first. Takes no lock."""
    connection = await session.connection()
    waiting = await connection.run_sync(queue_lines.needs, now)
    if not waiting:
        return []
    staff = await connection.run_sync(queue_lines.staff, now)
    placed = lines.places(waiting, staff)
    needs, known = dict(waiting), unserved.whys(staff, (need for _, need in waiting))
    wanted = None if front is None else [number for number, place in placed.items() if place <= front]
    found = [
        Told(message_id, said, told_at, placed[number], needs[number], said_why, known[needs[number]])
        for message_id, number, said, told_at, said_why in await session.execute(_last_told(wanted))
        if number in placed  # else they came a moment ago
    ]
    return sorted(found, key=lambda one: (one.position, one.message_id))


def stale(found: Sequence[Told], *, now: datetime, settings: HoursSettings) -> list[Due]:
    """Of these who stand elsewhere than they were told, or whom nobody takes for another reason, who were not told
    lately, and whose people are there; as many as one look may tell."""
    due = [
        Due(one.message_id, one.position, one.need, one.why)
        for one in found
        if (one.position, one.why) != (one.said, one.said_why)
        and settings.hours_of(one.need.team).is_open(now)
        and (one.said in (NO_PLACE, AWAY) or one.told_at <= now - _apart(one.position))
    ]
    return due[:AT_ONCE]


def _apart(position: int) -> timedelta:
    return next(apart for upto, apart in BANDS if upto is None or position <= upto)


async def still(session: AsyncSession, due: Sequence[Due]) -> list[Stale]:
    """The messages that are still to tell it; locked, in the same order."""
    ids = [one.message_id for one in due]
    messages = {one.id: one for one in await _locked(session, ids, skip_locked=True)}
    seen = [
        Stale(messages[one.message_id], one.position, one.need, one.why)
        for one in due
        if one.message_id in messages
    ]
    # What was seen was not locked: meanwhile the wait may have ended, or somebody told the same.
    return [one for one in seen if _is_to_be_told(one, one.message.intent or {})]


def _is_to_be_told(one: Stale, intent: dict[str, Any]) -> bool:
    told = intent.get(TOLD)
    return told is not None and (told, intent.get(WHY, "")) != (one.position, one.why)


def left_alone(
    found: Sequence[Told], *, now: datetime, settings: HoursSettings, online: Collection[Candidate]
) -> list[Due]:
    """Those who are yet to be told that nobody is there who could serve them, as many as one look may tell."""
    due = [
        Due(one.message_id, AWAY, one.need)
        for one in found
        if one.said != AWAY and not settings.hours_of(one.need.team).is_open(now)
    ]
    return [one for one in due if not is_served(online, one.need.language, one.need.team)][:AT_ONCE]


async def last_word(session: AsyncSession, conversation: Conversation) -> Due | None:
    """The last word of a conversation, where that told or is to tell a place and can be changed: to say AWAY."""
    newest = await session.execute(
        select(Message.id, Message.intent)
        .where(Message.conversation_id == conversation.id, Message.is_note.is_(False))
        .where(or_(*(Message.lane.startswith(lane) for lane in EDITABLE)))
        .order_by(Message.id.desc())
        .limit(1)
    )
    told = [number for number, intent in newest if TOLD in (intent or {})]
    return Due(told[0], AWAY, Need(conversation.language, conversation.team)) if told else None


async def _locked(
    session: AsyncSession, ids: Sequence[int], *, skip_locked: bool = False
) -> Sequence[Message]:
    """These messages as they are now, in the order in which everybody locks them; look again at what was seen in
    them before."""
    if not ids:
        return ()
    query = select(Message).where(Message.id.in_(ids)).order_by(Message.id)
    query = query.with_for_update(skip_locked=skip_locked).execution_options(populate_existing=True)
    return (await session.scalars(query)).all()


def _last_told(conversation_ids: Sequence[int] | None) -> Any:
    """The message that told each of these (None: of all who wait) a place, where it can be changed."""
    queued = select(Conversation.id).where(IS_QUEUED)
    waiting = queued if conversation_ids is None else queued.where(Conversation.id.in_(conversation_ids))
    last = (
        select(func.max(Message.id))
        .where(Message.conversation_id.in_(waiting))
        .where(Message.author.in_(("bot", "system")), _SAID.is_not(None))
        .group_by(Message.conversation_id)
    )
    told_at = func.coalesce(Message.edited_at, Message.created_at, type_=Message.created_at.type)
    return (
        select(Message.id, Message.conversation_id, _SAID, told_at, _SAID_WHY)
        .where(Message.id.in_(last), Message.delivery == "sent")
        .where(or_(*(Message.lane.startswith(lane) for lane in EDITABLE)))
    )


async def tell(
    session: AsyncSession, one: Stale, text: str, choices: list[dict[str, Any]], *, now: datetime
) -> None:
    """These words instead of those that told the old place, with these buttons.

    A place that was told is not kept once another is: of who waits long there would be dozens.
    """
    if (one.message.intent or {}).get(TOLD) == NO_PLACE:
        _keep_words(session, one.message, text, now)
    await _change(session, one.message, text, {TOLD: one.position, WHY: one.why, "choices": choices}, now)


async def waited(session: AsyncSession, conversation_id: int) -> list[Message]:
    """The last messages of ours that tell a place or have buttons to wait no more, and can be changed; locked."""
    rows = await session.execute(
        select(Message.id, Message.intent)
        .where(Message.conversation_id == conversation_id, Message.author.in_(("bot", "system")))
        .where(or_(*(Message.lane.startswith(lane) for lane in EDITABLE)))
        .order_by(Message.id.desc())
        .limit(LOOKED_BACK)
    )
    found = await _locked(session, [number for number, intent in rows if _is_of_the_wait(intent)])
    return [one for one in found if _is_of_the_wait(one.intent)]


def _is_of_the_wait(intent: dict[str, Any] | None) -> bool:
    return TOLD in (intent or {}) or _may_cancel(intent or {})


def _may_cancel(intent: dict[str, Any]) -> bool:
    return any(choice["action"].get("do") == "cancel" for choice in intent.get("choices", ()))


async def end(session: AsyncSession, message: Message, text: str, *, now: datetime) -> None:
    """The wait is over: the buttons go, and where a place was told stand these words."""
    intent = dict(message.intent or {})
    gone = {WERE: intent.pop("choices")} if "choices" in intent else {}
    is_place = intent.pop(TOLD, None) is not None
    message.intent = intent
    words = text if is_place else message.text
    _keep_words(session, message, words, now)
    await _change(session, message, words, {OVER: is_place, **gone}, now)
    await session.flush()


async def put_aside(
    session: AsyncSession, message: Message, text: str, choices: list[dict[str, Any]], *, now: datetime
) -> None:
    """Its reader waits, but in no line for now: these words say until when; it tells a place once there is one."""
    if TOLD in (message.intent or {}) and text != message.text:
        _keep_words(session, message, text, now)
        await _change(session, message, text, {TOLD: NO_PLACE, WHY: "", "choices": choices}, now)
        await session.flush()


async def go_on(session: AsyncSession, conversation_id: int) -> None:
    """The wait goes on after all, and nobody said a word since: the message that ended it will tell a place again."""
    newest = await session.execute(
        select(Message.id, Message.intent)
        .where(Message.conversation_id == conversation_id, Message.is_note.is_(False))
        .order_by(Message.id.desc())
        .limit(1)
    )
    ended = [number for number, intent in newest if (intent or {}).get(OVER)]
    for message in await _locked(session, ended):
        intent = dict(message.intent or {})
        if intent.pop(OVER, False):
            if WERE in intent:
                intent["choices"] = intent.pop(WERE)
            message.intent = intent | {TOLD: NO_PLACE}
            await session.flush()


def _keep_words(session: AsyncSession, message: Message, new: str, now: datetime) -> None:
    if new != message.text:
        session.add(MessageEdit(message_id=message.id, old_text=message.text, edited_at=now))


async def _change(
    session: AsyncSession, message: Message, text: str, meaning: dict[str, Any], now: datetime
) -> None:
    """Other words for it, carried to where the customer has it."""
    message.text, message.edited_at = text, now
    message.intent = {**(message.intent or {}), **meaning}
    await rewording.carry(session, message, 0, now)
