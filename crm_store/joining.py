"""Two conversations of one customer made one, and apart again. Session first; nothing here commits.

What was said in the merged conversation moves into the kept one, in the order in which it was said; the merged one
is resolved and stays with its history, its ratings and where it came from. What the customer writes at either address
comes into the kept one, and replies go where they wrote last (`whereabouts`). Whoever waited in the merged one for a
person goes on waiting in the kept one, since when they did.
"""

from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import (
    coming_back,
    joined,
    putting_back,
    queue,
    ranking,
    replies_moved,
    signals,
    timers,
    whereabouts,
    whose_turn,
)
from crm_store.conversations import change, end_assignments, end_handoffs, get
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.holders import decided_by
from crm_store.lifecycle import WAITING, WITH_A_PERSON, Change, Status
from crm_store.models.casework import ConversationMerge
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Identity
from crm_store.models.staff import Agent
from crm_store.sentences import Sentence, meant
from crm_store.settings import StoreSettings
from crm_store.signals import Topic
from crm_store.timers import TimerKind

_AT_ONCE = 500


async def merge(
    session: AsyncSession, *, kept_id: int, merged_id: int, by: Agent, now: datetime
) -> ConversationMerge:
    """Make `merged_id` part of `kept_id`; raises NotFound, Conflict, and InvalidValue for what are not one's."""
    if kept_id == merged_id:
        raise InvalidValue("a conversation cannot be merged with itself; name two", kind="merge_itself")
    by_id = {each: await decided_by(session, each, by) for each in sorted((kept_id, merged_id))}
    kept, merged = by_id[kept_id], by_id[merged_id]
    _check(kept, merged)
    return await join(session, kept, merged, by=by, now=now)


async def join(
    session: AsyncSession, kept: Conversation, merged: Conversation, *, by: Agent, now: datetime
) -> ConversationMerge:
    """Make `merged` part of `kept`, both locked and one customer's; `kept` is open, or is opened next."""
    kept_id, merged_id = kept.id, merged.id
    before = {
        "identity_id": kept.identity_id,
        "merged": None
        if merged.status == Status.RESOLVED
        else await putting_back.remembered(session, merged),
        "kept": await putting_back.remembered(session, kept),
    }
    is_owed, waited = merged.status in (Status.QUEUED, Status.ASSIGNED), merged.status in WAITING
    ids = list(await session.scalars(select(Message.id).where(Message.conversation_id == merged_id)))
    await _move(session, ids, to=kept_id, only_from=merged_id)
    if merged.status != Status.RESOLVED:
        await _resolve(session, merged, into=kept_id, by=by, now=now)
    if is_owed:
        await _wait_on(session, kept, merged, by, now)
    if waited:  # what their customer was told of the wait moved in with it
        await timers.restart(session, TimerKind.UNANSWERED, kept_id, now)
    marks = {"merged_mark": merged_id, "kept_mark": kept_id}
    seen = {name: await putting_back.last_change(session, one) for name, one in marks.items()}
    moved = {"messages": ids, "by": by.id} | before | seen
    record = ConversationMerge(kept_id=kept_id, merged_id=merged_id, moved=moved, merged_at=now)
    session.add(record)
    if kept.status != Status.RESOLVED:
        await whereabouts.follow(session, kept)
    await _tell(session, kept, by, Sentence.MERGED_IN, merged_id, now)
    latest = max(kept.last_message_at, merged.last_message_at)
    await session.execute(
        update(Conversation).where(Conversation.id == kept_id).values(last_message_at=latest)
    )
    await session.flush()
    signals.notify(session, Topic.CONVERSATIONS, Topic.QUEUE)
    return record


