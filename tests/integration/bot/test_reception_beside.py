"""Reception on PostgreSQL: whose rows another transaction holds keeps nobody waiting who has no part in it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Inbound, Kind
from bot.reception import Reception
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.models.plumbing import ParkedUpdate
from crm_store.settings import StoreSettings
from tests.house import BUSINESS, House, open_house
from tests.outbox_rows import eventually
from tests.several_processes import anybody_waits

PATIENCE_S = 20
_HOLD = text("SELECT id FROM identity WHERE address = :address FOR UPDATE")


def said(number: int, address: str) -> Inbound:
    return Inbound("terminal", str(number), "terminal", address, Kind.TEXT, f"question {number}")


@asynccontextmanager
async def held(store: Store, address: str) -> AsyncIterator[AsyncConnection]:
    """As by a process that was stopped amid a transaction, or by a long one."""
    async with store.reader.connect() as other:
        await other.execute(_HOLD, {"address": address})
        yield other
        await other.rollback()


async def words(store: Store, address: str) -> list[str]:
    async with store.read() as session:
        found = await session.scalars(
            select(Message.text)
            .where(Message.author == "customer", Message.lane == f"terminal:{address}")
            .order_by(Message.id)
        )
        return list(found)


async def known(house: House, *addresses: str) -> None:
    await house.reception.receive([said(number, one) for number, one in enumerate(addresses)])
    await house.settle()


async def test_who_is_held_holds_up_nobody_else(postgres_store: Store) -> None:
    async with open_house(postgres_store) as house:
        await known(house, "stuck", "free")
        async with held(postgres_store, "stuck"):
            stuck = asyncio.create_task(house.reception.receive([said(10, "stuck")]))
            await eventually(lambda: anybody_waits(postgres_store))
            async with asyncio.timeout(PATIENCE_S):
                await house.reception.receive([said(11, "free")])
                await house.reception.receive([said(12, "free")])
            assert not stuck.done()
        await stuck
        await house.settle()
    assert await words(postgres_store, "stuck") == ["question 0", "question 10"]
    assert await words(postgres_store, "free") == ["question 1", "question 11", "question 12"]


async def test_what_a_customer_says_behind_what_is_held_stays_behind_it(postgres_store: Store) -> None:
    async with open_house(postgres_store) as house:
        await known(house, "stuck", "free")
        async with held(postgres_store, "stuck"):
            stuck = [asyncio.create_task(house.reception.receive([said(10, "stuck")]))]
            await eventually(lambda: anybody_waits(postgres_store))
            both = [said(11, "stuck"), said(12, "free"), said(13, "stuck")]
            stuck.append(asyncio.create_task(house.reception.receive(both)))
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.create_task(house.reception.receive([said(14, "free")]))
            assert not any(task.done() for task in stuck)
        await asyncio.gather(*stuck)
        await house.settle()
    assert await words(postgres_store, "stuck") == ["question 0", *(f"question {n}" for n in (10, 11, 13))]
    assert await words(postgres_store, "free") == ["question 1", "question 12", "question 14"]


async def test_all_that_is_being_committed_is_finished_when_it_is_cancelled(postgres_store: Store) -> None:
    async with open_house(postgres_store) as house:
        await known(house, "one", "two")
        other = Reception(
            postgres_store, house.knowledge, house.clock, StoreSettings(), business_name=BUSINESS
        )
        running = asyncio.create_task(other.run())
        async with held(postgres_store, "one"):
            calls = [asyncio.create_task(other.receive([said(10, "one")]))]
            await eventually(lambda: anybody_waits(postgres_store))
            async with held(postgres_store, "two"):
                calls += [asyncio.create_task(other.receive([said(11, "two")]))]
                await eventually(lambda: both_wait(postgres_store))
                running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*calls)
    assert await words(postgres_store, "one") == ["question 0", "question 10"]
    assert await words(postgres_store, "two") == ["question 1", "question 11"]


async def both_wait(store: Store) -> bool:
    async with store.read() as session:
        return bool(await session.scalar(text("SELECT count(*) = 2 FROM pg_locks WHERE NOT granted")))


async def test_a_drain_waits_for_what_is_held(postgres_store: Store) -> None:
    async with open_house(postgres_store) as house:
        await known(house, "stuck", "free")
        async with held(postgres_store, "stuck"):
            stuck = asyncio.create_task(house.reception.receive([said(10, "stuck")]))
            await eventually(lambda: anybody_waits(postgres_store))
            async with asyncio.timeout(PATIENCE_S):
                await house.reception.receive([said(11, "free")])
            drain = asyncio.create_task(house.reception.drain(PATIENCE_S))
            await asyncio.sleep(0)
            assert not drain.done()
        await drain
        assert await words(postgres_store, "stuck") == ["question 0", "question 10"]
        await stuck


async def collide(house: House, number: int) -> bool:
    """Two moves handled while another transaction takes their rows the other way round; whether ours was ended."""
    async with held(house.store, "high") as other:
        moves = [said(number, "high"), said(number + 1, "low")]
        both = asyncio.create_task(house.reception.receive(moves))
        await eventually(lambda: anybody_waits(house.store))
        is_ours = False
        with suppress(
            DBAPIError
        ):  # else PostgreSQL ended the other: it looks once, when we have waited a second
            await other.execute(_HOLD, {"address": "low"})
            is_ours = True
    await both
    return is_ours


async def test_a_deadlock_is_tried_again(postgres_store: Store) -> None:
    async with open_house(postgres_store) as house:
        await known(house, "low", "high")
        numbers = count(10, 2)
        while not await collide(house, next(numbers)):
            pass
        await house.settle()
        last = next(numbers)
    assert await words(postgres_store, "high") == [f"question {n}" for n in (1, *range(10, last, 2))]
    assert await words(postgres_store, "low") == [f"question {n}" for n in (0, *range(11, last, 2))]
    async with postgres_store.read() as session:
        assert not (await session.scalars(select(ParkedUpdate))).all()
