"""What the staff group is to be shown: posts in their own outbox, made only where such a group is set up."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import key_values, signals
from crm_store.lifecycle import Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation
from crm_store.models.plumbing import DeskPost, DeskTopic, KeyValue
from crm_store.models.staff import Agent
from crm_store.signals import Topic

GROUP_KEY = "staff_group"
GIVEN, WOKEN, BACK_IN_LINE = "given", "woken", "woken_queued"
"""Kinds of posts that call an agent: a conversation is theirs now, is so again, or waits after its snooze."""
TAKEN_OVER, RELIEVED, RAN_OUT = "taken_over", "relieved", "ran_out"
"""As well: a conversation was theirs until somebody who leads took it, or until they had left it without an answer, for
which they are away (`RELIEVED`) or, having worked elsewhere, not (`RAN_OUT`)."""
FOR_ONE = (BACK_IN_LINE, TAKEN_OVER, RELIEVED, RAN_OUT)
"""Of these kinds those that are for whom they call and nobody else, who need not hold the conversation."""
TOLD_TOGETHER = (GIVEN, TAKEN_OVER, RELIEVED, RAN_OUT)
"""Of these kinds those of one act that call the same agent, of many conversations, are posted as one."""
_KEPT = table_of(KeyValue).c
_GROUP = select(_KEPT.value).where(_KEPT.key == bindparam("key"))
_POST = insert(table_of(DeskPost))


async def set_groups(session: AsyncSession, chats: Sequence[str]) -> None:
    """Remember the staff's chats, so that other processes post to them too."""
    if chats:
        await key_values.keep(session, GROUP_KEY, ",".join(chats))
    else:
        await key_values.forget(session, GROUP_KEY)


async def groups(session: AsyncSession) -> list[str]:
    """The staff's chats; none where they work on the web alone."""
    value: str | None = await session.scalar(_GROUP, {"key": GROUP_KEY})
    return value.split(",") if value else []


async def move_group(session: AsyncSession, old: str, new: str) -> None:
    """One of them has another id from now on."""
    chats = await groups(session)
    await set_groups(session, [new if chat == old else chat for chat in chats] or [new])


async def post(
    session: AsyncSession,
    conversation: Conversation,
    kind: str,
    *,
    now: datetime,
    message_id: int | None = None,
    agent_id: int | None = None,
    text: str = "",
    not_before: datetime | None = None,
) -> None:
    """Show something in the customer's topic.

    A conversation only the bot has held never touches the group, since its 20 messages a minute are for people.
    """
    chats = await groups(session)
    if not chats:
        return
    if conversation.status == Status.BOT and not await _has_topic(session, chats, conversation.customer_id):
        return
    row = {
        "conversation_id": conversation.id,
        "customer_id": conversation.customer_id,
        "message_id": message_id,
        "agent_id": agent_id,
        "kind": kind,
        "text": text,
        "delivery": "pending",
        "next_try_at": not_before,
        "created_at": now,
    }
    await session.execute(_POST, row)
    signals.notify(session, Topic.DESK)


async def call(
    session: AsyncSession,
    conversation: Conversation,
    kind: str,
    agent: Agent,
    *,
    now: datetime,
    not_before: datetime | None = None,
    **told: object,
) -> None:
    """Tell this agent something in the customer's topic, so that the platform rings for them.

    What one act tells them of several is posted as one (`TOLD_TOGETHER`), which takes one message of the minute's. It
    is kept with each of them all the same, so that none takes it along when it goes.
    """
    text = json.dumps(told, ensure_ascii=False)
    await post(session, conversation, kind, agent_id=agent.id, text=text, now=now, not_before=not_before)


async def _has_topic(session: AsyncSession, chats: Sequence[str], customer_id: int) -> bool:
    query = select(DeskTopic.id).where(DeskTopic.chat.in_(chats), DeskTopic.customer_id == customer_id)
    return await session.scalar(query.limit(1)) is not None
