"""The tests' own databases: both kinds, fresh for each test."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from crm_store.engine import Store
from crm_store.models.customers import Customer

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_starts_from_an_empty_store(store: Store, turn: int) -> None:
    async with store.write() as session:
        assert await session.scalar(select(func.count()).select_from(Customer)) == 0
        session.add(Customer(name="Ada", created_at=NOW, updated_at=NOW))
    async with store.read() as session:
        assert (await session.scalars(select(Customer.name))).all() == ["Ada"]
