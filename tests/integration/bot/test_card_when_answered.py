"""A card says who has to write next, also when it was the customer who wrote; in a rush their words go first."""

import pytest

from bot.channels.telegram.desk.pace import GroupPace
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


async def test_with_nothing_to_spare_the_words_go_alone_and_the_card_never_goes_back_to_an_old_matter(
    desk_house: DeskHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, topic, card = await desk_house.queued(5, "Zoe", "my lamp is broken")
    await desk_house.ann.says("on it", chat=desk_house.group, thread=topic)
    await bot_api.wait_for(lambda: "Answered by Ann" in card.text)
    monkeypatch.setattr(GroupPace, "has_spare", False)
    await zoe.says("and the blue one too")
    await desk_house.group.hears("and the blue one too", thread=topic)
    await zoe.says("anybody?")
    await desk_house.group.hears("anybody?", thread=topic)
    assert "Answered by Ann" in card.text
    await desk_house.ann.presses(card, "Resolve")
    await bot_api.wait_for(lambda: "Resolved" in card.text)
    await zoe.says("/human")
    await bot_api.wait_for(lambda: "Waiting for a person" in card.text)
    monkeypatch.undo()
    await at_rest(desk_house.store)
    assert "Waiting for a person" in card.text
