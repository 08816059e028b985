"""A batch written down: a fixed number of statements, however many messages it holds."""

from typing import Any

from sqlalchemy import Connection, bindparam, update

from crm_store import batch_facts, customer_links, entrances, ids, ranking
from crm_store.batch import Batch, MessageDraft, Outlet, Person
from crm_store.lifecycle import Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation, Message, MessageEdit
from crm_store.models.customers import Customer, Identity
from crm_store.outbox import LEASE, Claimed
from crm_store.signals import Topic
from crm_store.statements import Statement, among, insertion

_IDENTITY, _CUSTOMER, _CONVERSATION, _MESSAGE = map(table_of, (Identity, Customer, Conversation, Message))
_ADD_CUSTOMERS = insertion(Customer)
_ADD_IDENTITIES = insertion(Identity)
_ADD_CONVERSATIONS = insertion(Conversation)
_ADD_MESSAGES = insertion(Message)
_ADD_EDITS = insertion(MessageEdit)
_SEEN_AGAIN = Statement(
    lambda _: (
        update(_IDENTITY)
        .where(_IDENTITY.c.id == bindparam("b_id"))
        .values(
            display_name=bindparam("b_name"),
            username=bindparam("b_username"),
            is_reachable=bindparam("b_reachable"),
            last_seen_at=bindparam("b_now"),
        )
    )
)
_CUSTOMER_SEEN = Statement(
    lambda _: (
        update(_CUSTOMER).where(_CUSTOMER.c.id == bindparam("b_id")).values(last_seen_at=bindparam("b_now"))
    )
)
_CHOOSE_LANGUAGE = Statement(
    lambda _: (
        update(_CUSTOMER).where(_CUSTOMER.c.id == bindparam("b_id")).values(language=bindparam("b_language"))
    )
)
_MOVE_ON = Statement(
    lambda _: (
        update(_CONVERSATION)
        .where(_CONVERSATION.c.id == bindparam("b_id"))
        .values(
            status=bindparam("b_status"),
            language=bindparam("b_language"),
            memory=bindparam("b_memory"),
            queued_at=bindparam("b_queued"),
            handoff_reason=bindparam("b_reason"),
            last_message_at=bindparam("b_now"),
            away_told_at=bindparam("b_away"),
        )
    )
)
_SETTLE = Statement(
    lambda is_sqlite: (
        update(_MESSAGE)
        .where(among(_MESSAGE.c.id, "settled", is_sqlite))
        .values(settled_at=bindparam("b_now"))
    )
)
_REWORD = Statement(
    lambda _: (
        update(_MESSAGE)
        .where(_MESSAGE.c.id == bindparam("b_id"))
        .values(text=bindparam("b_text"), edited_at=bindparam("b_now"))
    )
)


def write(connection: Connection, batch: Batch, outlet: Outlet, topics: set[Topic]) -> list[Claimed]:
    """Everything the batch decided, in one go.

    The result is what may be sent once this is committed: rows written as 'sending', up to the outlet's places.
    """
    _write_people(connection, batch)
    _write_conversations(connection, batch)
    at_once = _write_messages(connection, batch, outlet)
    ranking.rank(connection, _waiting(batch))
    customer_links.mark_used(connection, batch.used_links, batch.now)
    entrances.keep(connection, batch.starts)
    batch_facts.write(connection, batch)
    waiting = sum(m.outgoing for m in batch.messages) - len(at_once)
    _signal(batch, waiting, topics)
    return at_once


def _waiting(batch: Batch) -> set[int]:
    """Who came into the queue or, waiting in it, said something: what speaks for them may be another."""
    return {m.conversation.id for m in batch.messages if m.conversation.status is Status.QUEUED}


def _write_people(connection: Connection, batch: Batch) -> None:
    new = [person for person in batch.touched.values() if person.is_new]
    if new:
        _add_people(connection, batch, new)
    old = [person for person in batch.touched.values() if not person.is_new]
    if old:
        values = [
            {
                "b_id": p.identity_id,
                "b_name": p.display_name,
                "b_username": p.username,
                "b_reachable": p.is_reachable,
                "b_now": batch.now,
            }
            for p in old
        ]
        _SEEN_AGAIN(connection, values)
        # In one order everywhere, so that no two processes wait for each other's rows.
        seen = sorted({person.customer_id for person in old})
        _CUSTOMER_SEEN(connection, [{"b_id": number, "b_now": batch.now} for number in seen])
    if batch.languages:
        chosen = [{"b_id": person.customer_id, "b_language": code} for person, code in batch.languages]
        _CHOOSE_LANGUAGE(connection, chosen)


def _add_people(connection: Connection, batch: Batch, new: list[Person]) -> None:
    now = batch.now
    unknown = [person for person in new if not person.customer_id]  # the others came by a customer's link
    for person, customer_id in zip(unknown, ids.take(connection, Customer, len(unknown)), strict=True):
        person.customer_id = customer_id
    for person, identity_id in zip(new, ids.take(connection, Identity, len(new)), strict=True):
        person.identity_id = identity_id
    customers = [
        {
            "id": p.customer_id,
            "name": p.display_name,
            "created_at": now,
            "updated_at": now,
            "last_seen_at": now,
        }
        for p in unknown
    ]
    if customers:
        _ADD_CUSTOMERS(connection, customers)
    identities = [
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
    ]
    _ADD_IDENTITIES(connection, identities)


