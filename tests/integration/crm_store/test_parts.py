"""What is read or thought about in parts lets others have their turn between them, and leaves nothing out."""

import asyncio

import pytest
from sqlalchemy import select

from crm_store import parts
from crm_store.engine import Store
from crm_store.models.plumbing import KeyValue


async def turns_beside(work: asyncio.Task[object]) -> int:
    """How often somebody else was heard before it was done."""
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    return turns


async def test_much_to_think_about_lets_others_have_their_turn() -> None:
    async def think() -> list[int]:
        return [one async for one in parts.of(range(5 * parts.THINGS + 1))]

    thinking = asyncio.ensure_future(think())
    assert await turns_beside(thinking) > 5
    assert thinking.result() == list(range(5 * parts.THINGS + 1))


async def test_rows_come_all_and_in_order_whatever_the_parts(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "ROWS", 4)
    keys = [f"key {number:02d}" for number in range(10)]
    async with store.write() as session:
        session.add_all(KeyValue(key=key, value="x") for key in keys)
    wanted = select(KeyValue.key).where(KeyValue.value == "x").order_by(KeyValue.key)
    async with store.read() as session:
        assert [key async for (key,) in parts.rows(session, wanted)] == keys
        whole = select(KeyValue).where(KeyValue.value == "x").order_by(KeyValue.key)
        assert [row.key async for (row,) in parts.rows(session, whole)] == keys
