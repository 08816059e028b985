"""A bot that learns what is published and looks whom, and which open question, it answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.hearing import close_answered, hear_of_answers
from bot.knowledge import Knowledge
from crm_store import publishing
from crm_store.articles import ArticleDraft
from crm_store.presence import ALONE
from knowledge_base.policy import Policy
from tests.house import House

MOON = ArticleDraft("moon", "Do you ship to the moon?", ("zyx qwv plm",), "Not yet.")


async def published(house: House, *drafts: ArticleDraft) -> None:
    """As the API, an import and an accepted phrasing do: nobody says which questions it answers. It is learned."""
    async with house.store.write() as session:
        await publishing.publish(session, drafts, by="test", now=house.clock.advance(timedelta(minutes=1)))


@asynccontextmanager
async def hearing(house: House) -> AsyncIterator[None]:
    """The bot's loops that learn what is published and look at who waits, until both have."""
    knowledge = Knowledge(house.store, house.clock, Policy())
    await knowledge.open()
    listening = hear_of_answers(house.store, knowledge, house.clock, ALONE)
    tasks = [asyncio.create_task(each) for each in (knowledge.follow(), listening)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def looked_at(house: House) -> int:
    """How many gaps a bot closes that has learned all that is published."""
    knowledge = Knowledge(house.store, house.clock, Policy())
    try:
        await knowledge.refresh()
        return await close_answered(house.store, knowledge.edition)
    finally:
        await knowledge.close()
