"""A conversation made of two, of a customer who writes on two channels: their words come in, the replies go out."""

from datetime import timedelta

from sqlalchemy import select, update

from bot.channels.base import Inbound
from bot.channels.base import Kind as Said
from crm_store import conversations, joining, promises, queue, service_reports
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Identity
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.targets import Kind
from tests.house import House, Postbox, open_house

RULES = StoreSettings(rating_delay_min=0)


async def says(house: House, channel: str, text: str) -> None:
    """The customer says this on that channel."""
    number = f"{channel}-{text}-{house.clock():%H%M%S}"
    await house.reception.receive([Inbound(channel, number, channel, "me", Said.TEXT, text)])
    await house.settle()


async def two_channels(house: House) -> tuple[Agent, int, int]:
    """Ann, the conversation on the one channel that she answered last in, and that on the other, which waits."""
    ann = await house.agent()
    await says(house, "terminal", "/human")
    async with house.store.write() as session:
        await queue.take(session, 1, ann, now=house.clock())
        await conversations.reply(session, 1, ann, "Which order is it?", now=house.clock())
    await says(house, "web", "/human")
    await says(house, "web", "The lamp is broken")
    async with house.store.write() as session:
        for model in (Conversation, Identity, Message):
            await session.execute(update(model).where(model.customer_id == 2).values(customer_id=1))
    return ann, 1, 2


async def replied(house: House, number: int, ann: Agent, text: str) -> None:
    async with house.store.write() as session:
        await conversations.reply(session, number, ann, text, now=house.clock())
    await house.settle()


async def held(store: Store, number: int) -> tuple[str, int | None, str]:
    async with store.read() as session:
        one = await conversations.get(session, number)
        return one.status, one.agent_id, one.channel


async def said(store: Store, number: int) -> list[str]:
    """What was said in the conversation by customer and agents, and what notes mean."""
    async with store.read() as session:
        query = select(Message).where(Message.conversation_id == number).order_by(Message.id)
        return [
            m.intent["say"] if m.is_note and m.intent else m.text
            for m in await session.scalars(query)
            if m.is_note or m.author in ("customer", "agent")
        ]


async def test_words_on_either_channel_come_into_the_kept_one_and_replies_go_where_they_were_written(
    store: Store,
) -> None:
    web = Postbox("web")
    async with open_house(store, {"web": web}, settings=RULES) as house:
        ann, kept, merged = await two_channels(house)
        async with store.write() as session:
            await joining.merge(session, kept_id=kept, merged_id=merged, by=ann, now=house.clock())
        assert await held(store, kept) == (Status.ASSIGNED, ann.id, "web")
        await replied(house, kept, ann, "A new one is on its way")
        assert web.taken[-1].text == "A new one is on its way"
        await says(house, "web", "Thank you so much, when will it come?")
        await says(house, "terminal", "I am at home from Friday")
        assert await held(store, kept) == (Status.ASSIGNED, ann.id, "terminal")
        await replied(house, kept, ann, "On Friday then")
        assert house.postbox.taken[-1].text == "On Friday then"
        assert (await said(store, kept))[-4:] == [
            "Thank you so much, when will it come?",
            "I am at home from Friday",
            "writes_from",
            "On Friday then",
        ]
        async with store.read() as session:
            assert len(list(await session.scalars(select(Conversation.id)))) == 2


async def test_undone_both_are_held_and_wait_as_before(store: Store) -> None:
    web = Postbox("web")
    async with open_house(store, {"web": web}, settings=RULES) as house:
        ann, kept, merged = await two_channels(house)
        async with store.write() as session:
            done = await joining.merge(session, kept_id=kept, merged_id=merged, by=ann, now=house.clock())
        async with store.write() as session:
            await joining.undo(session, done.id, by=ann, now=house.clock(), settings=RULES)
        assert await held(store, kept) == (Status.WAITING_CUSTOMER, ann.id, "terminal")
        assert await held(store, merged) == (Status.QUEUED, None, "web")
        async with store.read() as session:
            assert [one.conversation.id for one in await queue.listing(session, now=house.clock())] == [
                merged
            ]
        await says(house, "web", "Hello?")
        await says(house, "terminal", "The lamp")
        assert (await said(store, merged))[-2:] == ["The lamp is broken", "Hello?"]
        assert (await said(store, kept))[-1] == "The lamp"


