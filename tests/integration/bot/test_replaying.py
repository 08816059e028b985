"""Parked updates handled again: once, however often it is tried, and by whoever can."""

from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bot import reception as reception_module
from bot.channels.base import Inbound, Kind, Press
from bot.channels.telegram import intake as intake_module
from bot.channels.telegram.decoding import decode
from bot.channels.telegram.desk import events
from bot.channels.telegram.desk.handling import StaffDesk
from bot.replaying import Replayer, restored
from crm_store import parking
from crm_store.engine import Store
from crm_store.errors import NotFound
from crm_store.models.conversations import Message
from crm_store.models.plumbing import ParkedUpdate
from crm_store.storable import storable_json
from tests.botapi.server import BotApiServer
from tests.house import House, open_house
from tests.telegram_stage import DeskHouse

POISON = Inbound("terminal", "7", "terminal", "me", Kind.TEXT, "where is my parcel", language="en")


async def poison(house: House, monkeypatch: pytest.MonkeyPatch) -> int:
    """The id of a question that was parked because the thinking broke."""

    def broken(*_: Any) -> None:
        raise LookupError("out of order")

    with monkeypatch.context() as patch:
        patch.setattr(reception_module, "think", broken)
        await house.reception.receive([POISON])
    async with house.store.read() as session:
        return (await session.scalars(select(ParkedUpdate.id))).one()


async def ask(house: House, parked_id: int) -> None:
    async with house.store.write() as session:
        await parking.ask_replay(session, parked_id, now=house.clock())


async def said(store: Store) -> int:
    async with store.read() as session:
        return int(await session.scalar(select(func.count()).where(Message.author == "customer")) or 0)