def _check(kept: Conversation, merged: Conversation) -> None:
    """Raises InvalidValue for what are not one person's, Conflict where who is served would be lost sight of."""
    if kept.customer_id != merged.customer_id:
        raise InvalidValue(
            "these are conversations of two customers; merge the customers first", kind="merge_two_customers"
        )
    if kept.status == Status.RESOLVED and merged.status != Status.RESOLVED:
        raise Conflict(
            f"conversation {kept.id} is resolved; keep the open one, {merged.id}",
            kind="merge_resolved",
            kept=kept.id,
            merged=merged.id,
        )
    if kept.status == Status.BOT and merged.status in (*WITH_A_PERSON, Status.SNOOZED):
        raise Conflict(
            f"the bot has conversation {kept.id}; keep the one that people serve, {merged.id}",
            kind="merge_with_bot",
            kept=kept.id,
            merged=merged.id,
        )


async def _resolve(
    session: AsyncSession, merged: Conversation, *, into: int, by: Agent, now: datetime
) -> None:
    await change(
        session,
        merged,
        Change.RESOLVE,
        actor=f"agent:{by.id}",
        now=now,
        reason=f"into:{into}",
        agent_id=merged.agent_id or by.id,
        resolved_at=now,
        resolved_by="agent",
        memory={},
    )
    await end_assignments(session, merged.id, now)
    await end_handoffs(session, merged.id, "resolved", now)


async def _wait_on(
    session: AsyncSession, kept: Conversation, merged: Conversation, by: Agent, now: datetime
) -> None:
    """Words that nobody has answered moved in: the kept one is no longer at rest, nor further back than they were."""
    if kept.status == Status.WAITING_CUSTOMER:
        await change(session, kept, Change.CUSTOMER_SAYS, actor=f"agent:{by.id}", now=now)
        await timers.restart(session, TimerKind.UNANSWERED, kept.id, now)
    elif kept.status == Status.SNOOZED:
        await queue.wake(session, kept.id, now=now)
    elif kept.status == Status.QUEUED and merged.queued_at and kept.queued_at:
        kept.queued_at = min(kept.queued_at, merged.queued_at)
        await session.flush()
        await ranking.rank_anew(session, kept.id)


async def undo(
    session: AsyncSession, merge_id: int, *, by: Agent, now: datetime, settings: StoreSettings
) -> ConversationMerge:
    """What moved returns; both are held, or wait, as before the merge, unless somebody had to do with them since.

    What was said since goes to the one at whose address it was said. Raises NotFound, Conflict.
    """
    record = await session.get(ConversationMerge, merge_id, with_for_update=True)
    if record is None:
        raise NotFound(f"there is no merge of conversations {merge_id}")
    if record.undone_at is not None:
        raise Conflict(f"merge {merge_id} was undone already", kind="undone_already")
    numbers = sorted((record.kept_id, record.merged_id))
    by_id = {each: await get(session, each, lock=True) for each in numbers}
    kept = await decided_by(session, record.kept_id, by)
    await joined.refuse_joined(session, kept.id)
    await _move(session, record.moved["messages"], to=record.merged_id, only_from=record.kept_id)
    record.undone_at = now
    if kept.status != Status.RESOLVED and "identity_id" in record.moved:
        await whereabouts.stand_at(session, kept, record.moved["identity_id"])
    await _go_on(session, by_id[record.merged_id], kept, record, by, now, settings)
    await _rest(session, kept, record, by, now, settings)
    await whose_turn.owe(session, kept, actor=f"agent:{by.id}", now=now)
    await _tell(session, kept, by, Sentence.MERGE_UNDONE, record.merged_id, now)
    await session.flush()
    signals.notify(session, Topic.CONVERSATIONS)
    return record


async def _rest(
    session: AsyncSession,
    kept: Conversation,
    record: ConversationMerge,
    by: Agent,
    now: datetime,
    settings: StoreSettings,
) -> None:
    """What the merge alone made the kept one owe, or woke it for, it does not any more."""
    before, mark = record.moved.get("kept"), record.moved.get("kept_mark")
    went_on = await putting_back.last_change(session, kept.id) != mark
    if before is None or went_on:
        return
    if kept.status == before["status"] == Status.QUEUED:
        kept.queued_at = putting_back.moment(before["queued_at"]) or kept.queued_at
        await session.flush()
        await ranking.rank_anew(session, kept.id)
        return
    actor = f"agent:{by.id}"
    if before["status"] == Status.WAITING_CUSTOMER:
        await whose_turn.rest(session, kept, actor=actor, now=now)
    elif (
        await whose_turn.last_word(session, kept.id) != "customer"
        and kept.status == Status.QUEUED
        and before["status"] == Status.SNOOZED
    ):
        await putting_back.put_back(session, kept, before, actor, now, settings)


