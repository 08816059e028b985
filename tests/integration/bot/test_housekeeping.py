"""What has served its time goes, in portions; what has not, and what is another's, stays."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select

from bot import housekeeping
from crm_store.engine import Store
from crm_store.files import Files
from crm_store.models.conversations import Conversation, Message
from crm_store.models.plumbing import DeskPost, SeenUpdate, Timer
from crm_store.presence import ALONE
from crm_store.retention import DONE_FOR, FIRED_FOR, SEEN_FOR
from crm_store.settings import StoreSettings
from tests.house import FakeClock
from tests.whole_store import fill

DAY = timedelta(days=1)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files", 1_000_000)


async def counted(store: Store, model: type) -> int:
    async with store.read() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def resolve(store: Store, conversation_id: int, clock: FakeClock, days_ago: int) -> None:
    async with store.write() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        conversation.status, conversation.resolved_at = "resolved", clock() - days_ago * DAY


async def test_conversations_go_when_the_owner_says_so(store: Store, files: Files) -> None:
    clock = FakeClock()
    async with store.write() as session:
        await fill(session, 1, "old")
        await fill(session, 2, "young")
    await resolve(store, 1, clock, days_ago=31)
    await resolve(store, 2, clock, days_ago=29)
    await housekeeping.tidy(store, files, clock, StoreSettings(retention_days=0))
    assert await counted(store, Conversation) == 2
    await housekeeping.tidy(store, files, clock, StoreSettings(retention_days=30))
    async with store.read() as session:
        assert list(await session.scalars(select(Conversation.id))) == [2]
        assert set(await session.scalars(select(Message.conversation_id))) == {2}


async def test_notes_of_the_machinery_go_by_age_however_many(
    store: Store, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "AT_ONCE", 10)
    monkeypatch.setattr(housekeeping, "BREATH_S", 0)
    clock = FakeClock()
    seen = [
        {
            "source": "telegram:1",
            "update_id": str(number),
            "seen_at": clock() - SEEN_FOR - timedelta(hours=age),
        }
        for number, age in enumerate([1] * 25 + [-1] * 3)
    ]
    fired = [
        {"kind": "idle_close", "subject_id": 1, "due_at": clock(), "fired_at": at}
        for at in [clock() - FIRED_FOR - DAY] * 25 + [clock() - DAY, None]
    ]
    async with store.write() as session:
        await session.execute(insert(SeenUpdate), seen)
        await session.execute(insert(Timer), fired)
    await housekeeping.tidy(store, files, clock, StoreSettings())
    assert (await counted(store, SeenUpdate), await counted(store, Timer)) == (3, 2)


async def test_errands_done_go_and_what_stands_in_the_group_stays(store: Store, files: Files) -> None:
    clock = FakeClock()
    async with store.write() as session:
        await fill(session, 1, "old")
        await session.execute(delete(DeskPost))
        kinds = [
            ("reword", "sent"),
            ("delete", "sent"),
            ("fetch", "sent"),
            ("reword", "dead"),
            ("card", "sent"),
        ]
        for age in (DONE_FOR + DAY, DONE_FOR - DAY):
            for kind, delivery in kinds:
                session.add(DeskPost(conversation_id=1, customer_id=1, kind=kind, text=f"{age.days} {kind}",
                                     delivery=delivery, created_at=clock() - age))  # fmt: skip
    await housekeeping.tidy(store, files, clock, StoreSettings())
    async with store.read() as session:
        left = list(await session.scalars(select(DeskPost.text).order_by(DeskPost.id)))
    assert left == ["8 reword", "8 card", "6 reword", "6 delete", "6 fetch", "6 reword", "6 card"]


async def test_a_chore_that_fails_holds_up_no_other(
    store: Store, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object) -> int:
        raise ValueError("this one is broken")

    monkeypatch.setattr(
        housekeeping,
        "CHORES",
        {"broken": failing, "whole": housekeeping.CHORES["updates nobody will repeat"]},
    )
    clock = FakeClock()
    async with store.write() as session:
        await session.execute(
            insert(SeenUpdate).values(source="telegram:1", update_id="1", seen_at=clock() - SEEN_FOR - DAY)
        )
    await housekeeping.tidy(store, files, clock, StoreSettings())
    assert await counted(store, SeenUpdate) == 0


async def test_it_tidies_when_the_server_starts(store: Store, files: Files) -> None:
    clock = FakeClock()
    async with store.write() as session:
        await session.execute(
            insert(SeenUpdate).values(source="telegram:1", update_id="1", seen_at=clock() - SEEN_FOR - DAY)
        )
    keeping = asyncio.create_task(housekeeping.keep_house(store, files, clock, StoreSettings(), ALONE))
    async with asyncio.timeout(60):
        while await counted(store, SeenUpdate):
            await asyncio.sleep(0.01)
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
