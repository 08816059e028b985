"""A canned reply with a file where staff have no topics: in a plain group, and in agents' own chats with the bot."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crm_store.engine import Store
from crm_store.files import files_of
from crm_store.settings import StoreSettings
from tests.botapi.groups import Group
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post
from tests.integration.bot.test_telegram_canned_files import WORDS, prepare
from tests.integration.bot.test_telegram_group import plain_house
from tests.integration.bot.test_telegram_private_desk import PrivateHouse
from tests.pictures import PDF, PNG
from tests.telegram_stage import GROUP, DeskHouse, at_rest, settings_for


@dataclass
class Room:
    """Where staff work: the house, who works there, and what it takes for them to speak there."""

    house: DeskHouse
    agent: Person
    group: Group | None = None

    async def hears(self, words: str) -> Post:
        return await (self.group or self.agent).hears(words)

    async def says(self, words: str, to: Post) -> Post:
        where: dict[str, Any] = {} if self.group is None else {"chat": self.group}
        return await self.agent.says(words, reply_to=to, **where)

    def sent(self) -> list[Post]:
        """What the bot has posted there."""
        return self.house.server.sent(self.group.id if self.group is not None else self.agent.id)


@pytest.fixture(params=["plain group", "own chat"])
async def room(
    request: pytest.FixtureRequest,
    bot_api: BotApiServer,
    shop_store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Room]:
    """A house with /guide; its files lie where the test puts them."""
    house: DeskHouse
    if request.param == "plain group":
        group = bot_api.group(GROUP, "Desk", forum=False)
        house = await plain_house(bot_api, shop_store, group)
        found = Room(house, house.ann, group)
    else:
        house = PrivateHouse(bot_api, shop_store, settings_for(bot_api, telegram_more_staff_chats="71"))
        await house.open()
        found = Room(house, house.ann)
    folder = files_of(StoreSettings(files_folder=str(tmp_path / "files")))
    monkeypatch.setattr(house.bot.api, "_folder", folder)
    monkeypatch.setattr(house.bot._errands, "_files", folder)
    yield found
    await house.stop()


async def waiting(room: Room, number: int, name: str) -> tuple[Person, Post]:
    """A customer who waits, and their card."""
    customer = room.house.server.user(number, name)
    await customer.says("/human")
    await customer.hears("in the queue")
    return customer, await room.hears(f"{name}\nWaiting for a person")


@pytest.mark.parametrize(
    ("content", "name", "field"), [(PNG, "lamp.png", "photo"), (PDF, "lamp.pdf", "document")]
)
@pytest.mark.parametrize("words", [WORDS, ""])
async def test_words_and_file_go_to_whose_card_was_answered_and_are_shown(
    room: Room, bot_api: BotApiServer, tmp_path: Path, words: str, content: bytes, name: str, field: str
) -> None:
    await prepare(
        room.house, files_of(StoreSettings(files_folder=str(tmp_path / "files"))), words, content, name
    )
    zoe, card = await waiting(room, 5, "Zoe")
    yan, _ = await waiting(room, 6, "Yan")
    heard = len(bot_api.sent(yan.id))
    await room.says("/guide", to=card)
    await bot_api.wait_for(lambda: any(field in post.body for post in bot_api.sent(zoe.id)))
    await at_rest(room.house.store)
    assert len(bot_api.sent(yan.id)) == heard
    for posts in (bot_api.sent(zoe.id), room.sent()):
        assert [field in post.body for post in posts].count(True) == 1
        told = [bool(words) and words in post.text and "Last words" not in post.text for post in posts]
        assert told.count(True) == bool(words)
    (shown,) = [post for post in room.sent() if field in post.body]
    assert shown.reply_to_id == card.id
    await room.says("Is it clear now?", to=shown)  # what is shown of it leads to the customer, too
    await zoe.hears("Is it clear now?")


async def test_it_can_be_taken_back_where_its_shortcode_was_written(
    room: Room, bot_api: BotApiServer, tmp_path: Path
) -> None:
    await prepare(
        room.house, files_of(StoreSettings(files_folder=str(tmp_path / "files"))), WORDS, PNG, "lamp.png"
    )
    zoe, card = await waiting(room, 5, "Zoe")
    await room.says("/guide", to=card)
    await bot_api.wait_for(lambda: any("photo" in post.body for post in bot_api.sent(zoe.id)))
    await at_rest(room.house.store)
    (shown,) = [post for post in room.sent() if "photo" in post.body]
    await room.says("/delete", to=shown)
    (file,) = [post for post in bot_api.sent(zoe.id) if "photo" in post.body]
    await bot_api.wait_for(lambda: file.deleted)
