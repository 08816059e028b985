"""What all processes of the installation share through the store: its own secret, and its bot's name on Telegram."""

import secrets
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import key_values

SECRET_KEY = "installation_secret"  # noqa: S105 (the name of a row)
BOT_NAME_KEY = "telegram_bot_name"


async def secret(session: AsyncSession) -> str:
    """256 random bits as text, the same for everybody who asks; the first who asks makes them."""
    kept = await key_values.known(session, SECRET_KEY)
    if kept is None:
        await key_values.keep_first(session, SECRET_KEY, secrets.token_urlsafe(32))
        kept = await key_values.known(session, SECRET_KEY)
    if kept is None:
        raise RuntimeError("the installation's secret was taken away in this moment; start again")
    return kept


async def name(session: AsyncSession) -> str:
    """What tells this installation from others; it says nothing of the secret."""
    return sha256(f"name of {await secret(session)}".encode()).hexdigest()[:32]


async def set_bot_name(session: AsyncSession, name: str | None) -> None:
    """Remember the Telegram bot's user name; None when there is no bot."""
    if name:
        await key_values.keep(session, BOT_NAME_KEY, name)
    else:
        await key_values.forget(session, BOT_NAME_KEY)


async def bot_name(session: AsyncSession) -> str | None:
    """The Telegram bot's user name, None when there is no bot."""
    return await key_values.known(session, BOT_NAME_KEY)
