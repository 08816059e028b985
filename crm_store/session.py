"""The types of a session and of an ordinary connection, for those above the store who only pass them on."""

from sqlalchemy import Connection as Connection
from sqlalchemy.ext.asyncio import AsyncSession as Session

__all__ = ["Connection", "Session"]
