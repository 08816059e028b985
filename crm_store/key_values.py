"""Small facts of the installation, a text under a key each. Session first; nothing here commits.

Each is one statement, so that two processes that find a fact missing at once do not stumble over each other.
"""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.plumbing import KeyValue
from crm_store.upserts import insert_into


async def known(session: AsyncSession, key: str) -> str | None:
    """What is kept under the key; None where nothing is."""
    return await session.scalar(select(KeyValue.value).where(KeyValue.key == key))


async def keep(session: AsyncSession, key: str, value: str) -> None:
    """Keep this in place of what was kept before."""
    kept = insert_into(session, KeyValue).values(key=key, value=value)
    await session.execute(kept.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


async def keep_first(session: AsyncSession, key: str, value: str) -> None:
    """Keep this unless something is kept already."""
    await session.execute(
        insert_into(session, KeyValue).values(key=key, value=value).on_conflict_do_nothing()
    )


async def forget(session: AsyncSession, key: str) -> None:
    """Keep nothing under the key."""
    await session.execute(delete(KeyValue).where(KeyValue.key == key))
