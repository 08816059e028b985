"""What the staff's chats are told of agents' messages that did not reach their customers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, exists, insert, select

from crm_store.models.base import table_of
from crm_store.models.conversations import Message
from crm_store.models.plumbing import DeskPost, DeskTopic
from crm_store.storable import storable


def tell_failed(connection: Connection, failed: Sequence[tuple[int, str]], *, now: datetime) -> None:
    """Tell the staff which agents' messages (id, why) did not reach their customers; others are passed over."""
    has_topic = exists().where(DeskTopic.customer_id == Message.customer_id)
    query = (
        select(Message.id, Message.conversation_id, Message.customer_id)
        .where(Message.id.in_([number for number, _ in failed]), Message.author == "agent", has_topic)
        .order_by(Message.id)
    )
    reasons = dict(failed)
    posts = [
        {
            "conversation_id": conversation_id,
            "customer_id": customer_id,
            "message_id": number if kind == "failed" else None,
            "kind": kind,
            "text": storable(reasons[number]) if kind == "failed" else "",
            "delivery": "pending",
            "attempts": 0,
            "created_at": now,
        }
        for number, conversation_id, customer_id in connection.execute(query)
        for kind in ("failed", "card")  # whose words it tells as an answer
    ]
    if posts:
        connection.execute(insert(table_of(DeskPost)), posts)