async def test_undone_after_new_words_on_both_channels_it_owes_what_was_said_since(store: Store) -> None:
    web = Postbox("web")
    async with open_house(store, {"web": web}, settings=RULES) as house:
        ann, kept, merged = await two_channels(house)
        async with store.write() as session:
            done = await joining.merge(session, kept_id=kept, merged_id=merged, by=ann, now=house.clock())
        await says(house, "web", "Hello?")
        await says(house, "terminal", "The lamp")
        async with store.write() as session:
            await joining.undo(session, done.id, by=ann, now=house.clock(), settings=RULES)
        assert await held(store, kept) == (Status.ASSIGNED, ann.id, "terminal")
        assert await held(store, merged) == (Status.QUEUED, None, "web")
        assert (await said(store, kept))[-3:] == ["The lamp", "writes_from", "merge_undone"]
        assert (await said(store, merged))[-2:] == ["The lamp is broken", "Hello?"]


async def test_undone_after_a_reply_each_stands_as_its_own_words_do(store: Store) -> None:
    web = Postbox("web")
    async with open_house(store, {"web": web}, settings=RULES) as house:
        ann, kept, merged = await two_channels(house)
        await says(house, "terminal", "Order 7")
        async with store.write() as session:
            await queue.take(session, merged, ann, now=house.clock())
            done = await joining.merge(session, kept_id=kept, merged_id=merged, by=ann, now=house.clock())
        await says(house, "web", "The black one")
        house.clock.advance(timedelta(minutes=1))
        await replied(house, kept, ann, "A new lamp is on its way")
        assert web.taken[-1].text == "A new lamp is on its way"
        async with store.write() as session:
            await joining.undo(session, done.id, by=ann, now=house.clock(), settings=RULES)
        assert await held(store, kept) == (Status.ASSIGNED, ann.id, "terminal")
        assert await held(store, merged) == (Status.WAITING_CUSTOMER, ann.id, "web")
        assert (await said(store, merged))[-1] == "A new lamp is on its way"
        async with store.read() as session:
            first = {n: (await conversations.get(session, n)).first_reply_at for n in (kept, merged)}
            clocks = await promises.clocks_of(session, [kept, merged])
        running = {n: [one.kind for one in clocks[n] if one.ended_at is None] for n in clocks}
        assert first == {kept: house.clock() - timedelta(minutes=1), merged: house.clock()}
        assert running == {kept: [Kind.RESOLUTION, Kind.NEXT], merged: [Kind.RESOLUTION]}


async def test_reports_tell_the_same_of_who_served_when_after_a_merge(store: Store) -> None:
    async with open_house(store, settings=RULES) as house:
        ann, start = await house.agent(), house.clock()
        for number in (1, 2, 3):
            await says(house, "terminal", "/human")
            house.clock.advance(timedelta(minutes=number))
            async with store.write() as session:
                await queue.take(session, number, ann, now=house.clock())
            await replied(house, number, ann, "Which order is it?")
            house.clock.advance(timedelta(minutes=1))
            async with store.write() as session:
                await queue.resolve(session, number, ann, now=house.clock(), settings=RULES)
            await house.settle()
        end = house.clock.advance(timedelta(hours=1))
        async with store.write() as session:
            before = await service_reports.episodes(session, start, end)
            await joining.merge(session, kept_id=2, merged_id=1, by=ann, now=house.clock())
            await joining.merge(session, kept_id=3, merged_id=2, by=ann, now=house.clock())
        assert [one.first_reply_at is None for one in before] == [False] * 3
        async with store.read() as session:
            assert await service_reports.episodes(session, start, end) == before
