"""One customer's message in a Core transaction of its own: statements by hand, no objects, PostgreSQL.

The same rows as ours writes, marked as sent in a second transaction, as a bot must that does not want to lose a reply.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.clock import system_clock
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from crm_store.models.plumbing import SeenUpdate, Timer
from crm_store.timers import TimerKind


class CoreWork:
    """What a handler calls; callers run at once, each on a connection of the pool."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def receive(self, update_id: int, user_id: int, name: str, text: str, said: str) -> int | None:
        """The reply's row number; None when the update was handled before."""
        now = system_clock()
        async with self._engine.begin() as connection:
            seen = insert_or_ignore(SeenUpdate).on_conflict_do_nothing()
            values = {"source": "telegram:1", "update_id": str(update_id), "seen_at": now}
            if (await connection.execute(seen, values)).rowcount == 0:
                return None
            identity_id, customer_id = await _person(connection, user_id, name, now)
            conversation_id = await _conversation(connection, identity_id, customer_id, now)
            row = {
                "conversation_id": conversation_id, "customer_id": customer_id, "created_at": now,
                "lane": f"telegram:{user_id}",
            }  # fmt: skip
            asked_row = {**row, "author": "customer", "text": text, "decision": "answer", "platform_id": "7"}
            asked = await _insert(connection, Message, asked_row)
            intent = {"choices": [{"label": "Yes", "action": {"do": "helped", "yes": True}}]}
            reply = {**row, "author": "bot", "text": said, "intent": intent, "reply_to_id": asked}
            return await _insert(connection, Message, {**reply, "delivery": "sending", "attempts": 1})

    async def mark(self, row: int, platform_id: int) -> None:
        """The reply was sent."""
        sent = {"delivery": "sent", "sent_at": system_clock(), "platform_id": str(platform_id)}
        async with self._engine.begin() as connection:
            await connection.execute(update(Message).where(Message.id == row).values(**sent))


async def _person(connection: AsyncConnection, user_id: int, name: str, now: datetime) -> tuple[int, int]:
    """(identity, customer)"""
    query = select(Identity.id, Identity.customer_id)
    found = (
        await connection.execute(
            query.where(Identity.channel == "telegram", Identity.address == str(user_id))
        )
    ).first()
    if found is None:
        person = {"name": name, "created_at": now, "updated_at": now, "last_seen_at": now}
        customer = await _insert(connection, Customer, person)
        address = {
            "customer_id": customer, "channel": "telegram", "address": str(user_id), "display_name": name,
            "language": "en", "created_at": now, "last_seen_at": now,
        }  # fmt: skip
        return await _insert(connection, Identity, address), customer
    seen = {"last_seen_at": now, "display_name": name}
    await connection.execute(update(Identity).where(Identity.id == found[0]).values(**seen))
    return found[0], found[1]


async def _conversation(connection: AsyncConnection, identity: int, customer: int, now: datetime) -> int:
    is_open = (Conversation.identity_id == identity, Conversation.status != "resolved")
    found: int | None = await connection.scalar(select(Conversation.id).where(*is_open))
    if found is not None:
        newest = update(Conversation).where(Conversation.id == found).values(last_message_at=now)
        await connection.execute(newest)
        return found
    row = {
        "customer_id": customer, "identity_id": identity, "channel": "telegram", "status": "bot",
        "language": "en", "memory": {}, "created_at": now, "last_message_at": now,
    }  # fmt: skip
    made = await _insert(connection, Conversation, row)
    timer = {"kind": TimerKind.IDLE_CLOSE, "subject_id": made, "due_at": now + timedelta(hours=24)}
    await connection.execute(insert(Timer), timer)
    return made


async def _insert(connection: AsyncConnection, table: Any, row: dict[str, Any]) -> int:
    """The new row's number."""
    made: int | None = await connection.scalar(insert(table).values(**row).returning(table.id))
    assert made is not None
    return made
