"""A batch written down: a fixed number of statements, however many messages it holds."""

from typing import Any

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store import ids, signals
from crm_store.batch import Batch, MessageDraft
from crm_store.models.base import Base, table_of
from crm_store.models.conversations import Conversation, Handoff, Message, MessageEdit, StatusChange
from crm_store.models.customers import Customer, Identity
from crm_store.models.knowledge import Gap
from crm_store.models.plumbing import DeskPost, SeenUpdate, Timer
from crm_store.models.ratings import AnswerFeedback, Rating, RatingRequest
from crm_store.signals import Topic


async def write(session: AsyncSession, batch: Batch) -> None:
    """Everything the batch decided, in one go; signals go out when the transaction is committed."""
    connection = await session.connection()
    await _write_people(session, connection, batch)
    await _write_conversations(session, connection, batch)
    await _write_messages(session, connection, batch)
    await _write_facts(connection, batch)
    await _write_feelings(connection, batch)
    _signal(session, batch)


async def _insert(connection: AsyncConnection, table: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        await connection.execute(insert(table_of(table)), rows)


async def _write_people(session: AsyncSession, connection: AsyncConnection, batch: Batch) -> None:
    now = batch.now
    new = [person for person in batch.touched.values() if person.is_new]
    customer_ids = await ids.reserve(session, Customer, len(new))
    identity_ids = await ids.reserve(session, Identity, len(new))
    for person, customer_id, identity_id in zip(new, customer_ids, identity_ids, strict=True):
        person.customer_id, person.identity_id = customer_id, identity_id
    await _insert(
        connection,
        Customer,
        [
            {
                "id": p.customer_id,
                "name": p.display_name,
                "created_at": now,
                "updated_at": now,
                "last_seen_at": now,
            }
            for p in new
        ],
    )
    await _insert(
        connection,
        Identity,
        [
            {
                "id": p.identity_id,
                "customer_id": p.customer_id,
                "channel": p.channel,
                "address": p.address,
                "display_name": p.display_name,
                "username": p.username,
                "language": p.language,
                "is_reachable": p.is_reachable,
                "secret_hash": p.secret_hash,
                "created_at": now,
                "last_seen_at": now,
            }
            for p in new
        ],
    )
    old = [person for person in batch.touched.values() if not person.is_new]
    if old:
        identity = table_of(Identity)
        await connection.execute(
            update(identity)
            .where(identity.c.id == bindparam("b_id"))
            .values(
                display_name=bindparam("b_name"),
                username=bindparam("b_username"),
                is_reachable=bindparam("b_reachable"),
                last_seen_at=now,
            ),
            [
                {
                    "b_id": p.identity_id,
                    "b_name": p.display_name,
                    "b_username": p.username,
                    "b_reachable": p.is_reachable,
                }
                for p in old
            ],
        )
    if batch.languages:
        customer = table_of(Customer)
        await connection.execute(
            update(customer)
            .where(customer.c.id == bindparam("b_id"))
            .values(language=bindparam("b_language")),
            [{"b_id": person.customer_id, "b_language": code} for person, code in batch.languages],
        )


async def _write_conversations(session: AsyncSession, connection: AsyncConnection, batch: Batch) -> None:
    numbers = await ids.reserve(session, Conversation, len(batch.conversations))
    for (_, held), number in zip(batch.conversations, numbers, strict=True):
        held.id = number
    await _insert(
        connection,
        Conversation,
        [
            {
                "id": held.id,
                "customer_id": person.customer_id,
                "identity_id": person.identity_id,
                "channel": person.channel,
                "status": held.status,
                "language": held.language,
                "memory": held.memory,
                "queued_at": held.queued_at,
                "handoff_reason": held.handoff_reason,
                "created_at": batch.now,
                "last_message_at": batch.now,
            }
            for person, held in batch.conversations
        ],
    )
    old = [held for held in batch.dirty.values() if not held.is_new]
    if old:
        table = table_of(Conversation)
        await connection.execute(
            update(table)
            .where(table.c.id == bindparam("b_id"))
            .values(
                status=bindparam("b_status"),
                language=bindparam("b_language"),
                memory=bindparam("b_memory"),
                queued_at=bindparam("b_queued"),
                handoff_reason=bindparam("b_reason"),
                last_message_at=batch.now,
            ),
            [
                {
                    "b_id": h.id,
                    "b_status": h.status,
                    "b_language": h.language,
                    "b_memory": h.memory,
                    "b_queued": h.queued_at,
                    "b_reason": h.handoff_reason,
                }
                for h in old
            ],
        )


async def _write_messages(session: AsyncSession, connection: AsyncConnection, batch: Batch) -> None:
    numbers = await ids.reserve(session, Message, len(batch.messages))
    for draft, number in zip(batch.messages, numbers, strict=True):
        draft.id = number
    await _insert(
        connection,
        Message,
        [
            {
                "id": m.id,
                "conversation_id": m.conversation.id,
                "customer_id": m.person.customer_id,
                "author": m.author,
                "kind": m.kind,
                "text": m.text,
                "intent": m.intent,
                "attachment": m.attachment,
                "article_key": m.article_key,
                "confidence": m.confidence,
                "decision": m.decision,
                "reply_to_id": _id(m.reply_to),
                "created_at": batch.now,
                "lane": m.person.lane,
                "delivery": "pending" if m.outgoing else None,
                "platform_id": m.platform_id,
            }
            for m in batch.messages
        ],
    )
    table = table_of(Message)
    if batch.settled:
        await connection.execute(
            update(table).where(table.c.id.in_(batch.settled)).values(settled_at=batch.now)
        )
    if batch.edits:
        await _insert(
            connection,
            MessageEdit,
            [{"message_id": k.id, "old_text": k.text, "edited_at": batch.now} for k, _ in batch.edits],
        )
        await connection.execute(
            update(table)
            .where(table.c.id == bindparam("b_id"))
            .values(text=bindparam("b_text"), edited_at=batch.now),
            [{"b_id": known.id, "b_text": text} for known, text in batch.edits],
        )


def _id(reference: MessageDraft | int | None) -> int | None:
    return reference.id if isinstance(reference, MessageDraft) else reference


async def _write_facts(connection: AsyncConnection, batch: Batch) -> None:
    now = batch.now
    await _insert(
        connection, SeenUpdate, [{"source": s, "update_id": u, "seen_at": now} for s, u in batch.new_seen]
    )
    await _insert(
        connection,
        StatusChange,
        [{"conversation_id": held.id, "changed_at": now, **values} for held, values in batch.changes],
    )
    await _insert(
        connection,
        Handoff,
        [{"conversation_id": held.id, "reason": reason, "queued_at": now} for held, reason in batch.handoffs],
    )
    if batch.handoffs_cancelled:
        table = table_of(Handoff)
        await connection.execute(
            update(table)
            .where(
                table.c.conversation_id.in_([h.id for h in batch.handoffs_cancelled]),
                table.c.ended_at.is_(None),
            )
            .values(ended_at=now, outcome="cancelled")
        )
    await _insert(
        connection,
        Timer,
        [{"kind": kind, "subject_id": held.id, "due_at": due} for kind, held, due in batch.timers],
    )
    await _insert(
        connection,
        DeskPost,
        [
            {
                "conversation_id": held.id,
                "customer_id": person.customer_id,
                "message_id": _id(draft),
                "kind": kind,
                "text": "",
                "delivery": "pending",
                "created_at": now,
            }
            for person, held, kind, draft in batch.desk_posts
        ]
        + [
            {
                "conversation_id": held.id,
                "customer_id": person.customer_id,
                "message_id": message_id,
                "kind": "edit",
                "text": "",
                "delivery": "pending",
                "created_at": now,
            }
            for person, held, message_id in batch.edit_posts
        ],
    )


async def _write_feelings(connection: AsyncConnection, batch: Batch) -> None:
    now = batch.now
    feedback = table_of(AnswerFeedback)
    if batch.feedback:
        again = [row["message_id"] for _, row in batch.feedback]
        await connection.execute(delete(feedback).where(feedback.c.message_id.in_(again)))
    await _insert(
        connection,
        AnswerFeedback,
        [{**row, "customer_id": p.customer_id, "created_at": now} for p, row in batch.feedback],
    )
    await _insert(
        connection,
        Gap,
        [
            {"conversation_id": held.id, "message_id": _id(about), "created_at": now, **values}
            for held, about, values in batch.gaps
        ],
    )
    rating = table_of(Rating)
    for row in batch.ratings:
        await connection.execute(
            delete(rating).where(rating.c.request_id == row["request_id"], rating.c.aspect == row["aspect"])
        )
    await _insert(connection, Rating, [{**row, "rated_at": now} for row in batch.ratings])
    request = table_of(RatingRequest)
    for request_id, values in batch.requests.items():
        await connection.execute(update(request).where(request.c.id == request_id).values(**values))


def _signal(session: AsyncSession, batch: Batch) -> None:
    topics = {
        Topic.OUTBOX: any(m.outgoing for m in batch.messages),
        Topic.CONVERSATIONS: bool(batch.messages),
        Topic.QUEUE: bool(batch.handoffs or batch.handoffs_cancelled),
        Topic.DESK: bool(batch.desk_posts or batch.edit_posts),
        Topic.TIMERS: bool(batch.timers),
    }
    signals.notify(session, *(topic for topic, due in topics.items() if due))
