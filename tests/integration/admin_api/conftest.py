"""The admin API on SQLite (`stage`), and on both databases (`both_stage`)."""

from collections.abc import AsyncIterator

import pytest

from crm_store.engine import Store
from tests.admin_stage import Stage, open_stage


@pytest.fixture
async def stage(sqlite_store: Store) -> AsyncIterator[Stage]:
    """The API on a fresh SQLite store."""
    async with open_stage(sqlite_store) as opened:
        yield opened


@pytest.fixture
async def both_stage(store: Store) -> AsyncIterator[Stage]:
    """The API on a fresh store, once per kind of database."""
    async with open_stage(store) as opened:
        yield opened
