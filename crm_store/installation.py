"""The installation's own secret, made once and kept in the store, so that all processes share it."""

import secrets

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.plumbing import KeyValue

SECRET_KEY = "installation_secret"  # noqa: S105 (the name of a row)


async def secret(session: AsyncSession) -> str:
    """256 random bits as text, the same for everybody who asks; the first who asks makes them."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = insert(KeyValue).values(key=SECRET_KEY, value=secrets.token_urlsafe(32))
    await session.execute(made.on_conflict_do_nothing())
    return (await session.execute(select(KeyValue.value).where(KeyValue.key == SECRET_KEY))).scalar_one()
