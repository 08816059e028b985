"""An edited message whose edit is handled before it, or together with it: the edited words count, and once."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import reception as reception_module
from bot.channels.base import Inbound, Kind
from bot.replaying import Replayer
from bot.thinking import think
from crm_store import parking
from crm_store.engine import Store
from crm_store.models.conversations import Message, MessageEdit
from crm_store.models.plumbing import ParkedUpdate
from tests.botapi.server import BotApiServer
from tests.house import House, another_reception, open_house
from tests.telegram_stage import DeskHouse, TelegramHouse

FIRST, LATER = "Where is my ordr?", "How do I return an item?"


def said(number: int, text: str = FIRST, platform_id: str = "m1") -> Inbound:
    return Inbound("terminal", str(number), "terminal", "me", Kind.TEXT, text, platform_id=platform_id)


def edited(number: int, text: str = LATER, platform_id: str = "m1") -> Inbound:
    return Inbound(
        "terminal",
        str(number),
        "terminal",
        "me",
        Kind.EDITED,
        text,
        platform_id=platform_id,
        edited_kind=Kind.TEXT,
    )


async def words(store: Store) -> tuple[list[str], list[str]]:
    """What the customer said as it stands, and what was edited away."""
    async with store.read() as session:
        now = await session.scalars(
            select(Message.text).where(Message.author == "customer").order_by(Message.id)
        )
        old = await session.scalars(select(MessageEdit.old_text).order_by(MessageEdit.id))
        return list(now), list(old)


async def taken(house: House, *moves: Inbound) -> list[str]:
    """What the bot sent, these having come in one go."""
    await house.reception.receive(moves)
    await house.settle()
    return [sent.text for sent in house.postbox.taken]


async def test_a_message_and_its_edit_that_come_together(store: Store) -> None:
    """As after a while in which nobody was there."""
    async with open_house(store) as house:
        answers = await taken(house, said(1), edited(2), edited(3, "How do I return a lamp?"))
        assert "Start a return" in answers[-1]
    now, old = await words(store)
    assert now[0] == "How do I return a lamp?"
    assert old == [FIRST, LATER]


async def test_an_edit_that_comes_first_is_the_message(store: Store) -> None:
    async with open_house(store) as house:
        assert "Start a return" in (await taken(house, edited(2)))[-1]
        count = len(house.postbox.taken)
        late = replace(said(1), is_late=True)
        await taken(house, late)
        assert len(house.postbox.taken) == count
    assert await words(store) == ([LATER], [FIRST])


async def test_an_edit_in_one_process_before_its_message_in_another(postgres_store: Store) -> None:
    async with open_house(postgres_store) as house, another_reception(house) as other:
        assert "Start a return" in (await taken(house, edited(2)))[-1]
        count = len(house.postbox.taken)
        await other.receive([said(1)])
        await other.receive([edited(3, "How do I return a lamp?")])
        await house.settle()
        assert len(house.postbox.taken) == count + 1
    assert (await words(postgres_store))[1] == [FIRST, LATER]


async def test_an_edit_and_its_message_in_two_processes_at_once(postgres_store: Store) -> None:
    """Whichever is first: each customer has said one thing, which is what they made of it."""
    async with open_house(postgres_store) as house, another_reception(house) as other:
        for n in range(0, 60, 2):
            first, later = (replace(one, address=f"n{n}") for one in (said(n), edited(n + 1)))
            await asyncio.gather(*(r.receive([m]) for r, m in ((other, later), (house.reception, first))))
        await house.settle()
    async with postgres_store.read() as session:
        query = select(Message.lane, Message.text).where(
            Message.platform_id == "m1", Message.author == "customer"
        )
        kept = (await session.execute(query)).all()
    assert {lane for lane, _ in kept} == {f"terminal:n{n}" for n in range(0, 60, 2)}
    assert len(kept) == 30
    assert {text for _, text in kept} == {LATER}
    assert (await words(postgres_store))[1] == [FIRST] * 30


async def test_an_edit_of_what_was_erased_comes_again_as_a_message(postgres_store: Store) -> None:
    """Nothing is left of what it edits but that it was edited."""
    async with open_house(postgres_store) as house:
        await taken(house, edited(2))
        async with house.store.write() as session:
            await session.execute(update(Message).values(platform_id=None))
        await taken(house, edited(3, "How do I return a lamp?"))
    async with postgres_store.read() as session:
        assert not (await session.scalars(select(ParkedUpdate))).all()
    assert len((await words(postgres_store))[0]) == 2


async def test_an_edit_of_a_parked_message_is_the_message_and_a_replay_says_nothing_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(batch: Any, inbound: Inbound, *rest: Any) -> None:
        if inbound.text == FIRST:
            raise ZeroDivisionError
        think(batch, inbound, *rest)

    async with open_house(store) as house:
        with monkeypatch.context() as patch:
            patch.setattr(reception_module, "think", broken)
            assert "Start a return" in (await taken(house, said(1), edited(2)))[-1]
        async with store.write() as session:
            await parking.ask_replay_of_all(session, now=house.clock())
        count = len(house.postbox.taken)
        assert await Replayer(store, house.reception, house.clock).replay_asked() == 1
        await house.settle()
        assert len(house.postbox.taken) == count
    assert await words(store) == ([LATER], [FIRST])


async def test_a_telegram_customers_edit_while_nobody_was_there(
    house: TelegramHouse, bot_api: BotApiServer
) -> None:
    await house.stop()
    zoe = bot_api.user(5, "Zoe")
    sent = await zoe.says("Where is my ordr?")
    await zoe.edits(sent, "How do I change my password?")
    await house.run()
    await zoe.hears("Go to Settings")
    now, old = await words(house.store)
    assert (now[0], old) == ("How do I change my password?", ["Where is my ordr?"])


async def test_telegrams_updates_in_another_order(house: TelegramHouse, bot_api: BotApiServer) -> None:
    """As from a webhook with several connections."""
    sender, chat = {"id": 5, "is_bot": False, "first_name": "Zoe"}, {"id": 5, "type": "private"}
    message = {"message_id": 9, "date": 1, "chat": chat, "from": sender, "text": "Where is my ordr?"}
    new = message | {"text": "How do I change my password?"}
    bot_api.user(5, "Zoe")
    await house.bot.intake.take([{"update_id": 12, "edited_message": new}])
    await house.bot.intake.take([{"update_id": 11, "message": message}])
    assert await words(house.store) == (["How do I change my password?"], ["Where is my ordr?"])


@pytest.mark.parametrize("command", ["/online", "/link ABCDEF"])
async def test_an_agents_edited_command_is_no_customers_word(desk_house: DeskHouse, command: str) -> None:
    chat = {"id": 71, "type": "private"}
    message = {"message_id": 9, "date": 1, "chat": chat, "from": desk_house.ann.face, "text": command}
    await desk_house.bot.intake.take([{"update_id": 10**6, "edited_message": message}])
    assert await words(desk_house.store) == ([], [])
