"""Every update handed in three times more, in any order and in any parcels: no table gains or loses a row."""

import random
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.channels.telegram.api import Api
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.keyboards import UsedKeyboards
from crm_store.engine import Store
from crm_store.models.all import METADATA
from tests.house import Postbox, open_house

USERS = range(7, 12)
SAID = (
    "/start flyer",
    "where is my parcel",
    "do you sell submarines?",
    "send something back",
    "I want to talk to a person",
    "thanks",
)


def updates_of(user: int, first: int) -> list[dict[str, Any]]:
    """What one customer does: words, an edit, a button, blocking and coming back."""
    sender = {"id": user, "is_bot": False, "first_name": f"Ann {user}"}
    chat = {"id": user, "type": "private", "first_name": f"Ann {user}"}
    place = {"date": 1, "chat": chat, "from": sender}
    done: list[dict[str, Any]] = [
        {"message": {**place, "message_id": first + n, "text": text}} for n, text in enumerate(SAID)
    ]
    edit = {**place, "message_id": first + 1, "text": "where is my other parcel", "edit_date": 2}
    press = {"id": f"press-{user}", "from": sender, "data": "2:0", "message": {**place, "message_id": 99}}
    moved = {"chat": chat, "from": sender, "date": 3}
    done += [{"edited_message": edit}, {"callback_query": press}]
    done += [
        {"my_chat_member": {**moved, "new_chat_member": {"status": status}}}
        for status in ("kicked", "member")
    ]
    return [{"update_id": first + n, **update} for n, update in enumerate(done)]


async def rows(store: Store) -> dict[str, int]:
    async with store.read() as session:
        return {
            table.name: int(await session.scalar(select(func.count()).select_from(table)) or 0)
            for table in METADATA.sorted_tables
        }


@pytest.mark.parametrize("seed", [1, 2])
async def test_repeats_in_random_order_change_nothing(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    own = [updates_of(user, user * 100) for user in USERS]
    once = [update for together in zip(*own, strict=True) for update in together]
    again = [update for update in once for _ in range(3)]
    chance.shuffle(again)
    telegram = Postbox("telegram")
    async with open_house(store, {"telegram": telegram}) as house:
        api = Api("42:x", "http://127.0.0.1:9")
        await api.open()
        intake = Intake(api, house.reception, None, UsedKeyboards(api, store))
        await intake.take(once)
        await house.settle()
        before, sent = await rows(store), len(telegram.taken)
        while again:
            size = chance.randint(1, 9)
            await intake.take(again[:size])
            again = again[size:]
        await house.settle()
        assert await rows(store) == before
        assert len(telegram.taken) == sent
        await intake.drain()
        await api.close()
    assert before["seen_update"] == len(once)
    assert before["message"] >= len(USERS) * len(SAID)
    assert before["parked_update"] == 0
