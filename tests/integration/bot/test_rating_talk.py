"""Stars, aspect by aspect, as a customer meets them."""

from sqlalchemy import select

from bot.channels.base import Outgoing
from crm_store import conversations, queue
from crm_store.engine import Store
from crm_store.models.ratings import Rating, RatingRequest
from tests.house import House, open_house

SKIP = 5


async def resolved(house: House) -> Outgoing:
    """The first request for stars, after a resolve."""
    await house.say("I want a human")
    agent = await house.agent()
    async with house.store.write() as session:
        await conversations.reply(session, 1, agent, "Hello!", now=house.clock())
    async with house.store.write() as session:
        await queue.resolve(session, 1, agent, now=house.clock(), settings=house.settings)
    await house.settle()
    return house.postbox.taken[-1]


async def kept(store: Store) -> tuple[dict[str, float], str, str | None]:
    async with store.read() as session:
        ratings = {r.aspect: r.score for r in await session.scalars(select(Rating))}
        request = (await session.scalars(select(RatingRequest))).one()
    return ratings, request.state, request.comment


async def test_a_skipped_aspect_leads_to_the_next_and_then_to_the_comment(sqlite_store: Store) -> None:
    async with open_house(sqlite_store) as house:
        product = await resolved(house)
        (service,) = await house.press(product, 4)
        assert service.text == "How would you rate the service?"
        (price,) = await house.press(service, SKIP)
        assert price.text == "How would you rate the price?"
        (comment,) = await house.press(price, 2)
        assert comment.text.startswith("Thank you! Would you like to add a comment?")
        (thanks,) = await house.say("Great but slow")
        assert thanks.text == "Thank you for your rating!"
    assert await kept(sqlite_store) == ({"product_quality": 100.0, "price": 50.0}, "done", "Great but slow")


async def test_who_skips_everything_is_left_in_peace(sqlite_store: Store) -> None:
    async with open_house(sqlite_store) as house:
        asked = await resolved(house)
        for _ in range(2):
            (asked,) = await house.press(asked, SKIP)
        (last,) = await house.press(asked, SKIP)
        assert last.text == "All right."
    assert await kept(sqlite_store) == ({}, "skipped", None)


async def test_stars_count_once(sqlite_store: Store) -> None:
    async with open_house(sqlite_store) as house:
        product = await resolved(house)
        await house.press(product, 4)
        (stale,) = await house.press(product, 0)
        assert "no longer valid" in stale.text
    assert (await kept(sqlite_store))[0] == {"product_quality": 100.0}
