"""A card says who has to write next, also when it was the customer who wrote; in a rush their words go first."""

from tests.botapi.server import BotApiServer
from tests.telegram_stage import DeskHouse, at_rest


async def test_the_customer_writes_again_and_the_card_is_no_longer_answered(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, card = await desk_house.queued(5, "Zoe", "my lamp is broken")
    await desk_house.ann.says("on it", chat=desk_house.group, thread=topic)
    await bot_api.wait_for(lambda: "Answered by Ann" in card.text)
    await zoe.says("and the blue one too")
    await bot_api.wait_for(lambda: "With Ann" in card.text)
    await at_rest(desk_house.store)
    assert card.text.startswith("🟡")
