"""One customer in the web chat and in Telegram: by the page's own link, and by one that staff made."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot.channels.base import Inbound, Kind
from crm_store import customer_links, customers, installation
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Identity
from tests.botapi.server import BotApiServer
from tests.telegram_stage import TelegramHouse
from tests.webchat import Site, Visitor, open_site

START = "https://t.me/harbour_bot?start="


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with open_site(sqlite_store) as opened:
        yield opened


async def connect(site: Site, name: str | None = "harbour_bot") -> None:
    async with site.house.store.write() as session:
        await installation.set_bot_name(session, name)


async def link_for(visitor: Visitor) -> str:
    await visitor.socket.send_json({"type": "go_on"})
    return str((await visitor.next("link"))["url"])


async def test_a_visitor_goes_on_in_telegram_as_the_same_customer(site: Site) -> None:
    await connect(site)
    visitor, _ = await site.introduced(name="Zoe")
    await visitor.ask("Where is my order?")
    url = await link_for(visitor)
    assert url.startswith(START)
    assert await link_for(visitor) != url
    token = url.removeprefix(START)
    await site.house.reception.receive([Inbound("t", "1", "telegram", "5", Kind.TEXT, f"/start {token}")])
    async with site.house.store.read() as session:
        rows = (await session.execute(select(Identity.channel, Identity.customer_id))).all()
        talks = set(await session.scalars(select(Conversation.customer_id)))
    assert sorted(rows) == [("telegram", 1), ("web", 1)]
    assert talks == {1}


async def test_who_has_said_nothing_is_only_shown_the_bot_and_leaves_nothing_behind(site: Site) -> None:
    await connect(site)
    visitor, _ = await site.introduced()
    assert await link_for(visitor) == "https://t.me/harbour_bot"
    async with site.house.store.read() as session:
        assert await customers.count(session) == 0


async def test_the_page_knows_whether_there_is_a_bot(site: Site) -> None:
    visitor, token = await site.introduced()
    assert visitor.told[0]["has_telegram"] is False
    await visitor.socket.send_json({"type": "go_on"})
    refused = await visitor.next("error")
    assert (refused["code"], "Telegram cannot be reached" in refused["text"]) == ("no_telegram", True)
    await connect(site)
    assert (await (await site.visitor()).hello(token=token))["has_telegram"] is True
    await connect(site, None)
    assert (await (await site.visitor()).hello(token=token))["has_telegram"] is False


async def test_links_are_scarce(site: Site) -> None:
    await connect(site)
    visitor, _ = await site.introduced()
    for _ in range(5):
        await link_for(visitor)
    await visitor.socket.send_json({"type": "go_on"})
    assert (await visitor.next("error"))["code"] == "too_fast"
    site.steady.now += 61
    await link_for(visitor)


async def test_telegrams_start_joins_who_the_link_was_made_for(
    house: TelegramHouse, bot_api: BotApiServer
) -> None:
    async with house.store.write() as session:
        ada = await customers.create(session, {"name": "Ada"}, now=house.clock())
        made = await customer_links.create(session, ada.id, now=house.clock(), created_by="tests")
        assert await installation.bot_name(session) is not None
    zoe = bot_api.user(5, "Zoe")
    await zoe.says(f"/start {made.token}")
    await zoe.hears("Hello Zoe!")
    await bot_api.wait_until_confirmed()
    async with house.store.read() as session:
        found = await customers.find_by_identity(session, "telegram", "5")
        assert found is not None
        assert (found.id, await customers.count(session)) == (ada.id, 1)
