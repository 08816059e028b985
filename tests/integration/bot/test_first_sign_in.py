"""Whoever starts Frontdesk for the first time gets in, whatever was done before."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from bot.first_start import FIRST_ADMIN, fill, first_sign_in
from crm_store import articles, sign_in, staff
from crm_store.engine import Store, open_store
from crm_store.sign_in import CODE_LASTS, Purpose
from crm_store.staff import Role
from tests.house import NOON


@pytest.mark.parametrize("colleague", ["Bob", FIRST_ADMIN])
async def test_staff_made_before_the_first_start_keep_nobody_out(store: Store, colleague: str) -> None:
    async with store.write() as session:
        await staff.create_agent(session, name=colleague, role=Role.AGENT, now=NOON)
    told = await first_sign_in(store, now=NOON)
    assert told is not None
    name, code = told
    assert code is not None
    async with store.write() as session:
        admin = await staff.find_agent(session, name)
        assert admin is not None
        assert admin.role == Role.ADMIN
        entered = await sign_in.redeem_code(session, code, Purpose.SIGN_IN, now=NOON)
        assert entered is not None
        assert entered.id == admin.id


async def test_an_admin_made_before_is_the_one_whose_code_is_told(store: Store) -> None:
    async with store.write() as session:
        await staff.create_agent(session, name="Ann", role=Role.ADMIN, now=NOON)
    told = await first_sign_in(store, now=NOON)
    assert told is not None
    assert told[0] == "Ann"
    async with store.read() as session:
        assert [agent.name for agent in await staff.page(session)] == ["Ann"]


async def test_a_code_that_is_still_good_goes_on_working(store: Store) -> None:
    """A start makes another only once nobody could come in by the one that was given."""
    async with store.write() as session:
        ada = await staff.create_agent(session, name="Ada", role=Role.ADMIN, now=NOON)
        given = await sign_in.issue_code(session, ada.id, Purpose.SIGN_IN, now=NOON)
    assert await first_sign_in(store, now=NOON + CODE_LASTS / 2) == ("Ada", None)
    async with store.write() as session:
        entered = await sign_in.redeem_code(session, given, Purpose.SIGN_IN, now=NOON + CODE_LASTS / 2)
        assert entered is not None
    told = await first_sign_in(store, now=NOON + CODE_LASTS / 2)
    assert told is not None
    assert told[1] is not None, "the one that was given is used up"


async def test_servers_started_together_on_an_empty_database_fill_it_once(store_url: str) -> None:
    async with AsyncExitStack() as closing:
        stores = [open_store(store_url) for _ in range(3)]
        for one in stores:
            closing.push_async_callback(one.close)
        await asyncio.gather(*(fill(one, now=NOON) for one in stores))
        told = await asyncio.gather(*(first_sign_in(one, now=NOON) for one in stores))
        assert {name for name, _ in filter(None, told)} == {FIRST_ADMIN}
        assert len([code for _, code in filter(None, told) if code]) == 1, "each told code works"
        async with stores[0].read() as session:
            assert await articles.latest_publication(session) == 1
            assert len(await staff.admins(session, limit=5)) == 1


async def test_servers_without_a_sample_started_together_make_one_admin(store_url: str) -> None:
    async with AsyncExitStack() as closing:
        stores = [open_store(store_url) for _ in range(3)]
        for one in stores:
            closing.push_async_callback(one.close)
        told = await asyncio.gather(*(first_sign_in(one, now=NOON) for one in stores))
        assert {name for name, _ in filter(None, told)} == {FIRST_ADMIN}
        assert len([code for _, code in filter(None, told) if code]) == 1, "each told code works"
