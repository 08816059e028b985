"""A batch written down: a fixed number of statements, however many messages it holds."""

from sqlalchemy import Connection, String, and_, bindparam, case, func, or_, update

from crm_store import (
    batch_facts,
    batch_messages,
    customer_links,
    entrances,
    first_promises,
    ids,
    places,
    queue_lines,
    ranking,
    whereabouts,
)
from crm_store.batch import Batch, Outlet, Person
from crm_store.lifecycle import WAITING, Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer, Identity
from crm_store.needs import OF_LABELS, Need
from crm_store.outbox import Claimed
from crm_store.settings import StoreSettings
from crm_store.signals import Topic
from crm_store.statements import Same, Statement, among, insertion

_IDENTITY, _CUSTOMER, _CONVERSATION = map(table_of, (Identity, Customer, Conversation))
_WAITED = or_(*(_CONVERSATION.c.status == one for one in sorted(WAITING)))
_GOES_ON_WAITING = and_(_WAITED, or_(*(bindparam("b_status") == one for one in sorted(WAITING))))
_ADD_CUSTOMERS = insertion(Customer)
_ADD_IDENTITIES = insertion(Identity)
_ADD_CONVERSATIONS = insertion(Conversation)
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
_LET_IN = Statement(
    lambda is_sqlite: (
        update(_IDENTITY).where(among(_IDENTITY.c.id, "identities", is_sqlite)).values(unchecked_since=None)
    )
)
_KEEP_PHONE = Statement(
    lambda _: (
        update(_CUSTOMER)
        .where(_CUSTOMER.c.id == bindparam("b_id"), _CUSTOMER.c.phone.is_distinct_from(bindparam("b_phone")))
        .values(phone=bindparam("b_phone"), updated_at=bindparam("b_now"), version=_CUSTOMER.c.version + 1)
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
            # What was handed on to somebody stays theirs while it waits, and no longer.
            meant_for_id=case((_GOES_ON_WAITING, _CONVERSATION.c.meant_for_id), else_=None),
        )
    )
)

_REOPEN = Statement(
    lambda is_sqlite: (
        update(_CONVERSATION)
        .where(among(_CONVERSATION.c.id, "conversations", is_sqlite))
        .values(agent_id=None, resolved_at=None, resolved_by=None)
    )
)
_IS_LABELLED = or_(*(_CONVERSATION.c.skill_why.startswith(begins) for begins in OF_LABELS))
_NEED = Statement(
    lambda _: (
        update(_CONVERSATION)
        .where(_CONVERSATION.c.id == bindparam("b_id"))
        .values(
            # What was answered may ask for none, while a label of the conversation does.
            skill=func.coalesce(
                bindparam("b_skill", type_=String), case((_IS_LABELLED, _CONVERSATION.c.skill))
            ),
            skill_why=func.coalesce(
                bindparam("b_why", type_=String), case((_IS_LABELLED, _CONVERSATION.c.skill_why))
            ),
            skill_until=None,
        )
    )
)


def _needed(number: int, need: Need | None) -> dict[str, object]:
    return {"b_id": number, "b_skill": need and need.skill, "b_why": need and need.why}


def write(
    connection: Connection,
    batch: Batch,
    outlet: Outlet,
    topics: set[Topic],
    settings: StoreSettings | None = None,
) -> list[Claimed]:
    """Everything the batch decided, in one go; by these settings replies are promised.

    The result is what may be sent once this is committed: rows written as 'sending', up to the outlet's places.
    """
    _write_people(connection, batch)
    _write_conversations(connection, batch)
    if batch.reopened:
        _REOPEN(connection, {"conversations": [held.id for held in batch.reopened]})
    if batch.needs:
        _NEED(connection, [_needed(held.id, need) for held, need in batch.needs])
    at_once = batch_messages.write(connection, batch, outlet)
    whereabouts.go_along(connection, batch)
    if settings is not None:
        first_promises.begin(connection, (held.id for held, _ in batch.handoffs), settings, batch.now)
    queued = _waiting(batch)
    ranking.rank(connection, queued)
    at_once = _place(connection, batch, at_once)
    customer_links.mark_used(connection, batch.used_links, batch.now)
    entrances.keep(connection, batch.starts)
    batch_facts.write(connection, batch)
    waiting = sum(m.outgoing for m in batch.messages) - len(at_once)
    _signal(batch, waiting, topics)
    if queued:  # with another language, say, another agent can serve them
        topics.add(Topic.QUEUE)
    return at_once


def _place(connection: Connection, batch: Batch, at_once: list[Claimed]) -> list[Claimed]:
    """Those who came are told where they stand by the order of the queue, which is known now."""
    waiting = [(m, words) for m, words in batch.placed if m.conversation.status is Status.QUEUED]
    if not waiting:
        return at_once
    found = queue_lines.places(connection, batch.now)
    for message, words in waiting:
        position, why = found[message.conversation.id]
        told = {places.TOLD: position, places.WHY: why}
        message.text, message.intent = words(position, why), {**(message.intent or {}), **told}
    batch_messages.reword(connection, [message for message, _ in waiting])
    anew = {message.id: message for message, _ in waiting}
    return [
        one._replace(text=anew[one.id].text, intent=anew[one.id].intent) if one.id in anew else one
        for one in at_once
    ]


