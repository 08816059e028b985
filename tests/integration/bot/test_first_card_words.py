"""What was said before the staff came to it stands in the customer's first card, and stays there: one post a customer,
of the twenty that a group takes in a minute."""

import pytest
from sqlalchemy import select

from bot.channels.telegram.drawing import MAX_TEXT, units
from crm_store import desk_cards, joining, merging
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.botapi.server import BotApiServer
from tests.telegram_stage import GROUP, DeskHouse, at_rest

NAMES = ("Zoe", "Yan", "Wei", "Kim", "Lea")
SAID = "my lamp is broken"


def posts(house: DeskHouse, thread: int | None = None) -> list[str]:
    return [post.text for post in house.server.sent(GROUP, thread=thread) if not post.deleted]


async def test_a_new_customer_costs_the_group_one_post(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    """It was two: the card, and beside it what had been said before."""
    for number, name in enumerate(NAMES):
        await desk_house.queued(5 + number, name, SAID)
    await at_rest(desk_house.store)
    assert len(posts(desk_house)) == len(NAMES)
    for name in NAMES:
        (card,) = posts(desk_house, desk_house.group.topic(name).id)
        assert f"Before this ({name}):\n{name}: {SAID}\nbot: " in card
        assert (card.count(SAID), card.count("Waiting for a person"), card.count("Last words")) == (1, 1, 0)


async def test_it_stays_in_the_card_however_often_that_is_drawn(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, card = await desk_house.queued(5, "Zoe", SAID)
    await zoe.says("the blue one")
    await desk_house.group.hears("the blue one", thread=topic)
    await desk_house.ann.presses(card, "Take")
    await bot_api.wait_for(lambda: "With Ann" in card.text)
    assert card.text.count(SAID) == 1
    assert "Last words:\nZoe: the blue one" in card.text
    await desk_house.stop()
    await desk_house.run()
    await desk_house.ann.presses(card, "Release")
    await bot_api.wait_for(lambda: "Waiting for a person" in card.text)
    assert card.text.count(SAID) == 1
    card.deleted = True
    await desk_house.ann.says("/take", chat=desk_house.group, thread=topic)
    anew = await desk_house.group.hears("With Ann", thread=topic)
    await desk_house.ann.presses(anew, "Resolve")
    await bot_api.wait_for(lambda: "Resolved" in anew.text)
    assert [text.count(SAID) for text in posts(desk_house, topic.id) if SAID in text] == [1]


async def test_a_reply_to_the_card_quotes_nothing_to_the_customer(desk_house: DeskHouse) -> None:
    zoe, topic, card = await desk_house.queued(5, "Zoe", SAID)
    await desk_house.ann.says("Hello Zoe", chat=desk_house.group, thread=topic, reply_to=card)
    assert (await zoe.hears("Hello Zoe")).reply_to_id is None


async def test_what_is_too_long_for_the_card_is_a_post_below_it(desk_house: DeskHouse) -> None:
    said = [f"{number}: {'my lamp ' * 80}".strip() for number in range(6)]
    await desk_house.queued(5, "Zoe", *said)
    await at_rest(desk_house.store)
    card, *below = posts(desk_house, desk_house.group.topic("Zoe").id)
    assert "Before this" not in card
    assert all("\n".join(below).count(words) == 1 for words in said)


async def test_a_merged_records_card_goes_on_telling_it(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    _, _, card = await desk_house.queued(5, "Zoe", SAID)
    await desk_house.queued(6, "Yan", "where is my parcel, please")
    await at_rest(desk_house.store)
    async with desk_house.store.write() as session:
        ids = {name: number for number, name in await session.execute(select(Customer.id, Customer.name))}
        await merging.merge(
            session, kept_id=ids["Yan"], merged_id=ids["Zoe"], merged_by="test", now=desk_house.clock()
        )
    await bot_api.wait_for(lambda: "is one with Yan now" in card.text)
    assert card.text.count(SAID) == 1


@pytest.mark.parametrize("undone", [False, True])
async def test_it_stays_where_conversations_are_made_one_and_apart_again(
    desk_house: DeskHouse, bot_api: BotApiServer, undone: bool
) -> None:
    _, topic, card = await desk_house.queued(5, "Zoe", SAID)
    await desk_house.queued(6, "Yan", "where is my parcel, please")
    await at_rest(desk_house.store)
    now, settings = desk_house.clock(), StoreSettings()
    async with desk_house.store.write() as session:
        ids = {name: number for number, name in await session.execute(select(Customer.id, Customer.name))}
        talks = {
            whose: n for n, whose in await session.execute(select(Conversation.id, Conversation.customer_id))
        }
        zoes, yans = talks[ids["Zoe"]], talks[ids["Yan"]]
        await merging.merge(session, kept_id=ids["Zoe"], merged_id=ids["Yan"], merged_by="test", now=now)
    await at_rest(desk_house.store)
    assert card.text.count(SAID) == 1
    async with desk_house.store.write() as session:
        ann = (await session.scalars(select(Agent).where(Agent.name == "Ann"))).one()
        joined = await joining.merge(session, kept_id=yans, merged_id=zoes, by=ann, now=now)
        if undone:
            await joining.undo(session, joined.id, by=ann, now=now, settings=settings)
    await at_rest(desk_house.store)
    for _ in range(1 + undone):  # the card is about the one that waits, and then about the other
        await desk_house.ann.says("/take", chat=desk_house.group, thread=topic)
        await at_rest(desk_house.store)
    await bot_api.wait_for(lambda: "With Ann" in card.text)
    await at_rest(desk_house.store)
    assert sum(text.count(SAID) for text in posts(desk_house, topic.id)) == 1


async def test_a_new_matter_is_not_told_below_the_words_of_an_old_one(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    """Nor are those lost: they are part of the card again when that is about their matter."""
    zoe, topic, card = await desk_house.queued(5, "Zoe", SAID)
    await desk_house.ann.presses(card, "Take")
    await zoe.hears("Ann is with you")
    await desk_house.ann.presses(card, "Resolve")
    await bot_api.wait_for(lambda: "Resolved" in card.text)
    assert SAID in card.text
    await zoe.says("my parcel is late")
    await zoe.hears()
    await zoe.says("/human")
    await bot_api.wait_for(lambda: "Waiting for a person" in card.text)
    await at_rest(desk_house.store)
    told = posts(desk_house, topic.id)
    assert [text.count("my parcel is late") for text in told] == [0, 1]
    assert "Before this" not in card.text
    card.deleted = True
    await desk_house.ann.says("/take", chat=desk_house.group, thread=topic)
    anew = await desk_house.group.hears("With Ann", thread=topic)
    assert "Before this" not in anew.text
    async with desk_house.store.read() as session:
        first = (await session.scalars(select(Conversation.id).order_by(Conversation.id))).first()
        shown = await desk_cards.card(session, first or 0, now=desk_house.clock(), chat=str(GROUP))
    assert SAID in [line.text for line in shown.before]


async def test_a_long_edit_leaves_the_other_words_readable(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, _, card = await desk_house.queued(5, "Zoe", SAID, "and the blue one too")
    (first,) = [post for post in zoe.chat.posts.values() if post.text == SAID]
    await zoe.edits(first, "x😀" * 1300)
    await desk_house.ann.presses(card, "Take")
    await bot_api.wait_for(lambda: "With Ann" in card.text)
    assert units(card.text) <= MAX_TEXT
    assert "Zoe: x😀x😀" in card.text
    assert "Zoe: and the blue one too\n" in card.text
