"""One poisoned update or message, whatever stage it breaks, is set aside alone: its batch and its chat go on."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot import delivery as delivery_module
from bot import reception as reception_module
from bot.channels.base import Inbound, Kind
from bot.channels.telegram import intake as intake_module
from bot.channels.telegram.api import Api
from bot.channels.telegram.decoding import decode
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.keyboards import UsedKeyboards
from bot.channels.telegram.setting_aside import park
from bot.rendering import outgoing
from bot.thinking import think
from bot.understanding import needs_match
from crm_store import batch_facts
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.models.plumbing import ParkedUpdate, SeenUpdate
from tests.house import NOON, House, open_house

POISON = "poison"


def said(number: int, text: str = "where is my parcel", address: str = "me") -> Inbound:
    return Inbound("terminal", str(number), "terminal", address, Kind.TEXT, text)


def break_understanding(patch: pytest.MonkeyPatch) -> None:
    def broken(inbound: Inbound) -> bool:
        if inbound.text == POISON:
            raise LookupError(POISON)
        return needs_match(inbound)

    patch.setattr(reception_module, "needs_match", broken)


def break_acting(patch: pytest.MonkeyPatch) -> None:
    def broken(batch: Any, inbound: Inbound, *rest: Any) -> None:
        think(batch, inbound, *rest)
        if inbound.text == POISON:
            raise ZeroDivisionError(POISON)

    patch.setattr(reception_module, "think", broken)


def break_writing(patch: pytest.MonkeyPatch) -> None:
    write = batch_facts.write

    def broken(connection: Any, batch: Any) -> None:
        write(connection, batch)
        if any(draft.text == POISON for draft in batch.messages):
            raise TypeError(POISON)

    patch.setattr(batch_facts, "write", broken)


@pytest.mark.parametrize("stage", [break_understanding, break_acting, break_writing])
async def test_a_poisoned_update_is_parked_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch, stage: Any
) -> None:
    stage(monkeypatch)
    async with open_house(store) as house:
        await house.reception.receive([said(1), said(2, POISON), said(3), said(4, address="other")])
        await house.reception.receive([said(5)])
        await house.settle()
        assert len(house.postbox.taken) == 4
        assert [post.address for post in house.postbox.taken].count("me") == 3
    async with store.read() as session:
        parked = (await session.scalars(select(ParkedUpdate))).one()
        seen = (await session.scalars(select(SeenUpdate.update_id))).all()
    assert (parked.update_id, POISON in (parked.error or "")) == ("2", True)
    assert sorted(seen) == ["1", "2", "3", "4", "5"]


async def _states(house: House) -> list[str | None]:
    async with house.store.read() as session:
        query = select(Message.delivery).where(Message.author == "bot").order_by(Message.id)
        return list(await session.scalars(query))


async def test_a_message_that_cannot_be_drawn_holds_up_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned: list[int] = []

    def broken(message: Any, *rest: Any) -> Any:
        if not poisoned or message.id in poisoned:
            poisoned.append(message.id)
            raise KeyError(POISON)
        return outgoing(message, *rest)

    monkeypatch.setattr(delivery_module, "outgoing", broken)
    async with open_house(store) as house:
        await house.reception.receive([said(1)])
        async with asyncio.timeout(60):
            while await _states(house) != ["ambiguous"]:
                house.clock.advance(delivery_module.ONCE_MORE_AFTER)
                await asyncio.sleep(0.02)
        await house.reception.receive([said(2), said(3, address="other")])
        await house.settle()
        assert await _states(house) == ["ambiguous", "sent", "sent"]


async def test_an_update_that_cannot_be_read_is_parked_and_the_rest_is_taken(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def broken(update: Any, *rest: Any) -> Any:
        if update["update_id"] == 2:
            raise AttributeError(POISON)
        return decode(update, *rest)

    class Receiver:
        async def receive(self, inbounds: Any) -> None:
            taken.extend(inbound.update_id for inbound in inbounds)

    monkeypatch.setattr(intake_module, "decode", broken)
    api = Api("42:x")

    async def set_aside(update: object, error: Exception, number: str) -> None:
        await park(store, api.source, update, error, number, NOON)

    intake = Intake(api, Receiver(), None, UsedKeyboards(api, store), park=set_aside)
    sender = {"id": 7, "is_bot": False, "first_name": "Ann"}
    chat = {"id": 7, "type": "private"}
    updates = [
        {"update_id": n, "message": {"message_id": n, "date": 1, "chat": chat, "from": sender, "text": "hi"}}
        for n in (1, 2, 3)
    ]
    for _ in range(2):  # a repeat of it is known
        await intake.take(updates)
    assert taken == ["1", "3", "1", "3"]
    async with store.read() as session:
        parked = (await session.scalars(select(ParkedUpdate))).one()
    assert (parked.source, parked.update_id, parked.error) == (
        "telegram:42",
        "2",
        f"AttributeError: {POISON}",
    )
    assert parked.body["update"]["message"]["text"] == "hi"
