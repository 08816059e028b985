"""The skill a conversation waits for: decided by the rules of `needs` when it comes to people, and followed after that.

`follow` may be called any number of times: what it writes is a function of labels, rules and when the wait began.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import articles, needs, signals
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation, Handoff, Message
from crm_store.settings import StoreSettings
from crm_store.signals import Topic


def begun_anew(conversation: Conversation, after: Status) -> dict[str, Any]:
    """What a change of holder ends: it is meant for nobody any more, and how long it is kept is decided anew."""
    ended: dict[str, Any] = {}
    if conversation.meant_for_id is not None:
        ended |= {"meant_for_id": None, "meant_until": None}
    if conversation.skill is not None and after is Status.QUEUED and conversation.status != Status.QUEUED:
        ended |= {"skill_until": None}
    return ended


async def follow(
    session: AsyncSession, conversation: Conversation, *, now: datetime, settings: StoreSettings
) -> None:
    """Bring up to date which skill it needs and, while it waits, until when for who has it."""
    found = await _needed(session, conversation, settings)
    values: dict[str, Any] = {"skill": None, "skill_why": None, "skill_until": None}
    if found is not None:
        values = {"skill": found.skill, "skill_why": found.why, "skill_until": None}
        if conversation.status == Status.QUEUED:
            since = await _waits_since(session, conversation.id)
            values["skill_until"] = settings.skilled_until(conversation.team, since or now)
    if any(getattr(conversation, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(conversation, name, value)
        await session.flush()
        signals.notify(session, Topic.QUEUE, Topic.CONVERSATIONS)


async def _needed(
    session: AsyncSession, conversation: Conversation, settings: StoreSettings
) -> needs.Need | None:
    """By its labels now, and by the article it was answered with, which was noted when it was handed over."""
    rules, facts = settings.needed_skills, needs.of_labels(conversation.tags, conversation.attributes)
    noted = conversation.skill_why
    if noted is None:
        return needs.need(rules, facts)
    if noted.startswith(needs.OF_ARTICLES):
        return needs.need(rules, [*facts, noted])
    by_labels = needs.need(rules, facts)
    if by_labels is not None and by_labels.why == noted:
        return by_labels  # still the first of all that apply
    return needs.need(rules, [*facts, *await _of_last_answer(session, conversation)])


async def _of_last_answer(session: AsyncSession, conversation: Conversation) -> list[str]:
    """What is true of it by the article the bot answered with last: a label's rule may have hidden that."""
    answered = (
        select(Message.article_key)
        .where(
            Message.conversation_id == conversation.id,
            Message.author == "bot",
            Message.article_key.is_not(None),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    key = await session.scalar(answered)
    found = [each.draft for each in await articles.named(session, [key])] if key is not None else []
    found.sort(key=lambda each: each.language != conversation.language)
    return needs.of_article(found[0].key, found[0].category) if found else []


async def _waits_since(session: AsyncSession, conversation_id: int) -> datetime | None:
    """When its present wait for a person began."""
    return await session.scalar(
        select(func.max(Handoff.queued_at)).where(
            Handoff.conversation_id == conversation_id, Handoff.ended_at.is_(None)
        )
    )
