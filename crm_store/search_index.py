"""The index of messages by their words, kept up. Session first; nothing here commits.

The index follows the messages instead of being written with them, so that the path of a message costs nothing more:
whoever searches has it catch up first, a batch at a time. What a customer said and an agent answered is in it by its
`asked_tokens` too, so that what was never answered by a person does not stand before it (past_answers.py).
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store import key_values, turns
from crm_store.models.conversations import Message, MessageEdit
from crm_store.search_text import ASKED, TOKENS, asked_tokens, tokens
from crm_store.turns import Turn

BATCH = 2000
LOOK_BACK = 1000
"""Where several write at once, a lower number may be committed after a higher one."""
EDITS_KEY, TOKENS_KEY = "search_edits", "search_tokens"


def is_sqlite(session: AsyncSession) -> bool:
    """Whether it is SQLite that keeps the index; else PostgreSQL."""
    return session.get_bind().dialect.name == "sqlite"


_MISSING = {
    True: "SELECT id FROM message WHERE id > :newest AND author <> 'system' ORDER BY id LIMIT :n",
    False: "SELECT id FROM message m WHERE id > :newest AND author <> 'system' AND NOT EXISTS "
    "(SELECT 1 FROM message_search s WHERE s.message_id = m.id) ORDER BY id LIMIT :n",
}
_NEWEST = {
    True: "SELECT rowid FROM message_search ORDER BY rowid DESC LIMIT 1",
    False: "SELECT max(message_id) FROM message_search",
}
_ADD = {
    True: "INSERT INTO message_search (rowid, tokens) VALUES (:id, :tokens)",
    False: "INSERT INTO message_search (message_id, tokens) "
    "VALUES (:id, array_to_tsvector(CAST(:tokens AS text[]))) ON CONFLICT DO NOTHING",
}
_DROP = {
    True: "DELETE FROM message_search WHERE rowid = :id",
    False: "DELETE FROM message_search WHERE message_id = :id",
}
_Asked, _Answer, _Earlier = aliased(Message), aliased(Message), aliased(Message)


def answers(message: type[Message]) -> ColumnElement[bool]:
    """Whether it is words of an agent for the customer."""
    return (message.author == "agent") & message.is_note.is_(False) & (message.text != "")


def _is_answered() -> ColumnElement[bool]:
    later = (_Answer.conversation_id == _Asked.conversation_id, _Answer.id > _Asked.id)
    return (_Asked.author == "customer") & exists().where(*later, answers(_Answer))


async def catch_up(session: AsyncSession, *, limit: int = BATCH) -> int:
    """Take up to so many messages into the index that are not in it, and edits; fewer than `limit` is all."""
    on_sqlite = is_sqlite(session)
    await turns.take(session, Turn.SEARCH_INDEX)
    await _begin_anew(session)
    newest = int(await session.scalar(text(_NEWEST[on_sqlite])) or 0)
    since = newest if on_sqlite else newest - LOOK_BACK
    missing = set(await session.scalars(text(_MISSING[on_sqlite]), {"newest": since, "n": limit}))
    await _add(session, missing)
    await _anew(session, await _answered_by(session, missing) - missing)
    await _take_edits(session, up_to=int(await session.scalar(text(_NEWEST[on_sqlite])) or 0))
    return len(missing)


async def _begin_anew(session: AsyncSession) -> None:
    """Empty an index that was made of other tokens than these."""
    if await key_values.known(session, TOKENS_KEY) != TOKENS:
        await clear(session)
        await key_values.keep(session, TOKENS_KEY, TOKENS)


async def _answered_by(session: AsyncSession, ids: Collection[int]) -> set[int]:
    """What customers said since an agent had answered before these messages, so far as they are answers."""
    between = (_Earlier.conversation_id == _Answer.conversation_id, _Earlier.id > _Asked.id)
    asked = (_Asked.conversation_id == _Answer.conversation_id, _Asked.id < _Answer.id)
    query = (
        select(_Asked.id)
        .join(_Answer, and_(*asked))
        .where(_Answer.id.in_(ids), answers(_Answer), _Asked.author == "customer")
        .where(~exists().where(*between, _Earlier.id < _Answer.id, answers(_Earlier)))
    )
    return set(await session.scalars(query))


async def _anew(session: AsyncSession, ids: Collection[int]) -> None:
    if ids:
        await session.execute(text(_DROP[is_sqlite(session)]), [{"id": number} for number in sorted(ids)])
        await _add(session, ids)


async def _add(session: AsyncSession, ids: Collection[int]) -> None:
    on_sqlite = is_sqlite(session)
    query = select(_Asked.id, _Asked.text, _is_answered()).where(_Asked.id.in_(ids)).order_by(_Asked.id)
    values: list[dict[str, Any]] = []
    for number, said, is_answered in await session.execute(query) if ids else ():
        found = tokens(said) + ([ASKED, *asked_tokens(said)] if is_answered else [])
        values.append({"id": number, "tokens": " ".join(found) if on_sqlite else sorted(set(found))})
    if values:
        await session.execute(text(_ADD[on_sqlite]), values)


async def _take_edits(session: AsyncSession, *, up_to: int) -> None:
    """The new words of messages the index has reached; those behind `up_to` are taken in with them later.

    Taken in now they would be the newest entries, and what stands before them would never be.
    """
    last = await session.scalar(select(func.max(MessageEdit.id))) or 0
    since = int(await key_values.known(session, EDITS_KEY) or 0)
    if last == since:
        return
    edited = select(MessageEdit.message_id).where(MessageEdit.id > since, MessageEdit.message_id <= up_to)
    await _anew(session, set(await session.scalars(edited)))
    await key_values.keep(session, EDITS_KEY, str(last))
    await session.flush()


async def forget_for_good(session: AsyncSession) -> None:
    """Let nothing of entries that are gone remain in the index's own pages (SQLite keeps them until it merges)."""
    if is_sqlite(session):
        await session.execute(text("INSERT INTO message_search (message_search) VALUES ('optimize')"))


async def clear(session: AsyncSession) -> None:
    """Empty the index; it is made again by catching up."""
    await session.execute(text("DELETE FROM message_search"))
    await key_values.forget(session, EDITS_KEY)