def _write_conversations(connection: Connection, batch: Batch) -> None:
    numbers = ids.take(connection, Conversation, len(batch.conversations))
    for (_, held), number in zip(batch.conversations, numbers, strict=True):
        held.id = number
    new = [
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
            "away_told_at": held.away_told_at,
        }
        for person, held in batch.conversations
    ]
    if new:
        _ADD_CONVERSATIONS(connection, new)
    old = [
        {
            "b_id": held.id,
            "b_status": held.status,
            "b_language": held.language,
            "b_memory": held.memory,
            "b_queued": held.queued_at,
            "b_reason": held.handoff_reason,
            "b_now": batch.now,
            "b_away": held.away_told_at,
        }
        for held in batch.dirty.values()
        if not held.is_new
    ]
    if old:
        _MOVE_ON(connection, old)


def _write_messages(connection: Connection, batch: Batch, outlet: Outlet) -> list[Claimed]:
    numbers = ids.take(connection, Message, len(batch.messages))
    for draft, number in zip(batch.messages, numbers, strict=True):
        draft.id = number
    at_once = _choose_at_once(batch, outlet)
    if batch.messages:
        rows = [_row(draft, batch, draft.id in at_once) for draft in batch.messages]
        if outlet.process is not None:
            for row in rows:
                row["claimed_by"] = outlet.process if row["id"] in at_once else None
        _ADD_MESSAGES(connection, rows)
    if batch.settled:
        _SETTLE(connection, {"settled": batch.settled, "b_now": batch.now})
    if batch.edits:
        edits = [{"message_id": k.id, "old_text": k.text, "edited_at": batch.now} for k, _ in batch.edits]
        _ADD_EDITS(connection, edits)
        _REWORD(connection, [{"b_id": k.id, "b_text": said, "b_now": batch.now} for k, said in batch.edits])
    return [_claimed(draft, batch) for draft in batch.messages if draft.id in at_once]


def _choose_at_once(batch: Batch, outlet: Outlet) -> set[int]:
    """The first message of each free lane, while there are places.

    Never one that must not come twice: its 'sending' is committed just before the call, so that a crash in
    between leaves as little doubt as can be.
    """
    chosen: set[int] = set()
    busy, places = set(batch.busy_lanes), dict(outlet.places)
    for draft in batch.messages:
        if not places:
            break
        channel, lane = draft.person.channel, draft.person.lane
        if not draft.outgoing or lane in busy:
            continue
        busy.add(lane)
        if places.get(channel, 0) and not (draft.intent or {}).get("once"):
            chosen.add(draft.id)
            places[channel] -= 1
    return chosen


def _row(draft: MessageDraft, batch: Batch, is_sending: bool) -> dict[str, Any]:
    waiting = "pending" if draft.outgoing else None
    return {
        "id": draft.id,
        "conversation_id": draft.conversation.id,
        "customer_id": draft.person.customer_id,
        "author": draft.author,
        "is_note": False,
        "kind": draft.kind,
        "text": draft.text,
        "intent": draft.intent,
        "attachment": draft.attachment,
        "article_key": draft.article_key,
        "confidence": draft.confidence,
        "decision": draft.decision,
        "reply_to_id": _id(draft.reply_to),
        "created_at": batch.now,
        "lane": draft.person.lane,
        "delivery": "sending" if is_sending else waiting,
        "attempts": int(is_sending),
        "next_try_at": batch.now + LEASE if is_sending else None,
        "platform_id": draft.platform_id,
    }


def _claimed(draft: MessageDraft, batch: Batch) -> Claimed:
    return Claimed(
        id=draft.id,
        conversation_id=draft.conversation.id,
        customer_id=draft.person.customer_id,
        lane=draft.person.lane,
        author=draft.author,
        kind=draft.kind,
        text=draft.text,
        intent=draft.intent,
        attachment=draft.attachment,
        reply_to_id=_id(draft.reply_to),
        language=draft.conversation.language,
        attempts=1,
        created_at=batch.now,
    )


def _id(reference: MessageDraft | int | None) -> int | None:
    return reference.id if isinstance(reference, MessageDraft) else reference


def _signal(batch: Batch, waiting: int, topics: set[Topic]) -> None:
    due = {
        Topic.OUTBOX: waiting > 0,
        Topic.CONVERSATIONS: bool(batch.messages),
        Topic.QUEUE: bool(batch.handoffs or batch.handoffs_cancelled),
        Topic.DESK: bool(batch.desk_posts or batch.edit_posts),
    }  # the only timers set here close what was idle for hours: nobody needs waking for them
    topics.update(topic for topic, is_due in due.items() if is_due)
