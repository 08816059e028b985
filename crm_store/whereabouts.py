"""From where a customer writes in a conversation that was made of several: replies go there.

A conversation stands at one address. Where words from other addresses became part of it (see `joining`), it goes along
with its customer: what they write at any of these addresses comes into it, and from then on it stands there.
"""

from typing import Any

from sqlalchemy import Connection, bindparam, exists, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store import ids
from crm_store.batch import Batch, ForStaff, Held, MessageDraft, Person
from crm_store.lifecycle import Status
from crm_store.models.base import table_of
from crm_store.models.casework import ConversationMerge
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Identity
from crm_store.models.plumbing import DeskPost
from crm_store.sentences import Sentence, meant
from crm_store.statements import Statement, among

_I, _C, _M, _P = (table_of(model) for model in (Identity, Conversation, Message, DeskPost))
_G = table_of(ConversationMerge)
_LANE = _I.c.channel + literal(":") + _I.c.address


def _joined(is_sqlite: bool) -> Any:
    was_joined = exists().where(_G.c.kept_id == _C.c.id, _G.c.undone_at.is_(None))
    spoke_there = exists().where(_M.c.conversation_id == _C.c.id, _M.c.lane == _LANE)
    return (
        select(_I.c.id, _C.c.id)
        .join(_C, _C.c.customer_id == _I.c.customer_id)
        .where(among(_I.c.id, "identities", is_sqlite), _C.c.status != Status.RESOLVED)
        .where(was_joined, spoke_there)
        .order_by(_C.c.id)
    )


JOINED = Statement(_joined)
"""Of addresses without an open conversation those whose words are part of another's: (identity, conversation)."""
_GO_ALONG = update(_C).where(_C.c.id == bindparam("b_id"))
_GO_ALONG = _GO_ALONG.values(identity_id=bindparam("b_identity"), channel=bindparam("b_channel"))


async def follow(session: AsyncSession, conversation: Conversation) -> None:
    """Let it stand where its customer wrote last, unless another conversation is open there."""
    last = (
        select(Message.lane)
        .where(Message.conversation_id == conversation.id, Message.author == "customer")
        .where(Message.lane.is_not(None))
        .order_by(Message.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    there = select(Identity).where(last == _LANE, Identity.customer_id == conversation.customer_id)
    if (identity := await session.scalar(there)) is not None:
        await stand_at(session, conversation, identity.id)


async def stand_at(session: AsyncSession, conversation: Conversation, identity_id: int) -> bool:
    """Let it stand at this address; False where another conversation is open there."""
    other = aliased(Conversation)
    is_taken = exists().where(
        other.identity_id == identity_id, other.status != Status.RESOLVED, other.id != conversation.id
    )
    identity = await session.get(Identity, identity_id)
    if identity is None or await session.scalar(select(is_taken)):
        return False
    conversation.identity_id, conversation.channel = identity.id, identity.channel
    await session.flush()
    return True


def go_along(connection: Connection, batch: Batch) -> None:
    """The conversations whose customers wrote from elsewhere than before stand there now; staff are told so."""
    last: dict[int, MessageDraft] = {d.conversation.id: d for d in batch.messages if d.author == "customer"}
    moved = [one for one in last.values() if is_elsewhere(one.conversation, one.person)]
    for one in sorted(moved, key=lambda each: each.conversation.id):
        held, person = one.conversation, one.person
        values = {"b_id": held.id, "b_identity": person.identity_id, "b_channel": person.channel}
        connection.execute(_GO_ALONG, values)
        held.identity_id = person.identity_id
        if held.status is not Status.BOT:
            _tell(connection, batch, held, person)


def _tell(connection: Connection, batch: Batch, held: Held, person: Person) -> None:
    """A note for staff, before the words that came from there."""
    of = {"conversation_id": held.id, "customer_id": person.customer_id, "created_at": batch.now}
    intent = meant(Sentence.WRITES_FROM, channel=person.channel)
    (number,) = ids.take(connection, Message, 1)
    note = of | {"id": number, "author": "system", "is_note": True, "intent": intent}
    connection.execute(insert(_M), note)
    if any(post.held is held for post in batch.desk_posts):  # there is a staff group
        connection.execute(insert(_P), of | {"message_id": number, "kind": "message"})
        batch.desk_posts.append(ForStaff(person, held, "card"))


def is_elsewhere(held: Held, person: Person) -> bool:
    """Whether the conversation stands at another address than the one this person writes from."""
    return held.identity_id not in (0, person.identity_id)
