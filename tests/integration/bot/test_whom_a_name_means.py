"""Whom an agent means by a name in the staff group."""

from bot.channels.telegram.desk.naming import beginning_with
from crm_store import staff
from crm_store.engine import Store
from crm_store.models.staff import Agent
from crm_store.staff import Role
from tests.house import NOON


async def test_who_has_left_hides_nobody_of_the_name(store: Store) -> None:
    async with store.write() as session:
        for name, team in (("Ann", None), ("Returns", None), ("ann", None), ("Bob", "Returns")):
            await staff.create_agent(session, name=name, role=Role.AGENT, team=team, now=NOON)
        for number in (1, 2):
            await staff.disable_agent(session, number, now=NOON)
    async with store.read() as session:
        found, rest = await beginning_with(session, "Ann  please")
        assert isinstance(found, Agent)
        assert (found.name, rest) == ("ann", "please")
        assert await beginning_with(session, "returns") == ("Returns", "")
        async with store.write() as changing:
            await staff.disable_agent(changing, 3, now=NOON)
    async with store.read() as session:
        assert await beginning_with(session, "ann") == (None, "")
