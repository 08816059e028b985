"""Answers with the files of their article: once, in order, on both channels, and nobody else's to fetch."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.channels.base import Outgoing
from crm_store import orders, privacy, stored_files
from crm_store.engine import Store
from crm_store.files import MEGABYTE, Files
from crm_store.models.conversations import Message
from crm_store.models.customers import Identity
from crm_store.models.files import StoredFile
from crm_store.orders import OrderDraft
from tests.article_stage import give, known
from tests.botapi.server import BotApiServer
from tests.house import House, open_house
from tests.pictures import PDF, PNG
from tests.telegram_stage import TelegramHouse, settings_for
from tests.webchat import Frame, Site, open_site

LABEL, MAP = ("label.pdf", PDF), ("map.png", PNG)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files", MEGABYTE)


@pytest.fixture
async def house(store: Store, files: Files) -> AsyncIterator[House]:
    async with open_house(store) as opened:
        await give(store, files, "returns", LABEL, MAP)
        await give(store, files, "refund", MAP)
        await give(store, files, "track", MAP)
        await give(store, files, "payment", LABEL)
        await give(store, files, "returns", ("biaoqian.pdf", PDF), language="zh")
        await known(opened)
        yield opened


@pytest.fixture
async def site(sqlite_store: Store, files: Files) -> AsyncIterator[Site]:
    async with open_site(sqlite_store, files=files) as opened:
        await give(sqlite_store, files, "returns", LABEL, MAP)
        await known(opened.house)
        yield opened


def told(said: Sequence[Outgoing]) -> list[str]:
    """What came, in its order: words, or the names of files."""
    return [one.text or f"<{(one.attachment or {}).get('name')}>" for one in said]


RETURNS = ["Start a return in your account within 30 days.", "<label.pdf>", "<map.png>"]


async def test_the_words_come_first_then_each_file_once(house: House) -> None:
    said = await house.say("return policy")
    assert told(said) == RETURNS
    assert [one.kind for one in said] == ["text", "file", "photo"]
    assert said[0].question == "Did this help?"
    assert [one.choices for one in said[1:]] == [(), ()]


async def test_two_answers_each_bring_their_files(house: House) -> None:
    said = await house.say("where is my parcel? can I pay by card")
    assert told(said) == [
        "The tracking link is in your dispatch mail.",
        "<map.png>",
        "We take cards, PayPal and bank transfer.",
        "<label.pdf>",
    ]


async def test_what_is_chosen_from_a_list_and_what_leans_on_it_bring_theirs(house: House) -> None:
    await house.say("return policy")
    offered = await house.say("and when do I get the money?")
    assert told(offered)[0].startswith("Did you mean")
    chosen = await house.press(offered[-1], offered[-1].choices.index("When do I get my refund?"))
    assert told(chosen) == ["Refunds reach your account within 5 working days.", "<map.png>"]


async def test_each_language_has_its_own_and_nothing_stands_in_for_what_it_lacks(house: House) -> None:
    assert told(await house.say("怎么退货？", address="mei")) == [
        "请在30天内从账户里申请退货。",
        "<biaoqian.pdf>",
    ]
    assert told(await house.say("支持哪些付款方式？", address="mei")) == ["支持银行卡、PayPal和转账。"]


async def test_who_is_asked_which_order_they_mean_gets_the_files_with_the_answer(house: House) -> None:
    edition = house.knowledge.edition
    blank = replace(edition.articles["returns"]["en"], answer="For {order.number}: see the label.")
    shelf = edition.articles | {"returns": {"en": blank}}
    house.knowledge.edition = replace(edition, articles=shelf)
    await house.say("hello")
    for number in ("A-1", "A-2"):
        async with house.store.write() as session:
            customer = await session.scalar(select(Identity.customer_id).where(Identity.address == "me"))
            assert customer is not None
            draft = OrderDraft(number, Decimal(20), house.clock(), status="shipped")
            await orders.record(session, customer, draft, now=house.clock())
    asked = await house.say("return policy")
    assert told(asked) == ["Which order is it about?"]
    chosen = next(place for place, label in enumerate(asked[0].choices) if label.startswith("A-2"))
    assert told(await house.press(asked[0], chosen)) == ["For A-2: see the label.", *RETURNS[1:]]


async def test_no_bytes_are_held_in_the_edition_nor_written_into_messages(house: House) -> None:
    await house.say("return policy")
    async with house.store.read() as session:
        rows = list(await session.scalars(select(Message).where(Message.attachment.is_not(None))))
    held = [*house.knowledge.edition.files.values(), *(row.attachment or {} for row in rows)]
    assert [set(one) for one in held] == [{"type", "file", "name", "mime", "size"}] * len(held)
    assert len({row.attachment["file"] for row in rows if row.attachment}) == 2


async def test_files_of_articles_outlive_customers_conversations_and_sweeps(
    house: House, files: Files
) -> None:
    await house.say("return policy")
    later = house.clock() + timedelta(days=400)
    async with house.store.write() as session:
        held = await session.scalar(select(Message.conversation_id).limit(1))
        assert held is not None
        await stored_files.forget_conversations(session, [held])
        person = await session.scalar(select(Message.customer_id).limit(1))
        assert person is not None
        await privacy.erase_person(session, person, now=later, erased_by="tests")
    assert await stored_files.sweep(house.store, files, now=later) == 0
    async with house.store.read() as session:
        rows = list(await session.scalars(select(StoredFile)))
    assert sorted(row.name for row in rows) == ["biaoqian.pdf", "label.pdf", "map.png"]
    assert all(files.path(row.key).is_file() for row in rows)
    assert told(await house.say("return policy", address="zoe")) == RETURNS


async def test_a_visitor_of_the_web_chat_is_given_the_file_and_nobody_else(site: Site) -> None:
    visitor, token = await site.introduced(language="en")
    await visitor.say("return policy")
    frames: list[Frame] = []
    while len(frames) < 3:
        frames.append(await visitor.next("message"))
    assert [one["text"] or one["attachment"]["name"] for one in frames] == [
        RETURNS[0],
        "label.pdf",
        "map.png",
    ]
    _, stranger = await site.introduced(language="en")
    for frame, content in ((frames[1], PDF), (frames[2], PNG)):
        path = f"/files/{frame['attachment']['file']}"
        async with site.client.get(path, headers={"X-Frontdesk-Session": token}) as got:
            assert (got.status, await got.read()) == (200, content)
        async with site.client.get(path, headers={"X-Frontdesk-Session": stranger}) as got:
            assert got.status == 404
    again = await (await site.visitor()).hello(token=token)
    names = [(one["attachment"] or {}).get("name") for one in again["history"]]
    assert names == [None, None, "label.pdf", "map.png"]


@pytest.fixture
async def telegram(
    bot_api: BotApiServer, shop_store: Store, files: Files, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[TelegramHouse]:
    """A running house that answers about refunds with a picture and a document."""
    await give(shop_store, files, "refund_time", MAP, LABEL)
    house = TelegramHouse(bot_api, shop_store, settings_for(bot_api))
    await house.run()
    monkeypatch.setattr(house.bot.api, "_folder", files)
    yield house
    await house.stop()


async def test_telegram_gets_the_photo_and_the_document_in_order(
    telegram: TelegramHouse, bot_api: BotApiServer
) -> None:
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("how long do refunds take?")
    await bot_api.wait_for(lambda: any("document" in post.body for post in bot_api.sent(5)))
    posts = bot_api.sent(5)
    kinds = [next(k for k in ("photo", "document", "text") if k in post.body) for post in posts]
    assert kinds == ["text", "photo", "document"]
    assert posts[0].text.startswith("Refunds take five working days.")
    assert posts[2].body["document"]["file_name"] == "label.pdf"
    assert await telegram.bot.api.find_file(posts[2].body["document"]["file_id"]) == PDF


async def test_telegram_is_given_the_bytes_once_and_anew_only_where_it_lost_them(
    telegram: TelegramHouse, bot_api: BotApiServer
) -> None:

    async def uploaded_for(number: int) -> int:
        before = len(bot_api.calls)
        await bot_api.user(number, f"Customer {number}").says("how long do refunds take?")
        await bot_api.wait_for(lambda: any("document" in post.body for post in bot_api.sent(number)))
        assert [
            kind for post in bot_api.sent(number) for kind in ("photo", "document") if kind in post.body
        ] == [
            "photo",
            "document",
        ]
        return sum(len(call.params.uploads) for call in bot_api.calls[before:])

    assert [await uploaded_for(number) for number in (5, 6, 7)] == [2, 0, 0]
    bot_api.world.files.clear()
    assert [await uploaded_for(number) for number in (8, 9)] == [2, 0]
