"""What becomes of a customer's wait besides its place: nobody is there, it is put aside, or it is over."""

from collections.abc import Collection
from datetime import datetime

from bot.away import away, still_away
from bot.rendering import choices_of
from bot.texts import local_moment, render
from crm_store import conversations, duty, places, unserved
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation
from crm_store.queueing import Candidate, is_served
from crm_store.session import Session
from crm_store.settings import StoreSettings

OVER = {Status.RESOLVED: "wait_over_closed", Status.BOT: "wait_over_left"}
"""How it ended where no person has it."""


async def follow(session: Session, conversation_id: int, *, now: datetime, settings: StoreSettings) -> None:
    """Let what the customer was told of their wait be true: looked at whenever the conversation moves."""
    one = await session.get(Conversation, conversation_id)
    if one is None:
        return
    if one.status == Status.QUEUED:
        await places.go_on(session, one.id)
        await _tell_away(session, one, now, settings)
    elif one.status == Status.SNOOZED:
        await places.go_on(session, one.id)
        await _tell_put_aside(session, one, now, settings)
    else:
        words = render(one.language, OVER.get(Status(one.status), "wait_over_taken"))
        for message in await places.waited(session, one.id):
            await places.end(session, message, words, now=now)


async def tell_away(
    session: Session,
    one: places.Stale,
    *,
    now: datetime,
    settings: StoreSettings,
    online: Collection[Candidate],
) -> None:
    """Say in the message that told a place, or was to tell one, that nobody is there who could serve its reader."""
    intent = one.message.intent or {}
    need = one.need
    why = unserved.lacks(online, need.language)
    text = still_away(need.language, intent, settings.hours_of(need.team), now, why)
    await places.tell(session, one, text, choices_of(intent, need.language), now=now)


async def _tell_put_aside(
    session: Session, one: Conversation, now: datetime, settings: StoreSettings
) -> None:
    """Instead of the place that they do not have meanwhile: when the staff look at them again."""
    if one.snoozed_until is None:
        return
    at = one.snoozed_until.astimezone(settings.hours_of(one.team).zone)
    words = render(one.language, "put_aside", when=local_moment(one.language, at, now))
    for message in await places.waited(session, one.id):
        choices = choices_of(message.intent or {}, one.language)
        await places.put_aside(session, message, words, choices, now=now)


async def _tell_away(session: Session, one: Conversation, now: datetime, settings: StoreSettings) -> None:
    """Where the people who could serve it are not there (handed on to a team at night, say): in the message that is to
    tell a place, if that is the last word; else once a case."""
    if settings.hours_of(one.team).is_open(now):
        return
    online = [candidate for _, candidate in (await duty.candidates(session, now=now)).values()]
    if is_served(online, one.language, one.team):
        return
    told = await places.last_word(session, one)
    if told is not None:
        one.away_told_at = now
        for stale in await places.still(session, [told]):
            await tell_away(session, stale, now=now, settings=settings, online=online)
    elif one.away_told_at is None:
        one.away_told_at, hours = now, settings.hours_of(one.team)
        text = away(one.language, "away_now", hours, now, unserved.lacks(online, one.language))
        await conversations.say(session, one, author="bot", now=now, text=text)
