"""Whoever starts Frontdesk for the first time gets in, whatever was done before."""

import pytest

from bot.first_start import FIRST_ADMIN, first_sign_in
from crm_store import sign_in, staff
from crm_store.engine import Store
from crm_store.sign_in import Purpose
from crm_store.staff import Role
from tests.house import NOON


@pytest.mark.parametrize("colleague", ["Bob", FIRST_ADMIN])
async def test_staff_made_before_the_first_start_keep_nobody_out(store: Store, colleague: str) -> None:
    async with store.write() as session:
        await staff.create_agent(session, name=colleague, role=Role.AGENT, now=NOON)
    told = await first_sign_in(store, now=NOON)
    assert told is not None
    name, code = told
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
