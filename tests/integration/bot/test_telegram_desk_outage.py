"""What goes wrong amid a post to the staff group: it is posted again, not left for long, and not given up."""

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from crm_store import desk_posts
from crm_store.engine import Store
from crm_store.models.plumbing import DeskPost
from crm_store.session import Session
from tests.botapi import faults
from tests.botapi.server import BotApiServer
from tests.telegram_stage import GROUP, DeskHouse, at_rest


async def test_what_could_not_be_marked_is_posted_again(
    desk_house: DeskHouse, shop_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, failed = desk_posts.mark_sent, asyncio.Event()

    async def failing_once(session: Session, ids: Sequence[int], **named: Any) -> None:
        if not failed.is_set():
            failed.set()
            raise OperationalError("UPDATE", {}, sqlite3.OperationalError("disk I/O error"))
        await mark(session, ids, **named)

    monkeypatch.setattr(desk_posts, "mark_sent", failing_once)
    customer, topic, _ = await desk_house.queued()
    await failed.wait()
    await customer.says("are you there?")
    await desk_house.group.hears("are you there?", thread=topic)
    await at_rest(shop_store)


@pytest.mark.parametrize("times", [1, 2, 3, 4])
async def test_a_topic_that_is_deleted_again_and_again_costs_no_post(
    desk_house: DeskHouse, bot_api: BotApiServer, times: int
) -> None:
    customer, _, _ = await desk_house.queued()
    bot_api.fail("sendMessage", faults.bad_request("message thread not found"), chat=GROUP, times=times)
    await customer.says("are you there?")
    await desk_house.group.hears("are you there?")
    assert len(desk_house.group.topics) > 1


async def test_posts_that_may_have_arrived_are_not_repeated_all_the_time(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    customer, topic, _ = await desk_house.queued()
    await customer.says("hello")
    await desk_house.group.hears("hello", thread=topic)
    bot_api.fail("sendMessage", faults.dropped(takes_effect=True), chat=GROUP, times=3)
    await customer.says("are you there?")

    def copies() -> int:
        return sum("are you there?" in post.text for post in bot_api.sent(GROUP, thread=topic.id))

    await bot_api.wait_for(lambda: copies() == 3)
    (group,) = desk_house.bot._groups
    while group.pace.delay() < 20:
        await asyncio.sleep(0.05)
    assert copies() == 3


@pytest.mark.parametrize("refused", [1, 3])
async def test_what_stands_in_the_topic_is_not_posted_again_when_the_next_is_refused(
    desk_house: DeskHouse, bot_api: BotApiServer, shop_store: Store, refused: int
) -> None:
    customer, topic, _ = await desk_house.queued()
    await at_rest(shop_store)
    before = len(bot_api.sent(GROUP, thread=topic.id))
    async with shop_store.write():  # nothing is posted until all of it is there
        for text in ("first", "second"):
            await customer.says(text)
            await customer.sends_location(1.5, 2.5)
        bot_api.fail("sendLocation", faults.too_many_requests(1), chat=GROUP, times=refused)
        bot_api.fail("copyMessage", faults.too_many_requests(1), chat=GROUP, times=refused)
        await asyncio.sleep(0.3)
    await desk_house.group.hears("second", thread=topic)
    await at_rest(shop_store)
    posts = bot_api.sent(GROUP, thread=topic.id)[before:]
    assert [sum(words in post.text for post in posts) for words in ("first", "second")] == [1, 1]
    assert sum("location" in post.body for post in posts) == 2


async def test_a_post_that_the_server_stumbles_over_again_and_again_holds_up_nobody_else(
    desk_house: DeskHouse, bot_api: BotApiServer, shop_store: Store
) -> None:
    zoe, topic, _ = await desk_house.held()
    await desk_house.queued(7, "Max")
    await at_rest(shop_store)
    for method in ("copyMessage*", "sendPhoto"):
        bot_api.fail(method, faults.server_error(500), chat=GROUP, times=100_000)
    await zoe.sends_photo("see my broken lamp")
    await bot_api.user(7).sends_photo("mine is broken lamp, too")
    (group,) = desk_house.bot._groups
    while group.pace.delay() < 1.5:  # it has failed more than once
        await asyncio.sleep(0.02)
    await desk_house.queued(6, "Yan")
    assert not [post for post in bot_api.sent(GROUP, thread=topic.id) if "broken lamp" in post.text]

    async def left() -> set[int]:
        async with shop_store.read() as session:
            return set(await session.scalars(select(DeskPost.customer_id).where(DeskPost.delivery != "sent")))

    while await left() != {1, 2}:
        await asyncio.sleep(0.02)
