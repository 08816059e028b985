"""Whose file is whose: the rows beside the folder of `files`. Session first; nothing here commits.

A row may go before its file: a file without a row is deleted by `sweep`, a row without a file is never made.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import installation
from crm_store.engine import Store
from crm_store.file_types import kind_of
from crm_store.files import Files, Taken
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Identity
from crm_store.models.files import StoredFile

ARTICLES = "article"
"""The lane of the files of articles: the business's own, which go with no customer and no conversation."""
UNCLAIMED_LASTS = timedelta(days=1)
SETTLED_S = 3600.0
"""A file this old has its row, if it ever gets one."""
_AT_ONCE = 500


async def add(
    session: AsyncSession, taken: Taken, *, lane: str, now: datetime, claimed_by: str | None = None
) -> StoredFile:
    """The row of a file that lies in the folder."""
    row = StoredFile(
        key=taken.key,
        lane=lane,
        name=taken.name,
        mime=taken.mime,
        size=taken.size,
        digest=taken.digest or None,
        claimed_by=claimed_by,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def find(session: AsyncSession, key: str) -> StoredFile | None:
    """The file of this key, or None."""
    return await session.scalar(select(StoredFile).where(StoredFile.key == key))


async def claim(session: AsyncSession, key: str, *, lane: str, claimed_by: str) -> StoredFile | None:
    """The file for the message `claimed_by`; None when it is another sender's, another message's, or gone.

    The same message may claim it again: a page repeats what was not confirmed.
    """
    free = or_(StoredFile.claimed_by.is_(None), StoredFile.claimed_by == claimed_by)
    mine = (StoredFile.key == key) & (StoredFile.lane == lane) & free
    changed = update(StoredFile).where(mine).values(claimed_by=claimed_by).returning(StoredFile)
    return await session.scalar(changed.execution_options(populate_existing=True))


async def let_go(session: AsyncSession, keys: Collection[str]) -> list[StoredFile]:
    """These files, as no message's any more, in the order they came; another may claim them until they are swept."""
    await session.execute(update(StoredFile).where(StoredFile.key.in_(keys)).values(claimed_by=None))
    found = select(StoredFile).where(StoredFile.key.in_(keys)).order_by(StoredFile.id)
    return list(await session.scalars(found.execution_options(populate_existing=True)))


async def volume(session: AsyncSession, lane: str, *, since: datetime) -> int:
    """How many bytes this sender has handed in since then."""
    total = select(func.sum(StoredFile.size)).where(StoredFile.lane == lane, StoredFile.created_at >= since)
    return int(await session.scalar(total) or 0)


def attachment(row: StoredFile) -> dict[str, Any]:
    """What a message row says of the file."""
    return {"type": kind_of(row.mime), "file": row.key, "name": row.name, "mime": row.mime, "size": row.size}


async def lane_of(session: AsyncSession, conversation: Conversation) -> str:
    """Where what is said in the conversation goes."""
    identity = await session.get_one(Identity, conversation.identity_id)
    return f"{identity.channel}:{identity.address}"


async def of_people(session: AsyncSession, persons: Collection[int]) -> list[StoredFile]:
    """All files from these customers and to them."""
    rows = await session.execute(
        select(Identity.channel, Identity.address).where(Identity.customer_id.in_(persons))
    )
    lanes = [f"{channel}:{address}" for channel, address in rows]
    found = select(StoredFile).where(StoredFile.lane.in_(lanes)).order_by(StoredFile.id)
    return list(await session.scalars(found))


async def forget_people(session: AsyncSession, persons: Collection[int]) -> list[str]:
    """Delete the rows of `of_people`; the keys of the files, to be removed after the commit."""
    return await forget(session, [row.key for row in await of_people(session, persons)])


async def forget_conversations(session: AsyncSession, conversations: Sequence[int]) -> list[str]:
    """The same for what was sent in these conversations; an article's files stay with it."""
    sent = select(Message.attachment).where(
        Message.conversation_id.in_(conversations), Message.attachment.is_not(None)
    )
    keys = {str(found["file"]) for found in await session.scalars(sent) if found and "file" in found}
    return await forget(session, sorted(keys), but_of=ARTICLES)


async def sweep(store: Store, files: Files, *, now: datetime) -> int:
    """Delete what no message claimed within a day, and files that have no row (any more); how many files went.

    Files stay where the folder is another installation's: its rows are not here.
    """
    late = (StoredFile.claimed_by.is_(None)) & (StoredFile.created_at < now - UNCLAIMED_LASTS)
    async with store.write() as session:
        # In one statement: what is claimed amid it stays.
        await session.execute(delete(StoredFile).where(late).execution_options(synchronize_session=False))
        here = await installation.name(session)
    lying = await files.older_than(SETTLED_S)
    known: set[str] = set()
    async with store.read() as session:
        for start in range(0, len(lying), _AT_ONCE):
            some = lying[start : start + _AT_ONCE]
            known.update(await session.scalars(select(StoredFile.key).where(StoredFile.key.in_(some))))
    if await files.owner() is None and (known or not lying):
        await files.own(here)
    if await files.owner() != here:
        return 0
    going = [key for key in lying if key not in known]
    await files.remove(going)
    return len(going)


async def forget(session: AsyncSession, keys: list[str], *, but_of: str | None = None) -> list[str]:
    """Delete the rows of these files, but for those of a lane; their keys, to be removed from the folder after the
    commit.
    """
    gone: list[str] = []
    for start in range(0, len(keys), _AT_ONCE):
        some = delete(StoredFile).where(StoredFile.key.in_(keys[start : start + _AT_ONCE]))
        if but_of is not None:
            some = some.where(StoredFile.lane != but_of)
        done = some.returning(StoredFile.key).execution_options(synchronize_session=False)
        gone += await session.scalars(done)
    return gone
