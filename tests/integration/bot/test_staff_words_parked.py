"""What an agent says to the bot in private (a code, /away) and cannot be handled: parked, told, and replayed."""

import pytest

from bot.channels.telegram.desk import handling
from bot.replaying import Replayer
from crm_store import parking, sign_in, staff
from crm_store.engine import Store
from crm_store.models.plumbing import ParkedUpdate
from tests.botapi.server import BotApiServer
from tests.telegram_stage import DeskHouse


async def broken(*_: object, **__: object) -> None:
    raise LookupError("out of order")


async def open_ones(store: Store) -> list[ParkedUpdate]:
    async with store.read() as session:
        return await parking.page(session)


async def replay_all(house: DeskHouse) -> int:
    """How many were handed in again."""
    replayer = Replayer(house.store, house.reception, house.clock)
    replayer.platforms[house.bot.api.source] = house.bot.replay
    async with house.store.write() as session:
        await parking.ask_replay_of_all(session, now=house.clock())
    return await replayer.replay_asked()


async def test_a_word_of_presence_is_parked_and_replayed(
    desk_house: DeskHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(handling, "attend", broken)
        await desk_house.ann.says("/away")
        await bot_api.wait_until_confirmed()
        (parked,) = await open_ones(desk_house.store)
        assert parked.error == "LookupError: out of order"
        assert await replay_all(desk_house) == 1
        (again,) = await open_ones(desk_house.store)
        assert (again.update_id, again.asked_at) == (f"{parked.update_id}~1", None)
    assert await replay_all(desk_house) == 1
    await desk_house.ann.hears("away")
    assert await open_ones(desk_house.store) == []


async def test_a_code_is_parked_and_replayed(
    desk_house: DeskHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk_house.store.write() as session:
        eve = await staff.create_agent(session, name="Eve", role=staff.Role.AGENT, now=desk_house.clock())
        code = await sign_in.issue_code(session, eve.id, sign_in.Purpose.TELEGRAM, now=desk_house.clock())
    with monkeypatch.context() as patch:
        patch.setattr(staff, "link_telegram", broken)
        await desk_house.carl.says(f"/link {code}")
        await bot_api.wait_until_confirmed()
    assert [row.error for row in await open_ones(desk_house.store)] == ["LookupError: out of order"]
    assert await replay_all(desk_house) == 1
    await desk_house.carl.hears("you are Eve here")
    assert await open_ones(desk_house.store) == []


async def test_a_customers_words_that_look_like_an_agents_are_replayed_as_theirs(
    desk_house: DeskHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe = bot_api.user(5, "Zoe")
    with monkeypatch.context() as patch:
        patch.setattr(staff, "find_by_telegram", broken)
        await zoe.says("/away")
        await bot_api.wait_until_confirmed()
    assert await replay_all(desk_house) == 1
    await zoe.hears()
    assert await open_ones(desk_house.store) == []