async def test_once_the_fault_is_mended_a_replay_answers(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(store) as house:
        replayer = Replayer(store, house.reception, house.clock)
        number = await poison(house, monkeypatch)
        assert (await replayer.replay_asked(), await said(store)) == (0, 0)  # nobody has asked for it
        await ask(house, number)
        assert await replayer.replay_asked() == 1
        await house.settle()
        assert len(house.postbox.taken) == 1
        assert await replayer.replay_asked() == 0
        await house.reception.receive([POISON])  # the platform repeats it: it is known
        assert await said(store) == 1
    async with store.read() as session:
        assert await parking.page(session) == []


async def test_a_crash_between_handing_in_and_noting_it_repeats_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(store) as house:
        replayer = Replayer(store, house.reception, house.clock)
        await ask(house, await poison(house, monkeypatch))

        async def crash(*_: Any, **__: Any) -> None:
            raise RuntimeError("killed here")

        with monkeypatch.context() as patch:
            patch.setattr(parking, "close", crash)
            with pytest.raises(RuntimeError):
                await replayer.replay_asked()
        assert await replayer.replay_asked() == 1
        await house.settle()
        assert (await said(store), len(house.postbox.taken)) == (1, 1)


async def test_what_fails_again_is_parked_anew_with_todays_error(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(store) as house:
        replayer = Replayer(store, house.reception, house.clock)
        first = await poison(house, monkeypatch)
        await ask(house, first)

        def still_broken(*_: Any) -> None:
            raise ValueError("still out of order")

        with monkeypatch.context() as patch:
            patch.setattr(reception_module, "think", still_broken)
            await replayer.replay_asked()
        async with store.read() as session:
            (left,) = await parking.page(session)
        assert (left.update_id, left.error, left.asked_at) == ("7~1", "ValueError: still out of order", None)
        await ask(house, left.id)
        await replayer.replay_asked()
        assert await said(store) == 1


async def test_however_many_there_are_and_whatever_waits_for_another_bot(store: Store) -> None:
    async with open_house(store) as house:
        replayer = Replayer(store, house.reception, house.clock)
        staffs: dict[str, Any] = {"desk": "DeskMoved", "update_id": "1", "new_chat": -1}
        async with store.write() as session:
            for number in range(2 * parking.MAX_AT_ONCE + 1):
                is_staffs = number < parking.MAX_AT_ONCE
                body = staffs if is_staffs else storable_json(asdict(replace(POISON, update_id=str(number))))
                row = ParkedUpdate(
                    source="terminal", update_id=str(number), body=body, error="E", parked_at=house.clock()
                )
                session.add(row)
            await session.flush()
            assert await parking.ask_replay_of_all(session, now=house.clock()) == 2 * parking.MAX_AT_ONCE + 1
        assert await replayer.replay_asked() == parking.MAX_AT_ONCE + 1
        async with store.read() as session:
            assert {row.body.get("desk") for row in await parking.asked(session)} == {"DeskMoved"}
        assert await said(store) == parking.MAX_AT_ONCE + 1


async def test_why_it_was_parked_is_told_without_the_databases_statement(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise IntegrityError("INSERT INTO message", {}, ValueError("a number was too large"))

    async with open_house(store) as house:
        monkeypatch.setattr(reception_module, "think", refused)
        await house.reception.receive([POISON])
    (row,) = await open_ones(store)
    assert row.error == "IntegrityError: (builtins.ValueError) a number was too large"


async def test_a_body_of_an_unknown_form_stays_with_the_reason(store: Store) -> None:
    async with open_house(store) as house:
        replayer = Replayer(store, house.reception, house.clock)
        async with store.write() as session:
            session.add(
                ParkedUpdate(
                    source="x", update_id="1", body={"kind": "smell"}, error="E", parked_at=house.clock()
                )
            )
            await session.flush()
            await parking.ask_replay(session, 1, now=house.clock())
        assert (await replayer.replay_asked(), await replayer.replay_asked()) == (0, 0)
        async with store.read() as session:
            row = await parking.read(session, 1)
        assert row.asked_at is None
        assert row.error.startswith("cannot be handed in again (ValueError)")


async def test_dismissed_is_listed_and_replayed_no_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(store) as house:
        number = await poison(house, monkeypatch)
        async with store.write() as session:
            await parking.dismiss(session, number, now=house.clock())
        with pytest.raises(NotFound, match="may have been replayed or dismissed"):
            await ask(house, number)
        async with store.read() as session:
            assert await parking.page(session) == []


async def test_what_the_staff_did_waits_for_a_bot_that_has_their_group(
    desk_house: DeskHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, topic, _ = await desk_house.queued()
    house = desk_house

    async def broken(*_: Any, **__: Any) -> None:
        raise LookupError("out of order")

    with monkeypatch.context() as patch:
        patch.setattr(StaffDesk, "_once", broken)
        await desk_house.ann.says("I am here.", chat=desk_house.group, thread=topic)
        await bot_api.wait_until_confirmed()
    async with house.store.write() as session:
        (parked,) = await parking.page(session)
        await parking.ask_replay(session, parked.id, now=house.clock())
    replayer = Replayer(house.store, house.reception, house.clock)
    assert await replayer.replay_asked() == 0
    replayer.platforms[parked.source] = house.bot.replay
    assert await replayer.replay_asked() == 1
    await zoe.hears("I am here.")


async def test_what_could_not_be_read_is_read_again_by_its_bot(
    desk_house: DeskHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, real = desk_house, decode

    def unreadable(update: Any, *rest: Any) -> Any:
        if "parcel" in str(update):
            raise KeyError("a form nobody knew")
        return real(update, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(intake_module, "decode", unreadable)
        zoe = bot_api.user(77, "Zoe")
        await zoe.says("where is my parcel")
        await bot_api.wait_until_confirmed()
        replayer = Replayer(house.store, house.reception, house.clock)
        (parked,) = await open_ones(house.store)
        for takes in (None, house.bot.replay):
            if takes is not None:
                replayer.platforms[parked.source] = takes
            await ask(house, parked.id)
            assert await replayer.replay_asked() == 0
        assert "still not to be read (KeyError" in (await open_ones(house.store))[0].error
    await ask(house, parked.id)
    assert await replayer.replay_asked() == 1
    await zoe.hears("")
    assert (await said(house.store), await open_ones(house.store)) == (1, [])


async def open_ones(store: Store) -> list[ParkedUpdate]:
    async with store.read() as session:
        return await parking.page(session)


def test_a_replays_number_is_its_own_and_fits() -> None:
    assert [parking.number_of_replay(each) for each in ("7", "7~1", "7~9", "a~b", "~")] == [
        "7~1", "7~2", "7~10", "a~b~1", "~~1",
    ]  # fmt: skip
    assert len(parking.number_of_replay("x" * 64)) == 64


@given(
    kind=st.sampled_from(Kind),
    words=st.text(max_size=30),
    press=st.none() | st.builds(Press, st.integers(1, 9), st.integers(0, 3)),
    attachment=st.none()
    | st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3),
)
def test_what_a_customer_did_comes_back_whole(
    kind: Kind, words: str, press: Press | None, attachment: dict[str, Any] | None
) -> None:
    inbound = Inbound("s", "1", "web", "me", kind, words, press, attachment, secret_hash="ab")
    body = storable_json(asdict(inbound))
    kept = replace(inbound, text=body["text"], attachment=body["attachment"])
    assert restored(body) == kept


@pytest.mark.parametrize("event", [
    events.DeskSaid("1", "4", "5", None, events.Author(3, True, "Ann", "en"), Kind.TEXT, "hi", None, False),
    events.DeskPressed("2", "c", "9", "d:3:take", events.Author(3, False, None, None)),
    events.DeskMoved("3", -100),
])  # fmt: skip
def test_what_the_staff_did_comes_back_whole(event: events.DeskEvent) -> None:
    assert events.restored({"desk": type(event).__name__} | asdict(event)) == event
