"""A reply taken back on the web was never said: the staff's chat does not show it either, and keeps its order."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select

from crm_store import conversations, taking_back
from crm_store.models.conversations import Conversation, Message
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from tests.telegram_stage import GROUP, StillHouse, at_rest


async def writes_on_the_web(still_house: StillHouse, words: str) -> tuple[Message, Agent]:
    """Ann's reply as her desk sends it, held back for 15 seconds."""
    async with still_house.store.write() as session:
        ann = (await session.scalars(select(Agent).where(Agent.name == "Ann"))).one()
        ann.undo_s = 15
        number = (await session.scalars(select(Conversation.id))).one()
        message = await conversations.reply(session, number, ann, words, now=still_house.clock())
        await taking_back.hold_back(session, message, ann, now=still_house.clock())
    return message, ann


async def until_nothing_is_due(still_house: StillHouse) -> None:
    """Returns once all is posted whose time has come."""
    p = DeskPost
    due = p.delivery.in_(("pending", "sending")) & (
        p.next_try_at.is_(None) | (p.next_try_at <= still_house.clock())
    )
    async with asyncio.timeout(60):
        while True:
            async with still_house.store.read() as session:
                if not await session.scalar(select(func.count()).where(due)):
                    return
            await asyncio.sleep(0.02)


def shown(still_house: StillHouse) -> list[str]:
    """All that the group reads now, cards included."""
    return [post.text for post in still_house.server.sent(GROUP)]


async def test_a_reply_undone_on_the_web_is_never_shown_in_the_topic(still_house: StillHouse) -> None:
    _, topic, _ = await still_house.held()
    message, ann = await writes_on_the_web(still_house, "Hello Priya")
    await until_nothing_is_due(still_house)
    still_house.clock.advance(timedelta(seconds=2))
    async with still_house.store.write() as session:
        await taking_back.take_back(session, message.id, ann, now=still_house.clock())
    still_house.clock.advance(timedelta(seconds=60))
    await still_house.bob.says("// and now?", chat=still_house.group, thread=topic)
    await at_rest(still_house.store)
    assert [text for text in shown(still_house) if "Hello Priya" in text] == []


async def test_what_is_said_meanwhile_stands_below_it_in_the_topic(still_house: StillHouse) -> None:
    zoe, topic, _ = await still_house.held()
    await writes_on_the_web(still_house, "Hello Zoe")
    await zoe.says("are you there?")
    still_house.clock.advance(timedelta(seconds=16))
    await still_house.group.hears("are you there?", thread=topic)
    await zoe.hears("Hello Zoe")
    texts = shown(still_house)
    (reply,) = [n for n, text in enumerate(texts) if text == "Ann → customer: Hello Zoe"]
    (words,) = [n for n, text in enumerate(texts) if text.endswith("are you there?") and "\n" not in text]
    assert reply < words


async def test_a_card_is_drawn_while_a_reply_is_held_back(still_house: StillHouse) -> None:
    _, _, card = await still_house.held()
    await writes_on_the_web(still_house, "Hello Zoe")
    await still_house.ann.presses(card, "Release")
    await still_house.server.wait_for(lambda: "Take" in card.buttons)
    assert [text for text in shown(still_house) if "Hello Zoe" in text] == []
