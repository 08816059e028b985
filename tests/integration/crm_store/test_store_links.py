"""A customer's link, opened on another channel: who joins whom, once, in any batch, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.channels.base import Inbound, Kind
from crm_store import customer_links, customers, duplicates, merging
from crm_store.batch import OpenLink
from crm_store.customer_links import LASTS, TOKEN, telegram_url
from crm_store.engine import Store
from crm_store.errors import NotFound
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, CustomerLink, Identity
from crm_store.sign_in import digest
from tests.house import House, open_house
from tests.query_counter import counted_queries


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    async with open_house(store) as opened:
        yield opened


async def link(house: House, customer_id: int) -> str:
    async with house.store.write() as session:
        made = await customer_links.create(session, customer_id, now=house.clock(), created_by="tests")
    return made.token


async def ada(house: House, name: str = "Ada", **fields: str) -> int:
    async with house.store.write() as session:
        return (await customers.create(session, {"name": name, **fields}, now=house.clock())).id


async def owner(house: House, address: str) -> int | None:
    async with house.store.read() as session:
        found = await customers.find_by_identity(session, "terminal", address)
        return found.id if found else None


async def proposed(house: House) -> list[tuple[int, int, tuple[str, ...]]]:
    async with house.store.read() as session:
        return [(p.first_id, p.second_id, p.reasons) for p in await duplicates.proposals(session)]


def start(address: str, payload: str, update: str, **fields: str) -> Inbound:
    return Inbound("terminal", update, "terminal", address, Kind.TEXT, f"/start {payload}", **fields)


async def test_a_token_is_opaque_long_and_fits_telegram(house: House) -> None:
    customer = await ada(house)
    tokens = {await link(house, customer) for _ in range(20)}
    assert len(tokens) == 20
    for token in tokens:
        assert TOKEN.fullmatch(token)
        assert len(token) <= 64
    async with house.store.read() as session:
        hashes = set(await session.scalars(select(CustomerLink.token_hash)))
    assert hashes == {digest(token) for token in tokens}
    assert telegram_url("shop_bot", "c_x") == "https://t.me/shop_bot?start=c_x"
    with pytest.raises(NotFound):
        await link(house, 999)


async def test_a_new_address_joins_the_customer_and_speaks_their_language(house: House) -> None:
    customer = await ada(house, language="zh")
    said = await house.say(f"/start {await link(house, customer)}", address="tg-1")
    assert [(m.author, m.text.isascii()) for m in said] == [("bot", False)]
    assert await owner(house, "tg-1") == customer
    async with house.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Customer)) == 1
        conversation = (await session.scalars(select(Conversation))).one()
        assert (conversation.customer_id, conversation.attributes) == (customer, {})
        used = (await session.scalars(select(CustomerLink))).one()
        assert (used.used_at, used.used_by_id) == (house.clock(), customer)
    assert await proposed(house) == []


async def test_the_token_itself_is_in_no_message(house: House) -> None:
    token = await link(house, await ada(house))
    for payload in (token, token, "c_" + "x" * 43):
        await house.say(f"/start {payload}", address="tg-1")
    async with house.store.read() as session:
        texts = set(await session.scalars(select(Message.text).where(Message.author == "customer")))
    assert texts == {"/start"}


async def test_a_known_address_is_never_merged_but_proposed_with_its_reason(house: House) -> None:
    customer = await ada(house)
    await house.say("hi", address="tg-1")
    other = await owner(house, "tg-1")
    said = await house.say(f"/start {await link(house, customer)}", address="tg-1")
    assert said[-1].text.startswith("Hello")
    assert await owner(house, "tg-1") == other
    assert await proposed(house) == [(customer, other, ("opened the other's link",))]
    assert other is not None
    async with house.store.write() as session:
        done = await merging.merge(
            session, kept_id=customer, merged_id=other, now=house.clock(), merged_by="x"
        )
    assert await proposed(house) == []
    async with house.store.write() as session:
        await merging.undo(session, done.merge_id, now=house.clock())
    assert await proposed(house) == [(customer, other, ("opened the other's link",))]


async def test_who_opens_their_own_link_changes_nothing(house: House) -> None:
    await house.say("hi", address="tg-1")
    customer = await owner(house, "tg-1")
    assert customer is not None
    await house.say(f"/start {await link(house, customer)}", address="tg-1")
    assert (await owner(house, "tg-1"), await proposed(house)) == (customer, [])


@pytest.mark.parametrize("wrong", ["unknown", "used", "expired", "other case", "cut"])
async def test_a_link_that_does_not_work_is_a_plain_welcome(house: House, wrong: str) -> None:
    customer = await ada(house)
    token = await link(house, customer)
    if wrong == "used":
        await house.say(f"/start {token}", address="first")
    if wrong == "expired":
        house.clock.advance(LASTS)
    token = {"unknown": "c_" + "x" * 43, "other case": token.swapcase(), "cut": token[:-1]}.get(wrong, token)
    said = await house.say(f"/start {token}", address="tg-1")
    assert [m.text for m in said] == [
        "Hello! I answer questions about Harbour & Pine. Just type yours.",
    ]
    assert await owner(house, "tg-1") not in (None, customer)
    assert await proposed(house) == []


async def test_a_repeated_update_is_a_no_op(house: House) -> None:
    customer = await ada(house)
    move = start("tg-1", await link(house, customer), "7")
    await house.reception.receive([move, move])
    await house.reception.receive([move])
    await house.settle()
    assert len(house.postbox.taken) == 1
    assert await owner(house, "tg-1") == customer


async def test_two_with_one_token_in_one_batch_the_first_wins(house: House) -> None:
    customer = await ada(house)
    token = await link(house, customer)
    await house.reception.receive([start(f"tg-{n}", token, str(n)) for n in range(3)])
    owners = [await owner(house, f"tg-{n}") for n in range(3)]
    assert owners[0] == customer
    assert len(set(owners)) == 3
    assert await proposed(house) == []


async def test_two_links_in_one_batch(house: House) -> None:
    first, second = await ada(house), await ada(house, "Bea")
    moves = [start("a", await link(house, first), "1"), start("b", await link(house, second), "2")]
    await house.reception.receive([*moves, start("a", await link(house, second), "3")])
    assert (await owner(house, "a"), await owner(house, "b")) == (first, second)
    assert await proposed(house) == [(first, second, ("opened the other's link",))]


async def test_only_one_of_two_processes_gets_a_link(postgres_store: Store) -> None:
    async with open_house(postgres_store) as house:
        hashes = [digest(await link(house, await ada(house)))]

        async def take() -> dict[str, OpenLink]:
            async with postgres_store.write() as session:
                connection = await session.connection()
                found = await connection.run_sync(customer_links.find, hashes, house.clock())
                await asyncio.sleep(0.05)
                values = select(CustomerLink).where(CustomerLink.token_hash.in_(found))
                for row in await session.scalars(values):
                    row.used_at = house.clock()
                return found

        found = await asyncio.gather(take(), take())
    assert sorted(map(len, found)) == [0, 1]


async def test_a_web_visitors_address_is_not_moved_by_a_link(house: House) -> None:
    customer = await ada(house)
    token = await link(house, customer)
    await house.reception.receive([start("w_1", token, "1", secret_hash="0" * 64)])
    assert await owner(house, "w_1") != customer
    await house.reception.receive([start("tg-1", token, "2")])
    assert await owner(house, "tg-1") == customer


async def test_the_link_of_a_merged_record_leads_to_the_kept_one(house: House) -> None:
    kept, merged = await ada(house), await ada(house, "Ada L.")
    token = await link(house, merged)
    async with house.store.write() as session:
        await merging.merge(session, kept_id=kept, merged_id=merged, now=house.clock(), merged_by="x")
        later = await customer_links.create(session, merged, now=house.clock(), created_by="x")
    for n, each in enumerate((token, later.token)):
        await house.reception.receive([start(f"tg-{n}", each, str(n))])
        assert await owner(house, f"tg-{n}") == kept


async def test_expired_links_go_when_a_new_one_is_made(house: House) -> None:
    customer = await ada(house)
    await link(house, customer)
    house.clock.advance(LASTS + timedelta(seconds=1))
    await link(house, customer)
    async with house.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(CustomerLink)) == 1


async def test_a_campaign_is_kept_with_the_conversation_and_the_first_one_stays(house: House) -> None:
    for text in ("/start spring_sale", "/start other", "hi", "/human", "/start third"):
        await house.say(text)
    await house.reception.receive([start("b", "flyer-7", "b1"), start("b", "flyer-8", "b2")])
    async with house.store.read() as session:
        rows = (await session.scalars(select(Conversation).order_by(Conversation.id))).all()
        assert [row.attributes for row in rows] == [{"start": "spring_sale"}, {"start": "flyer-7"}]
        assert await session.scalar(select(func.count()).select_from(Identity)) == 2


async def test_links_are_looked_for_only_when_one_is_there_and_in_one_query(house: House) -> None:
    tokens = [await link(house, await ada(house)) for _ in range(4)]

    async def looks(*moves: Inbound) -> int:
        with counted_queries(house.store) as sent:
            await house.reception.receive(moves)
        return sum("FROM customer_link" in each for each in sent)

    assert await looks(start("x", "campaign", "1"), Inbound("t", "2", "terminal", "y", Kind.TEXT, "hi")) == 0
    assert await looks(*(start(f"tg-{n}", token, f"l{n}") for n, token in enumerate(tokens))) == 1
