"""Several processes on one PostgreSQL, played by as many stores in one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from crm_store import presence
from crm_store.engine import Store, open_store, watched
from crm_store.presence import Presence

_CUT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'frontdesk process%'"
    " AND datname = current_database()"
)
HURRY = {"HEARTBEAT_S": 0.05, "CONNECT_AGAIN_S": 0.05, "TRUST_S": 0.6, "FORGOTTEN_S": 1.2}


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything that takes seconds take a tenth of it."""
    for name, seconds in HURRY.items():
        monkeypatch.setattr(presence, name, seconds)


@asynccontextmanager
async def process(url: str) -> AsyncIterator[Store]:
    """A store whose presence is known to the others; its end is a process's sudden end."""
    store = open_store(url)
    try:
        async with watched(store):
            yield store
    finally:
        await store.close()


def presence_of(store: Store) -> Presence:
    """The store's, which is one among others."""
    assert isinstance(store.presence, Presence)
    return store.presence


async def cut_all(store: Store) -> None:
    """Let PostgreSQL end the sessions by which processes are present."""
    async with store.writer.begin() as connection:
        await connection.execute(_CUT)


async def anybody_waits(store: Store) -> bool:
    """Whether a transaction waits for what another holds."""
    async with store.read() as session:
        return bool(await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
