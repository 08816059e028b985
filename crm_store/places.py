"""Where those who wait were told that they stand, and telling them anew when that has changed.

The message that told them is changed, not followed by another: where the platform lets messages be edited, an errand
carries the new words to it. The nearer the front, the sooner it is told anew; and no look sends more than the
platforms take beside everything else. Once the wait is over the message says how, and has no button any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import rewording
from crm_store.coming_back import NO_PLACE as NO_PLACE
from crm_store.coming_back import TOLD as TOLD
from crm_store.hours_settings import HoursSettings
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation, Message, MessageEdit
from crm_store.queue import IN_ORDER, IS_QUEUED
from crm_store.statements import Statement, among

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
LOOKED_BACK = 30
"""So many of the last messages are looked through for such."""
_C = table_of(Conversation).c
_PLACED = (
    select(_C.id, func.row_number().over(order_by=IN_ORDER).label("position")).where(IS_QUEUED).subquery()
)
_POSITIONS = Statement(
    lambda is_sqlite: select(_PLACED).where(among(_PLACED.c.id, "conversations", is_sqlite))
)


@dataclass(frozen=True, slots=True)
class Stale:
    """A message that tells a place its reader is no longer at."""

    message: Message
    position: int
    language: str
    team: str | None


def positions(connection: Connection, conversation_ids: Sequence[int]) -> dict[int, int]:
    """Where these stand in the queue; who does not wait is not among them."""
    return dict(map(tuple, _POSITIONS.rows(connection, {"conversations": conversation_ids})))


async def is_any_stale(
    session: AsyncSession, *, now: datetime, settings: HoursSettings, front: int | None = None
) -> bool:
    """Whether there is anybody to be told; takes no lock."""
    return await session.scalar(_to_tell(now, settings, front).limit(1)) is not None


async def stale(
    session: AsyncSession,
    *,
    now: datetime,
    settings: HoursSettings,
    limit: int = AT_ONCE,
    front: int | None = None,
) -> list[Stale]:
    """Those (of so many in front) who stand elsewhere than they were told, not told lately, and whose people are
    there; locked."""
    rows = await session.execute(_to_tell(now, settings, front).limit(limit))
    found = {row[0]: row[1:] for row in rows}
    messages = await _locked(session, list(found), skip_locked=True)
    seen = [Stale(message, *found[message.id]) for message in messages]
    # What was seen was not locked: meanwhile the wait may have ended, or somebody told this place.
    left = [one for one in seen if (one.message.intent or {}).get(TOLD) not in (None, one.position)]
    return sorted(left, key=lambda one: one.position)


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


def _to_tell(now: datetime, settings: HoursSettings, front: int | None) -> Any:
    """The message, place, language and team of each, those in front first."""
    position = func.row_number().over(order_by=IN_ORDER).label("position")
    placed = (
        select(Conversation.id, position, Conversation.language, Conversation.team)
        .where(IS_QUEUED)
        .order_by(*IN_ORDER)
        .limit(front)
        .subquery("placed")
    )
    said = Message.intent[TOLD].as_integer()
    last = (
        select(func.max(Message.id))
        .join(placed, placed.c.id == Message.conversation_id)
        .where(Message.author.in_(("bot", "system")), said.is_not(None))
        .group_by(Message.conversation_id)
    )
    return (
        select(Message.id, placed.c.position, placed.c.language, placed.c.team)
        .join(placed, placed.c.id == Message.conversation_id)
        .where(Message.id.in_(last), said != placed.c.position, Message.delivery == "sent")
        .where(or_(*(Message.lane.startswith(lane) for lane in EDITABLE)))
        .where(_is_there(placed.c.team, now, settings))
        .where(or_(said == NO_PLACE, *_not_lately(placed.c.position, now)))
        .order_by(placed.c.position)
    )


def _not_lately(position: ColumnElement[int], now: datetime) -> list[ColumnElement[bool]]:
    told_at = func.coalesce(Message.edited_at, Message.created_at)
    after, found = 0, []
    for upto, apart in BANDS:
        within = [position > after] if upto is None else [position > after, position <= upto]
        found.append(and_(*within, told_at <= now - apart))
        after = upto or after
    return found


def _is_there(team: ColumnElement[str | None], now: datetime, settings: HoursSettings) -> ColumnElement[bool]:
    """Whether the people of the conversation's team are."""
    apart = settings.teams_apart
    at_work = [name for name in apart if settings.hours_of(name).is_open(now)]
    if not settings.hours.is_open(now):
        return team.in_(at_work)
    away = [name for name in apart if name not in at_work]
    return or_(team.is_(None), team.not_in(away))


async def tell(
    session: AsyncSession, one: Stale, text: str, choices: list[dict[str, Any]], *, now: datetime
) -> None:
    """These words instead of those that told the old place, with these buttons.

    A place that was told is not kept once another is: of who waits long there would be dozens.
    """
    if (one.message.intent or {}).get(TOLD) == NO_PLACE:
        _keep_words(session, one.message, text, now)
    await _change(session, one.message, text, {TOLD: one.position, "choices": choices}, now)


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
