"""The session that the faces open on a store and hand on to its functions."""

from sqlalchemy.ext.asyncio import AsyncSession

Session = AsyncSession
