"""Messages and notes found by their words, in an index that has caught up (search_index.py). Session first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    column,
    func,
    select,
    table,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import search_index
from crm_store.filters import Filters, conditions, in_time
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from crm_store.search_text import ASKED, asked_tokens, is_word, spellings, wanted

UNSEEN = 2**62
MAX_ASKED = 32


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that holds what was asked for."""

    message: Message
    status: str
    customer_name: str | None


_HOLDS = {True: "message_search MATCH :asked", False: "message_search.tokens @@ CAST(:asked AS tsquery)"}
_INDEX = table("message_search", column("rowid"), column("message_id"))
_LIKE = {
    True: "SELECT rowid FROM message_search WHERE message_search MATCH :asked ORDER BY rank LIMIT :n",
    False: "SELECT message_id FROM message_search WHERE tokens @@ CAST(:asked AS tsquery) "
    "ORDER BY ts_rank(tokens, CAST(:asked AS tsquery)) DESC, message_id DESC LIMIT :n",
}


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
    is_sqlite = search_index.is_sqlite(session)
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
    is_sqlite = search_index.is_sqlite(session)
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
    is_sqlite = search_index.is_sqlite(session)
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


async def newest_answered(session: AsyncSession, *, limit: int) -> list[str]:
    """What customers said last that an agent answered, in their words."""
    on_sqlite = search_index.is_sqlite(session)
    number = _INDEX.c.rowid if on_sqlite else _INDEX.c.message_id
    marked = text(_HOLDS[on_sqlite]).bindparams(asked=_one_of([ASKED], on_sqlite))
    newest = select(number).select_from(_INDEX).where(marked).order_by(number.desc()).limit(limit)
    ids = [int(found) for found in await session.scalars(newest)]
    return list(await session.scalars(select(Message.text).where(Message.id.in_(ids))))


async def answered_like(session: AsyncSession, question: str, *, limit: int = 50) -> list[int]:
    """The ids of what customers said and an agent answered that have the most of the question's words, the likest
    first."""
    asked = list(dict.fromkeys(asked_tokens(question)))[:MAX_ASKED]
    if not asked:
        return []
    on_sqlite = search_index.is_sqlite(session)
    values = {"asked": _one_of(asked, on_sqlite), "n": limit}
    return [int(row[0]) for row in await session.execute(text(_LIKE[on_sqlite]), values)]


def _one_of(entries: Sequence[str], on_sqlite: bool) -> str:
    """A question for whatever has one of these."""
    joined, quote = (" OR ", '"') if on_sqlite else (" | ", "'")
    return joined.join(f"{quote}{entry}{quote}" for entry in entries)
