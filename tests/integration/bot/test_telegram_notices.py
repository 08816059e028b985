"""Where there are no topics, what calls agents to a customer may be answered as the customer's card may."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from crm_store import desk
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.session import Session
from tests.botapi.server import BotApiServer
from tests.integration.bot.test_telegram_group import plain_house
from tests.integration.bot.test_telegram_private_desk import PrivateHouse
from tests.telegram_stage import GROUP, DeskHouse, settings_for


@pytest.fixture
async def private(bot_api: BotApiServer, shop_store: Store) -> AsyncIterator[PrivateHouse]:
    """Ann and Bob, each in their own chat."""
    running = PrivateHouse(bot_api, shop_store, settings_for(bot_api, telegram_more_staff_chats="71, 72"))
    await running.open()
    yield running
    await running.stop()


async def talk_of(session: Session) -> Conversation:
    """The newest conversation."""
    newest = select(Conversation).order_by(Conversation.id.desc()).limit(1)
    return (await session.scalars(newest)).one()


async def tell(house: DeskHouse, kind: str, text: str) -> None:
    """Have the staff told so of the newest conversation."""
    async with house.store.write() as session:
        await desk.post(session, await talk_of(session), kind, text=text, now=house.clock())


async def test_a_notice_in_a_private_chat_is_answered(private: PrivateHouse) -> None:
    customer, first, _, _ = await private.waiting(1)
    await tell(private, "unanswered", "10")
    notice = await first.hears("has been waiting")
    await first.says("I am here", reply_to=notice)
    await customer.hears("I am here")


async def test_a_notice_in_a_plain_group_is_answered(bot_api: BotApiServer, shop_store: Store) -> None:
    house = await plain_house(bot_api, shop_store, bot_api.group(GROUP, "Desk", forum=False))
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("/human")
    await house.group.hears("Waiting for a person")
    await tell(house, "unanswered", "10")
    notice = await house.group.hears("has been waiting")
    await house.ann.says("/take", chat=house.group, reply_to=notice)
    await zoe.hears("Ann is with you")
    await house.ann.says("I am here", chat=house.group, reply_to=notice)
    await zoe.hears("I am here")
    await house.stop()


async def test_what_only_tells_is_not_answered_to_the_customer(private: PrivateHouse) -> None:
    customer, first, _, _ = await private.waiting(1)
    await tell(private, "notice", "Something was settled.")
    notice = await first.hears("Something was settled.")
    await first.says("good", reply_to=notice)
    await first.hears("answer a customer's message")
    assert not [post for post in private.server.sent(5) if post.text == "good"]
    assert customer
