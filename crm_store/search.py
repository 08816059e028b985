"""Messages and notes found by their words. Session first; nothing here commits.

The index follows the messages instead of being written with them, so that the path of a message costs nothing more:
whoever searches has it catch up first, a batch at a time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    RowMapping,
    column,
    func,
    select,
    table,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import key_values, turns
from crm_store.filters import Filters, conditions, in_time
from crm_store.models.conversations import Conversation, Message, MessageEdit
from crm_store.models.customers import Customer, Identity
from crm_store.search_text import TOKENS, is_word, spellings, tokens, wanted
from crm_store.turns import Turn

BATCH = 2000
LOOK_BACK = 1000
"""Where several write at once, a lower number may be committed after a higher one."""
EDITS_KEY, TOKENS_KEY = "search_edits", "search_tokens"
UNSEEN = 2**62


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that holds what was asked for."""

    message: Message
    status: str
    customer_name: str | None


def _is_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


_MISSING = {
    True: "SELECT id, text FROM message WHERE id > :newest AND author <> 'system' ORDER BY id LIMIT :n",
    False: "SELECT id, text FROM message m WHERE id > :newest AND author <> 'system' AND NOT EXISTS "
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
_HOLDS = {True: "message_search MATCH :asked", False: "message_search.tokens @@ CAST(:asked AS tsquery)"}
_INDEX = table("message_search", column("rowid"), column("message_id"))
_LIKE = {
    True: "SELECT rowid FROM message_search WHERE message_search MATCH :asked ORDER BY rank LIMIT :n",
    False: "SELECT message_id FROM message_search WHERE tokens @@ CAST(:asked AS tsquery) "
    "ORDER BY ts_rank(tokens, CAST(:asked AS tsquery)) DESC, message_id DESC LIMIT :n",
}


async def catch_up(session: AsyncSession, *, limit: int = BATCH) -> int:
    """Take up to so many messages into the index that are not in it, and edits; fewer than `limit` is all."""
    is_sqlite = _is_sqlite(session)
    await turns.take(session, Turn.SEARCH_INDEX)
    await _begin_anew(session)
    newest = int(await session.scalar(text(_NEWEST[is_sqlite])) or 0)
    since = newest if is_sqlite else newest - LOOK_BACK
    rows = await session.execute(text(_MISSING[is_sqlite]), {"newest": since, "n": limit})
    added = await _add(session, rows.mappings().all())
    await _take_edits(session, up_to=int(await session.scalar(text(_NEWEST[is_sqlite])) or 0))
    return added


async def _begin_anew(session: AsyncSession) -> None:
    """Empty an index that was made of other tokens than these."""
    if await key_values.known(session, TOKENS_KEY) != TOKENS:
        await clear(session)
        await key_values.keep(session, TOKENS_KEY, TOKENS)


async def _add(session: AsyncSession, rows: Sequence[RowMapping]) -> int:
    is_sqlite = _is_sqlite(session)
    values: list[dict[str, Any]] = []
    for row in rows:
        found = tokens(row["text"])
        values.append({"id": row["id"], "tokens": " ".join(found) if is_sqlite else sorted(set(found))})
    if values:
        await session.execute(text(_ADD[is_sqlite]), values)
    return len(values)


async def _take_edits(session: AsyncSession, *, up_to: int) -> None:
    """The new words of messages the index has reached; those behind `up_to` are taken in with them later.

    Taken in now they would be the newest entries, and what stands before them would never be.
    """
    last = await session.scalar(select(func.max(MessageEdit.id))) or 0
    since = int(await key_values.known(session, EDITS_KEY) or 0)
    if last == since:
        return
    edited = select(MessageEdit.message_id).where(MessageEdit.id > since, MessageEdit.message_id <= up_to)
    rows = (
        (await session.execute(select(Message.id, Message.text).where(Message.id.in_(edited))))
        .mappings()
        .all()
    )
    if rows:
        await session.execute(text(_DROP[_is_sqlite(session)]), [{"id": row["id"]} for row in rows])
        await _add(session, rows)
    await key_values.keep(session, EDITS_KEY, str(last))
    await session.flush()


def _asked(asked: Iterable[str], is_sqlite: bool, *, joined: str) -> str:
    """The question in the database's own words; tokens hold nothing but letters and digits."""
    quote, beginning = ('"', "*") if is_sqlite else ("'", ":*")
    either, sign = (" OR ", joined) if is_sqlite else (" | ", "&" if joined == "AND" else "|")
    groups = (
        either.join(f"{quote}{each}{quote}{beginning if is_word(token) else ''}" for each in spellings(token))
        for token in asked
    )
    return f" {sign} ".join(f"({group})" for group in groups)


def _holding(filters: Filters, is_sqlite: bool) -> tuple[FromClause, list[ColumnElement[bool]]] | None:
    """Where messages that hold the words in the time asked for are, and what says so; None without any words."""
    asked = wanted(filters.q or "")
    if not asked:
        return None
    number = _INDEX.c.rowid if is_sqlite else _INDEX.c.message_id
    words = text(_HOLDS[is_sqlite]).bindparams(asked=_asked(asked, is_sqlite, joined="AND"))
    found: list[Any] = [words]
    if filters.since is not None:
        found.append(Message.created_at >= filters.since)
    if filters.until is not None:
        found.append(Message.created_at < filters.until)
    return _INDEX.join(Message, Message.id == number), found


async def find(
    session: AsyncSession, filters: Filters, *, before_id: int | None = None, limit: int = 50
) -> list[Hit]:
    """The newest messages that hold all the words, in conversations that fit; nothing without any words."""
    is_sqlite = _is_sqlite(session)
    holding = _holding(filters, is_sqlite)
    if holding is None:
        return []
    where, words = holding
    number = _INDEX.c.rowid if is_sqlite else _INDEX.c.message_id
    query = (
        select(number)
        .select_from(where.join(Conversation, Conversation.id == Message.conversation_id))
        .where(*words, *conditions(filters, is_sqlite), number < (before_id or UNSEEN))
        .order_by(number.desc())
        .limit(limit)
    )
    return await _hits(session, [int(found) for found in await session.scalars(query)])


async def find_conversations(
    session: AsyncSession, filters: Filters, *, before_id: int | None = None, limit: int = 50
) -> list[Conversation]:
    """The newest conversations that fit, words included; words in which there is none to look for find nothing."""
    is_sqlite = _is_sqlite(session)
    query = select(Conversation).where(*conditions(filters, is_sqlite))
    if filters.q is None:
        query = query.where(*in_time(filters))
    elif (holding := _holding(filters, is_sqlite)) is None:
        return []
    else:
        where, words = holding
        query = query.where(
            Conversation.id.in_(select(Message.conversation_id).select_from(where).where(*words))
        )
    if before_id is not None:
        query = query.where(Conversation.id < before_id)
    return list(await session.scalars(query.order_by(Conversation.id.desc()).limit(limit)))


async def newest_hits(
    session: AsyncSession, filters: Filters, conversation_ids: Sequence[int]
) -> dict[int, tuple[Hit, int]]:
    """Of each of these conversations the newest message that holds the words, and how many do."""
    is_sqlite = _is_sqlite(session)
    holding = _holding(filters, is_sqlite)
    if holding is None or not conversation_ids:
        return {}
    where, words = holding
    counted = await session.execute(
        select(func.max(Message.id), func.count())
        .select_from(where)
        .where(*words, Message.conversation_id.in_(conversation_ids))
        .group_by(Message.conversation_id)
    )
    counts = {int(newest): int(count) for newest, count in counted}
    hits = await _hits(session, list(counts))
    return {hit.message.conversation_id: (hit, counts[hit.message.id]) for hit in hits}


async def _hits(session: AsyncSession, ids: Sequence[int]) -> list[Hit]:
    if not ids:
        return []
    rows = await session.execute(
        select(Message, Conversation.status, func.coalesce(Customer.name, Identity.display_name))
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(Message.id.in_(ids))
        .order_by(Message.id.desc())
    )
    return [Hit(*row) for row in rows]


async def like(session: AsyncSession, question: str, *, limit: int = 50) -> list[int]:
    """The ids of messages that have the most of the question's words, the likest first."""
    asked = wanted(question)
    if not asked:
        return []
    is_sqlite = _is_sqlite(session)
    values = {"asked": _asked(asked, is_sqlite, joined="OR"), "n": limit}
    return [int(row[0]) for row in await session.execute(text(_LIKE[is_sqlite]), values)]


async def forget_for_good(session: AsyncSession) -> None:
    """Let nothing of entries that are gone remain in the index's own pages (SQLite keeps them until it merges)."""
    if _is_sqlite(session):
        await session.execute(text("INSERT INTO message_search (message_search) VALUES ('optimize')"))


async def clear(session: AsyncSession) -> None:
    """Empty the index; it is made again by catching up."""
    await session.execute(text("DELETE FROM message_search"))
    await key_values.forget(session, EDITS_KEY)
