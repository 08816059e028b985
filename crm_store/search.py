"""Messages and notes found by their words. Session first; nothing here commits.

The index follows the messages instead of being written with them, so that the path of a message costs nothing more:
whoever searches has it catch up first, a batch at a time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.conversations import Conversation, Message, MessageEdit
from crm_store.models.customers import Customer, Identity
from crm_store.models.plumbing import KeyValue
from crm_store.search_text import is_word, tokens, wanted

BATCH = 2000
LOOK_BACK = 1000
"""Where several write at once, a lower number may be committed after a higher one."""
EDITS_KEY = "search_edits"
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
_FIND = {
    True: "SELECT rowid FROM message_search WHERE message_search MATCH :asked AND rowid < :before "
    "ORDER BY rowid DESC LIMIT :n",
    False: "SELECT message_id FROM message_search WHERE tokens @@ CAST(:asked AS tsquery) "
    "AND message_id < :before ORDER BY message_id DESC LIMIT :n",
}
_LIKE = {
    True: "SELECT rowid FROM message_search WHERE message_search MATCH :asked ORDER BY rank LIMIT :n",
    False: "SELECT message_id FROM message_search WHERE tokens @@ CAST(:asked AS tsquery) "
    "ORDER BY ts_rank(tokens, CAST(:asked AS tsquery)) DESC, message_id DESC LIMIT :n",
}


async def catch_up(session: AsyncSession, *, limit: int = BATCH) -> int:
    """Take up to so many messages into the index that are not in it, and edits; fewer than `limit` is all."""
    is_sqlite = _is_sqlite(session)
    newest = int(await session.scalar(text(_NEWEST[is_sqlite])) or 0)
    since = newest if is_sqlite else newest - LOOK_BACK
    rows = await session.execute(text(_MISSING[is_sqlite]), {"newest": since, "n": limit})
    added = await _add(session, rows.mappings().all())
    await _take_edits(session, up_to=int(await session.scalar(text(_NEWEST[is_sqlite])) or 0))
    return added


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
    known = await session.get(KeyValue, EDITS_KEY)
    last = await session.scalar(select(func.max(MessageEdit.id))) or 0
    since = int(known.value) if known else 0
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
    if known is None:
        session.add(KeyValue(key=EDITS_KEY, value=str(last)))
    else:
        known.value = str(last)
    await session.flush()


def _asked(asked: Iterable[str], is_sqlite: bool, *, joined: str) -> str:
    """The question in the database's own words; tokens hold nothing but letters and digits."""
    if is_sqlite:
        return f" {joined} ".join(f'"{token}"{"*" if is_word(token) else ""}' for token in asked)
    sign = "&" if joined == "AND" else "|"
    return f" {sign} ".join(f"'{token}'{':*' if is_word(token) else ''}" for token in asked)


async def find(
    session: AsyncSession, query: str, *, before_id: int | None = None, limit: int = 50
) -> list[Hit]:
    """The newest messages that hold all that is asked for; nothing for a question without words."""
    asked = wanted(query)
    if not asked:
        return []
    is_sqlite = _is_sqlite(session)
    values = {"asked": _asked(asked, is_sqlite, joined="AND"), "before": before_id or UNSEEN, "n": limit}
    ids = [int(row[0]) for row in await session.execute(text(_FIND[is_sqlite]), values)]
    return await _hits(session, ids)


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
    await session.execute(delete(KeyValue).where(KeyValue.key == EDITS_KEY))
