"""What all processes of the installation share through the store: its own secret, and its bot's name on Telegram."""

import secrets
from hashlib import sha256

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.plumbing import KeyValue

SECRET_KEY = "installation_secret"  # noqa: S105 (the name of a row)
BOT_NAME_KEY = "telegram_bot_name"


async def secret(session: AsyncSession) -> str:
    """256 random bits as text, the same for everybody who asks; the first who asks makes them."""
    insert_or_keep = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = insert_or_keep(KeyValue).values(key=SECRET_KEY, value=secrets.token_urlsafe(32))
    await session.execute(made.on_conflict_do_nothing())
    return (await session.execute(select(KeyValue.value).where(KeyValue.key == SECRET_KEY))).scalar_one()


async def name(session: AsyncSession) -> str:
    """What tells this installation from others; it says nothing of the secret."""
    return sha256(f"name of {await secret(session)}".encode()).hexdigest()[:32]


async def set_bot_name(session: AsyncSession, name: str | None) -> None:
    """Remember the Telegram bot's user name; None when there is no bot."""
    await session.execute(delete(KeyValue).where(KeyValue.key == BOT_NAME_KEY))
    if name:
        await session.execute(insert(KeyValue).values(key=BOT_NAME_KEY, value=name))


async def bot_name(session: AsyncSession) -> str | None:
    """The Telegram bot's user name, None when there is no bot."""
    return await session.scalar(select(KeyValue.value).where(KeyValue.key == BOT_NAME_KEY))
