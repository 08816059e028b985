"""Conversations driven at random by customers, agents and the clock: what must hold after every move."""

import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.dispatch import Timekeeper
from crm_store import conversations, queue
from crm_store.engine import open_store
from crm_store.errors import StoreError
from crm_store.lifecycle import HELD_BY_PERSON, TRANSITIONS, Status
from crm_store.models.conversations import Assignment, Conversation, Handoff, Message, StatusChange
from crm_store.models.plumbing import ParkedUpdate
from crm_store.models.ratings import Rating
from crm_store.session import Session
from tests.house import House, open_house

TEXTS = (
    "where is my parcel",
    "/human",
    "hello",
    "qwxz vbnm",
    "/cancel",
    "/language zh",
    "怎么退货",
    "...",
    "/start",
)
PEOPLE = ("ann", "bob")
_numbers = count()

says = st.tuples(st.just("says"), st.sampled_from(PEOPLE), st.sampled_from(TEXTS))
presses = st.tuples(st.just("presses"), st.integers(0, 30), st.integers(0, 6))
acts = st.tuples(
    st.just("acts"),
    st.sampled_from(("take", "reply", "release", "resolve", "reopen", "transfer")),
    st.integers(0, 3),
)
waits = st.tuples(st.just("waits"), st.sampled_from((1, 25, 80)), st.just(0))
moves = st.lists(st.one_of(says, says, presses, presses, acts, acts, waits), min_size=5, max_size=30)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=moves)
async def test_what_must_always_hold(
    moves: list[tuple[str, object, object]], sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / f"{next(_numbers)}.db"
    shutil.copy(sqlite_template, path)
    store = open_store(f"sqlite:///{path}", owner=True)
    try:
        async with open_house(store) as house:
            agents = [await house.agent("Ann"), await house.agent("Ben", "supervisor")]
            for kind, first, second in moves:
                match kind:
                    case "says":
                        await house.say(str(second), address=str(first))
                    case "presses":
                        await _press(house, first, second)  # type: ignore[arg-type]
                    case "waits":
                        house.clock.advance(timedelta(hours=first))  # type: ignore[arg-type]
                        while await Timekeeper(store, house.clock, house.settings).fire_due():
                            pass
                        await house.settle()
                    case _:
                        await _act(house, str(first), agents, second)  # type: ignore[arg-type]
                async with store.read() as session:
                    await _check(session)
    finally:
        await store.close()
        path.unlink()


async def _press(house: House, which: int, button: int) -> None:
    if house.postbox.taken:
        await house.press(house.postbox.taken[which % len(house.postbox.taken)], button)


async def _act(house: House, what: str, agents: list[object], which: int) -> None:
    agent, other = agents[which % 2], agents[1 - which % 2]
    clock = house.clock
    async with house.store.read() as session:
        ids = list(await session.scalars(select(Conversation.id).order_by(Conversation.id.desc())))
    if not ids:
        return
    number = ids[which % len(ids)]
    does: dict[str, Callable[[Session], Awaitable[object]]] = {
        "take": lambda s: queue.take(s, number, agent, now=clock()),  # type: ignore[arg-type]
        "reply": lambda s: conversations.reply(s, number, agent, "I am here.", now=clock()),  # type: ignore[arg-type]
        "release": lambda s: queue.release(s, number, agent, now=clock()),  # type: ignore[arg-type]
        "reopen": lambda s: queue.reopen(s, number, agent, now=clock()),  # type: ignore[arg-type]
        "resolve": lambda s: queue.resolve(s, number, agent, now=clock(), settings=house.settings),  # type: ignore[arg-type]
        "transfer": lambda s: queue.transfer(s, number, by=agent, to=other, now=clock()),  # type: ignore[arg-type]
    }
    with suppress(StoreError):  # what the rules refuse changes nothing, which the checks below see
        async with house.store.write() as session:
            await does[what](session)
    await house.settle()


async def _check(session: Session) -> None:
    """One open conversation an address, one holder, history that fits, nothing parked, everything sent."""
    for conversation in await session.scalars(select(Conversation)):
        own = Assignment.conversation_id == conversation.id
        open_assignments = list(
            await session.scalars(select(Assignment).where(own, Assignment.ended_at.is_(None)))
        )
        if conversation.status in HELD_BY_PERSON:
            assert [one.agent_id for one in open_assignments] == [conversation.agent_id]
        else:
            assert open_assignments == []
        waiting = await session.scalar(
            select(func.count())
            .select_from(Handoff)
            .where(Handoff.conversation_id == conversation.id, Handoff.ended_at.is_(None))
        )
        assert waiting == (1 if conversation.status == Status.QUEUED else 0)
        status = Status.BOT
        history = select(StatusChange).where(StatusChange.conversation_id == conversation.id)
        for step in await session.scalars(history.order_by(StatusChange.id)):
            assert step.from_status == status
            assert TRANSITIONS[status, step.change] == step.to_status  # type: ignore[index]
            status = Status(step.to_status)
        assert status == conversation.status
    for (opened,) in await session.execute(
        select(func.count()).where(Conversation.status != Status.RESOLVED).group_by(Conversation.identity_id)
    ):
        assert opened == 1
    assert await session.scalar(select(func.count()).select_from(ParkedUpdate)) == 0
    states = await session.scalars(select(Message.delivery).where(Message.author != "customer").distinct())
    assert set(states) <= {"sent", None}
    assert all(0 <= score <= 100 for score in await session.scalars(select(Rating.score)))
