"""Who is writing reaches the other side, costs messages nothing, and leaves nothing behind."""

import asyncio
from typing import Any

import pytest

from bot.channels.telegram.api import Api
from bot.channels.telegram.typing_action import TypingAction
from bot.channels.web import limits
from bot.windows import window
from crm_store.engine import Store
from crm_store.typing_signs import LASTS_S, Side, TypingSign, TypingSigns, shortened
from tests.botapi.server import BotApiServer
from tests.outbox_rows import eventually
from tests.several_processes import process
from tests.telegram_stage import DeskHouse
from tests.webchat import SteadyClock, Visitor, open_site

AGENT, CUSTOMER = Side.AGENT, Side.CUSTOMER


def heard_by(typing: TypingSigns) -> list[TypingSign]:
    told: list[TypingSign] = []
    typing.listen(told.extend)
    return told


async def types(visitor: Visitor, is_typing: bool = True) -> None:
    await visitor.socket.send_json({"type": "typing", "is_typing": is_typing})


async def test_a_visitor_who_writes_is_told_of_and_sees_who_answers(sqlite_store: Store) -> None:
    async with open_site(sqlite_store) as site:
        visitor, _ = await site.introduced()
        told = heard_by(sqlite_store.typing)
        await types(visitor)  # nobody has heard of this one yet
        await visitor.ask("where is my parcel?")
        await types(visitor)
        await types(visitor, False)
        await visitor.ask("thanks")  # what was said before has been taken by now
        [lane] = {sign.lane for sign in told}
        assert told == [TypingSign(lane, CUSTOMER, True), TypingSign(lane, CUSTOMER, False)]
        for is_typing, name in ((True, ""), (True, "Ann"), (False, "Ann")):
            sqlite_store.typing.tell(TypingSign(lane, AGENT, is_typing, name))
            frame = await visitor.next("typing")
            assert frame == {"type": "typing", "is_typing": is_typing, "name": name, "lasts_s": LASTS_S}


async def test_too_many_signs_are_not_told_and_refuse_nothing(sqlite_store: Store) -> None:
    async with open_site(sqlite_store) as site:
        visitor, _ = await site.introduced()
        await visitor.ask("where is my parcel?")
        told = heard_by(sqlite_store.typing)
        for _ in range(80):
            await types(visitor)
        await visitor.ask("thanks")
        assert len(told) == limits.TYPING_PER_SESSION.burst
        assert "error" not in {frame["type"] for frame in visitor.told}


async def test_a_window_with_words_to_say_says_them_first(sqlite_store: Store) -> None:
    async with open_site(sqlite_store) as site:
        visitor, _ = await site.introduced()
        await visitor.ask("where is my parcel?")
        [address] = site.lobby.channel.addresses
        sign = TypingSign(f"web:{address}", AGENT, True)
        site.lobby.channel.push(address, {"type": "first"})
        sqlite_store.typing.tell(sign)
        site.lobby.channel.push(address, {"type": "second"})
        await visitor.next("second")
        assert [frame["type"] for frame in visitor.told][-2:] == ["first", "second"]


async def test_every_process_on_one_database_hears_of_it(postgres_url: str) -> None:
    async with process(postgres_url) as one, process(postgres_url) as other:
        here, there = heard_by(one.typing), heard_by(other.typing)
        name = shortened("🧵" * 200)
        signs = [TypingSign(f"web:{n:0>180}", CUSTOMER, True, name) for n in range(70)]
        for sign in signs:
            one.typing.tell(sign)
        one.typing.tell(TypingSign(signs[3].lane, CUSTOMER, False))

        async def all_there() -> bool:
            return len(here) == len(there) == len(signs)

        await eventually(all_there)
        assert there == here
        assert {sign.lane for sign in there if not sign.is_typing} == {signs[3].lane}
        assert {sign.name for sign in there if sign.is_typing} == {name}


async def test_a_database_that_is_away_costs_nobody_anything() -> None:
    typing = TypingSigns()

    async def away(_told: str) -> None:
        raise ConnectionError("away")

    typing.carry = away
    typing.tell(TypingSign("web:a", CUSTOMER, True))
    for _ in range(3):
        await asyncio.sleep(0.06)
    told = heard_by(typing)
    typing.heard('typing [["web:a", "customer", true]]')
    for nonsense in ("typing [[1]]", "typing {", "outbox", 'typing [["web:a", "nobody", true]]'):
        typing.heard(nonsense)
    assert told == [TypingSign("web:a", CUSTOMER, True)]


async def test_telegram_shows_it_above_the_customers_chat(desk_house: DeskHouse) -> None:
    await desk_house.held()
    for is_typing in (True, True, False):
        desk_house.store.typing.tell(TypingSign("telegram:5", AGENT, is_typing))
    desk_house.store.typing.tell(TypingSign("telegram:5", CUSTOMER, True))

    def above_the_chat() -> list[
        str
    ]:  # the bot looks by the same call whether it may write to the staff group
        return [one["action"] for one in desk_house.server.world.actions if one["chat_id"] == 5]

    await desk_house.server.wait_for(lambda: bool(above_the_chat()))
    assert above_the_chat() == ["typing"]


@pytest.fixture
async def api(bot_api: BotApiServer) -> Any:
    made = Api(bot_api.token, bot_api.base_url)
    await made.open()
    yield made
    await made.close()


async def shown(bot_api: BotApiServer, action: TypingAction, *chats: int) -> list[int]:
    """The chats in which it was shown."""
    before = len(bot_api.world.actions)
    action.hear([TypingSign(f"telegram:{chat}", AGENT, True) for chat in chats])
    await asyncio.gather(*action._showing)
    return [one["chat_id"] for one in bot_api.world.actions[before:]]


async def test_it_is_left_out_where_messages_may_need_the_room(bot_api: BotApiServer, api: Api) -> None:
    for number in (5, 6, 7, 8):
        await bot_api.user(number, f"Zoe {number}").says("hello")
    steady, leads, overall = SteadyClock(), True, window(8, 1.0)
    action = TypingAction(api, overall, lambda: leads, steady=steady)
    assert await shown(bot_api, action, 5, 5) == [5]
    assert await shown(bot_api, action, 5) == [], "the last one is not over"
    steady.now += 5
    assert await shown(bot_api, action, 5, 6) == [5, 6]
    overall.take(steady.now, 2)
    assert await shown(bot_api, action, 7) == [], "half of what may leave is for messages"
    steady.now += 5
    action.be_quiet(20)
    assert await shown(bot_api, action, 7) == [], "Telegram asked for patience"
    steady.now += 20
    assert await shown(bot_api, action, 7) == [7]
    leads = False
    assert await shown(bot_api, action, 8) == [], "another process sends"
