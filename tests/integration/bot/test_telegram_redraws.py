"""A card that fell behind is drawn once, as it is now: the group takes 20 messages a minute, edits among them."""

from crm_store import queue
from crm_store.models.staff import Agent
from tests.botapi.server import BotApiServer
from tests.telegram_stage import HELD, WAITING, DeskHouse, at_rest


def edits(server: BotApiServer, card_id: int) -> int:
    return sum(
        call.method == "editMessageText" and call.params.find_integer("message_id") == card_id
        for call in server.calls
    )


async def test_many_changes_that_waited_are_one_edit(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    _, _, card = await desk_house.held()
    before, now = edits(bot_api, card.id), desk_house.clock()
    async with desk_house.store.write() as session:
        ann = await session.get_one(Agent, 1)
        for _ in range(6):
            await queue.release(session, 1, ann, now=now)
            await queue.take(session, 1, ann, now=now)
        await queue.release(session, 1, ann, now=now)
    await bot_api.wait_for(lambda: card.buttons == WAITING)
    await at_rest(desk_house.store)
    assert edits(bot_api, card.id) - before == 1


def drawn(server: BotApiServer, *cards: int) -> list[int]:
    """The cards among these in the order they were drawn anew."""
    calls = [call for call in server.calls if call.method == "editMessageText"]
    numbers = [call.params.find_integer("message_id") for call in calls]
    return [number for number in numbers if number in cards]


async def test_the_card_an_agent_pressed_is_drawn_before_all_that_waits(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    people = ((5, "Zoe"), (6, "Yan"), (7, "Xia"))
    cards = [(await desk_house.held(number, name))[2] for number, name in people]
    await at_rest(desk_house.store)
    zoe, yan, xia = (card.id for card in cards)
    before = len(drawn(bot_api, zoe, yan, xia))
    desk_house.bot._posting[0]._rounds = 0  # the next rounds are nobody's turn
    desk_house.bot._groups[0].pace.pause(1.0)
    async with desk_house.store.write() as session:
        ann = await session.get_one(Agent, 1)
        for number in (1, 2):
            await queue.release(session, number, ann, now=desk_house.clock())
    await desk_house.ann.presses(cards[2], "Resolve")
    await bot_api.wait_for(lambda: len(drawn(bot_api, zoe, yan, xia)) == before + 3)
    assert drawn(bot_api, zoe, yan, xia)[before] == xia
    assert cards[2].buttons == ["Reopen", "Ban"]


async def test_a_second_resolve_is_answered_at_once(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    _, _, card = await desk_house.held()
    assert card.buttons == HELD
    desk_house.bot._groups[0].pace.pause(30.0)
    first = await desk_house.ann.presses(card, "Resolve")
    await bot_api.wait_for(lambda: first.answer is not None)
    for person in (desk_house.ann, desk_house.bob):
        again = await person.presses(card, "Resolve")
        await bot_api.wait_for(lambda press=again: press.answer is not None)  # type: ignore[misc]
        assert again.answer is not None
        assert "closed already (Ann)" in again.answer["text"]
