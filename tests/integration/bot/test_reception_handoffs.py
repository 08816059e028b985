"""A customer who changes their mind within one batch: each hand-over is on record, and one is open while they wait."""

import pytest
from sqlalchemy import select

from bot.channels.base import Inbound, Kind
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation, Handoff
from tests.house import open_house


@pytest.mark.parametrize(
    ("earlier", "at_once", "status", "outcomes"),
    [
        ([], ["/human", "/cancel"], Status.BOT, ["cancelled"]),
        ([], ["/human", "/cancel", "/human"], Status.QUEUED, ["cancelled", None]),
        (["/human"], ["/cancel", "/human"], Status.QUEUED, ["cancelled", None]),
        (["/human"], ["/cancel", "/human", "/cancel"], Status.BOT, ["cancelled", "cancelled"]),
    ],
)
async def test_handoffs_of_one_batch(
    store: Store, earlier: list[str], at_once: list[str], status: Status, outcomes: list[str | None]
) -> None:
    def said(number: int, text: str) -> Inbound:
        return Inbound("terminal", str(number), "terminal", "me", Kind.TEXT, text)

    async with open_house(store) as house:
        for number, text in enumerate(earlier):
            await house.reception.receive([said(number, text)])
        await house.reception.receive([said(100 + number, text) for number, text in enumerate(at_once)])
        await house.settle()
        if status is Status.QUEUED:
            assert "number 1 in the queue" in house.postbox.taken[-1].text
    async with store.read() as session:
        assert await session.scalar(select(Conversation.status)) == status
        rows = list(await session.scalars(select(Handoff).order_by(Handoff.id)))
    assert [row.outcome for row in rows] == outcomes
    assert [row.ended_at is None for row in rows] == [outcome is None for outcome in outcomes]