async def _go_on(
    session: AsyncSession,
    merged: Conversation,
    kept: Conversation,
    record: ConversationMerge,
    by: Agent,
    now: datetime,
    settings: StoreSettings,
) -> None:
    """What was open when it was merged is so again, where its customer has begun nothing else."""
    before, mark = record.moved.get("merged"), record.moved.get("merged_mark")
    newer = select(Conversation.id).where(
        Conversation.identity_id == merged.identity_id, Conversation.status != Status.RESOLVED
    )
    went_on = await putting_back.last_change(session, merged.id) != mark
    if before is None or went_on or await session.scalar(newer) is not None:
        return
    await putting_back.put_back(session, merged, before, f"agent:{by.id}", now, settings)
    if merged.identity_id != record.moved["identity_id"]:
        since = await _let_go_since(session, merged, record)
        await replies_moved.follow(session, kept, merged, since, now=now)
    if merged.status == Status.QUEUED:
        await coming_back.tell(session, merged, Sentence.BACK_IN_QUEUE, now=now)


async def _let_go_since(session: AsyncSession, merged: Conversation, record: ConversationMerge) -> list[int]:
    """What was said at the merged one's address after the merge is part of it, too: the ids of that."""
    identity = await session.get_one(Identity, merged.identity_id)
    query = select(Message.id).where(
        Message.conversation_id == record.kept_id,
        Message.lane == f"{identity.channel}:{identity.address}",
        Message.created_at >= record.merged_at,
    )
    since = list(await session.scalars(query))
    await _move(session, since, to=merged.id, only_from=record.kept_id)
    return since


async def of_conversation(session: AsyncSession, conversation_id: int) -> list[ConversationMerge]:
    """The merges it took part in and that still stand, the newest first."""
    either = (ConversationMerge.kept_id == conversation_id) | (ConversationMerge.merged_id == conversation_id)
    query = select(ConversationMerge).where(either, ConversationMerge.undone_at.is_(None))
    return list(await session.scalars(query.order_by(ConversationMerge.id.desc())))


async def others(session: AsyncSession, conversation: Conversation, *, limit: int = 10) -> list[Conversation]:
    """The customer's other conversations, which could become part of this one."""
    gone = select(ConversationMerge.merged_id).where(ConversationMerge.undone_at.is_(None))
    query = (
        select(Conversation)
        .where(
            Conversation.customer_id == conversation.customer_id,
            Conversation.id != conversation.id,
            Conversation.id.not_in(gone),
        )
        .order_by(Conversation.id.desc())
        .limit(limit)
    )
    return list(await session.scalars(query))


async def _move(session: AsyncSession, ids: list[int], *, to: int, only_from: int) -> int:
    moved = 0
    for start in range(0, len(ids), _AT_ONCE):
        done = await session.execute(
            update(Message)
            .where(Message.id.in_(ids[start : start + _AT_ONCE]), Message.conversation_id == only_from)
            .values(conversation_id=to)
            .execution_options(synchronize_session=False)
        )
        moved += cast("CursorResult[tuple[()]]", done).rowcount
    return moved


async def _tell(
    session: AsyncSession, kept: Conversation, by: Agent, key: Sentence, other: int, now: datetime
) -> None:
    """A note for staff that says where words came from or went."""
    session.add(
        Message(
            conversation_id=kept.id,
            customer_id=kept.customer_id,
            author="system",
            is_note=True,
            agent_id=by.id,
            intent=meant(key, number=str(other), agent=by.name),
            created_at=now,
        )
    )
