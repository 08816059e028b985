"""A customer's own contact becomes their phone; an agent may ask for it by a button."""

from sqlalchemy import select

from bot.channels.base import Inbound, Kind
from bot.clock import system_clock
from crm_store import customers, duplicates
from crm_store.engine import Store
from crm_store.models.customers import Customer, Identity
from tests.botapi.server import BotApiServer
from tests.house import Postbox
from tests.telegram_stage import GROUP, DeskHouse, settings_for


async def phone_of(store: Store, address: int) -> tuple[str | None, int]:
    """The phone of whose address it is, and the version of their record."""
    query = select(Customer).join(Identity, Identity.customer_id == Customer.id)
    async with store.read() as session:
        found = (await session.scalars(query.where(Identity.address == str(address)))).one()
    return found.phone, found.version


async def test_an_agent_asks_and_the_customers_own_number_is_kept(desk_house: DeskHouse) -> None:
    zoe, topic, card = await desk_house.held()
    async with desk_house.store.write() as session:
        twin = await customers.create(session, {"phone": "+49 170 1234567"}, now=system_clock())
    await desk_house.ann.says("/phone", chat=desk_house.group, thread=topic)
    asked = await zoe.hears("share your phone number")
    [[button]] = asked.rows
    assert button == {"text": "📱 Share my phone number", "request_contact": True}
    await desk_house.group.hears("share your phone number", thread=topic)

    await zoe.sends_contact("491701234567")
    await desk_house.server.wait_for(lambda: "📞 +491701234567" in card.text)
    phone, version = await phone_of(desk_house.store, 5)
    assert phone == "+491701234567"
    async with desk_house.store.read() as session:
        [proposal] = await duplicates.proposals(session, customer_id=twin.id)
        assert proposal.reasons == ("same phone",)
    await zoe.sends_contact("491701234567")
    await zoe.says("That is it")
    await desk_house.group.hears("That is it", thread=topic)
    assert await phone_of(desk_house.store, 5) == (phone, version), "the same number changes nothing"


async def test_somebody_elses_contact_is_only_a_message(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await desk_house.held()
    contact = {"phone_number": "+4915112345", "first_name": "Mum", "user_id": 4711}
    zoe._post({"contact": contact}, {})
    await zoe.says("That was my mother's")
    await desk_house.group.hears("That was my mother's", thread=topic)
    assert await phone_of(desk_house.store, 5) == (None, 1)


async def test_a_web_customer_has_no_such_button(bot_api: BotApiServer, shop_store: Store) -> None:
    web = Postbox("web")
    house = DeskHouse(
        bot_api, shop_store, settings_for(bot_api, telegram_staff_group=GROUP), others={"web": web}
    )
    await house.open()
    said = Inbound("web:1", "1", "web", "v1", Kind.TEXT, "/human", display_name="Wei")
    await house.reception.receive([said])
    await house.group.hears("via web")
    topic = house.group.topic("Wei")
    await house.ann.says("/phone", chat=house.group, thread=topic)
    await house.group.hears("Ask in words", thread=topic)
    assert all(not taken.asks_phone for taken in web.taken)
    await house.stop()