def _waiting(batch: Batch) -> set[int]:
    """Who came into the queue or, waiting in it, said something: what speaks for them may be another."""
    return {m.conversation.id for m in batch.messages if m.conversation.status is Status.QUEUED}


def _write_people(connection: Connection, batch: Batch) -> None:
    new = [person for person in batch.touched.values() if person.is_new]
    if new:
        _add_people(connection, batch, new)
    old = [person for person in batch.touched.values() if not person.is_new]
    if old:
        _see_again(connection, batch, old)
    if batch.languages:
        chosen = [{"b_id": person.customer_id, "b_language": code} for person, code in batch.languages]
        _CHOOSE_LANGUAGE(connection, chosen)
    if batch.checked:
        _LET_IN(connection, {"identities": sorted({person.identity_id for person in batch.checked})})
    if batch.phones:
        numbers = {person.customer_id: number for person, number in batch.phones}  # the last one counts
        rows = [{"b_id": n, "b_phone": numbers[n], "b_now": batch.now} for n in sorted(numbers)]
        _KEEP_PHONE(connection, rows)


def _see_again(connection: Connection, batch: Batch, people: list[Person]) -> None:
    now = Same(batch.now)
    _SEEN_AGAIN.fill(
        connection,
        {
            "b_id": [p.identity_id for p in people],
            "b_name": [p.display_name for p in people],
            "b_username": [p.username for p in people],
            "b_reachable": [p.is_reachable for p in people],
            "b_now": now,
        },
    )
    # In one order everywhere, so that no two processes wait for each other's rows.
    _CUSTOMER_SEEN.fill(connection, {"b_id": sorted({p.customer_id for p in people}), "b_now": now})


def _add_people(connection: Connection, batch: Batch, new: list[Person]) -> None:
    now = Same(batch.now)
    unknown = [person for person in new if not person.customer_id]  # the others came by a customer's link
    for person, customer_id in zip(unknown, ids.take(connection, Customer, len(unknown)), strict=True):
        person.customer_id = customer_id
    for person, identity_id in zip(new, ids.take(connection, Identity, len(new)), strict=True):
        person.identity_id = identity_id
    if unknown:
        _ADD_CUSTOMERS.fill(
            connection,
            {
                "id": [p.customer_id for p in unknown],
                "name": [p.display_name for p in unknown],
                "created_at": now,
                "updated_at": now,
                "last_seen_at": now,
            },
        )
    _ADD_IDENTITIES.fill(
        connection,
        {
            "id": [p.identity_id for p in new],
            "customer_id": [p.customer_id for p in new],
            "channel": [p.channel for p in new],
            "address": [p.address for p in new],
            "display_name": [p.display_name for p in new],
            "username": [p.username for p in new],
            "language": [p.language for p in new],
            "is_reachable": [p.is_reachable for p in new],
            "secret_hash": [p.secret_hash for p in new],
            "unchecked_since": [p.unchecked_since for p in new],
            "created_at": now,
            "last_seen_at": now,
        },
    )


def _write_conversations(connection: Connection, batch: Batch) -> None:
    numbers = ids.take(connection, Conversation, len(batch.conversations))
    for (_, held), number in zip(batch.conversations, numbers, strict=True):
        held.id = number
    if batch.conversations:
        _add_conversations(connection, batch)
    old = [held for held in batch.dirty.values() if not held.is_new]
    if old:
        _MOVE_ON.fill(
            connection,
            {
                "b_id": [held.id for held in old],
                "b_status": [held.status for held in old],
                "b_language": [held.language for held in old],
                "b_memory": [held.memory for held in old],
                "b_queued": [held.queued_at for held in old],
                "b_reason": [held.handoff_reason for held in old],
                "b_now": Same(batch.now),
                "b_away": [held.away_told_at for held in old],
            },
        )


def _add_conversations(connection: Connection, batch: Batch) -> None:
    people = [person for person, _ in batch.conversations]
    new = [held for _, held in batch.conversations]
    _ADD_CONVERSATIONS.fill(
        connection,
        {
            "id": [held.id for held in new],
            "customer_id": [person.customer_id for person in people],
            "identity_id": [person.identity_id for person in people],
            "channel": [person.channel for person in people],
            "status": [held.status for held in new],
            "language": [held.language for held in new],
            "memory": [held.memory for held in new],
            "queued_at": [held.queued_at for held in new],
            "handoff_reason": [held.handoff_reason for held in new],
            "created_at": Same(batch.now),
            "last_message_at": Same(batch.now),
            "away_told_at": [held.away_told_at for held in new],
        },
    )


def _signal(batch: Batch, waiting: int, topics: set[Topic]) -> None:
    due = {
        Topic.OUTBOX: waiting > 0,
        Topic.CONVERSATIONS: bool(batch.messages),
        Topic.QUEUE: bool(batch.handoffs or batch.handoffs_cancelled),
        Topic.DESK: bool(batch.desk_posts or batch.edit_posts),
        # What is to happen at once, such as writing down the reply that is owed. Those that close what was idle for
        # hours, set with every message to the bot, need nobody woken: whoever fires them looks again before.
        Topic.TIMERS: any(due_at <= batch.now for _, _, due_at in batch.timers),
    }
    topics.update(topic for topic, is_due in due.items() if is_due)
