"""Report rows from scripted conversations with bot, reopening, transfer and night, on both databases."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import human_times, reports, service_reports
from crm_store.calendars import OPEN
from crm_store.engine import Store
from crm_store.lifecycle import Change, Status, next_status
from crm_store.models.conversations import Assignment, Conversation, Handoff, Message, StatusChange
from crm_store.models.customers import Customer, Identity
from crm_store.models.ratings import AnswerFeedback, Rating, RatingRequest
from crm_store.models.staff import Agent
from crm_store.reports import AspectDay, Conversations, Feedback, Questions
from crm_store.service_reports import AgentWork, Episode, HandoffReason, QueueNow
from crm_store.targets import UNDONE
from crm_store.working_hours import ALWAYS

START = datetime(2026, 11, 20, tzinfo=UTC)
END = START + timedelta(days=1)
ADA, BOB = 1, 2
HANDOFF, TAKE, REPLY, RESOLVE = Change.HANDOFF, Change.TAKE, Change.REPLY, Change.RESOLVE

# What happened at which minute: a change of the holder, what the customer said, or what was answered.
Step = tuple[int, str | Change]
BOT_ALONE: list[Step] = [(0, "answer"), (1, "helped")]
BOT_UNHELPFUL: list[Step] = [(0, "suggest"), (1, "answer"), (2, "not helped")]
HANDED_OFF: list[Step] = [
    (0, "unknown"),
    (0, HANDOFF),
    (5, "note"),
    (10, TAKE),
    (11, "answer to agent"),
    (12, REPLY),
    (30, REPLY),
    (40, RESOLVE),
]
REOPENED: list[Step] = [*HANDED_OFF, (100, Change.REOPEN), (160, TAKE), (163, REPLY), (200, RESOLVE)]
RELEASED: list[Step] = [(0, HANDOFF), (10, TAKE), (20, Change.RELEASE), (50, TAKE), (55, REPLY)]
CANCELLED: list[Step] = [(0, HANDOFF), (7, Change.CANCEL), (8, "answer"), (20, HANDOFF)]
UNDONE_END: list[Step] = [*HANDED_OFF, (41, "undo"), (70, RESOLVE)]
STEPPED_IN: list[Step] = [(0, "suggest"), (3, TAKE), (3, REPLY), (9, RESOLVE)]


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


async def play(store: Store, *scripts: Sequence[Step], start: int = 0) -> None:
    """One conversation per script, of one customer each; ADA is the agent."""
    async with store.write() as session:
        for agent_id, name in ((ADA, "Ada"), (BOB, "Bob")):
            if await session.get(Agent, agent_id) is None:
                session.add(Agent(id=agent_id, name=name, role="agent", created_at=START))
        for number, script in enumerate(scripts):
            talk = await begin(session, f"{start}-{number}", at(start))
            for minute, step in script:
                await play_step(session, talk, step, at(start + minute))


async def begin(session: AsyncSession, address: str, when: datetime) -> Conversation:
    customer = Customer(created_at=when, updated_at=when)
    session.add(customer)
    await session.flush()
    who = {"customer_id": customer.id, "channel": "web"}
    identity = Identity(**who, address=address, created_at=when, last_seen_at=when)
    session.add(identity)
    await session.flush()
    talk = Conversation(
        **who, identity_id=identity.id, status=Status.BOT, created_at=when, last_message_at=when
    )
    session.add(talk)
    await session.flush()
    return talk


async def play_step(session: AsyncSession, talk: Conversation, step: str | Change, when: datetime) -> None:
    of_talk: dict[str, Any] = {"conversation_id": talk.id, "customer_id": talk.customer_id}
    if isinstance(step, Change):
        await change(session, talk, step, when)
    elif step == "undo":  # what putting_back.py does to a bulk act
        await change(session, talk, Change.REOPEN, when, UNDONE)
        await change(session, talk, TAKE, when, UNDONE)
    elif step in ("helped", "not helped"):
        message = Message(**of_talk, author="bot", text="!", created_at=when)
        session.add(message)
        await session.flush()
        session.add(
            AnswerFeedback(**of_talk, message_id=message.id, helped=step == "helped", created_at=when)
        )
    elif step == "note":
        session.add(Message(**of_talk, author="agent", agent_id=ADA, is_note=True, created_at=when))
    else:
        decision = step.split()[0]
        session.add(Message(**of_talk, author="customer", text="?", decision=decision, created_at=when))
        if step == "answer":
            session.add(Message(**of_talk, author="bot", text="!", decision="answer", created_at=when))
    await session.flush()


async def change(
    session: AsyncSession, talk: Conversation, what: Change, when: datetime, reason: str | None = None
) -> None:
    before = Status(talk.status)
    talk.status = next_status(before, what)
    by_person = what in (TAKE, REPLY, RESOLVE, Change.RELEASE)
    session.add(
        StatusChange(
            conversation_id=talk.id,
            change=what,
            from_status=before,
            to_status=talk.status,
            actor=f"agent:{ADA}" if by_person else "customer",
            changed_at=when,
            reason=reason,
        )
    )
    if what is HANDOFF:
        talk.queued_at = when
        session.add(Handoff(conversation_id=talk.id, reason="asked", queued_at=when))
    if what is TAKE:
        talk.agent_id = ADA
        session.add(Assignment(conversation_id=talk.id, agent_id=ADA, reason="take", assigned_at=when))
    if what is REPLY:
        session.add(
            Message(
                conversation_id=talk.id,
                customer_id=talk.customer_id,
                author="agent",
                agent_id=ADA,
                text="hello",
                created_at=when,
            )
        )


async def test_questions_are_those_the_bot_had_to_answer(store: Store) -> None:
    await play(store, BOT_ALONE, BOT_UNHELPFUL, HANDED_OFF, CANCELLED)
    async with store.read() as session:
        # 'answer to agent' was said to a person: what the bot would have made of it does not count.
        assert await reports.questions(session, START, END) == Questions(5, 3, 1, 1)
        assert await reports.questions(session, END, END + timedelta(days=1)) == Questions(0, 0, 0, 0)
        assert await reports.feedback(session, START, END) == Feedback(helped=1, not_helped=1)


async def test_deflection(store: Store) -> None:
    await play(store, BOT_ALONE, BOT_UNHELPFUL, HANDED_OFF, STEPPED_IN, [])
    await play(store, BOT_ALONE, start=24 * 60)  # the next day
    async with store.read() as session:
        found = await reports.conversations(session, START, END)
    assert found == Conversations(begun=5, with_question=4, handed_off=2, deflected=1)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (BOT_ALONE, []),
        (HANDED_OFF, [(0, True, 12, 40, None)]),
        (REOPENED, [(0, True, 12, 40, None), (100, True, 163, 200, None)]),
        (RELEASED, [(0, True, 55, None, None)]),
        (CANCELLED, [(0, True, None, None, 7), (20, True, None, None, None)]),
        (STEPPED_IN, [(3, False, 3, 9, None)]),
        (UNDONE_END, [(0, True, 12, 70, None)]),
    ],
)
async def test_episodes(
    store: Store, script: list[Step], expected: list[tuple[int, bool, int | None, int | None, int | None]]
) -> None:
    def moment(minute: int | None) -> datetime | None:
        return None if minute is None else at(minute)

    await play(store, script)
    async with store.read() as session:
        found = await service_reports.episodes(session, START, END)
    assert found == [
        Episode(1, "web", at(began), waited, moment(reply), moment(resolved), moment(cancelled))
        for began, waited, reply, resolved, cancelled in expected
    ]


async def test_an_end_that_was_undone_is_none(store: Store) -> None:
    await play(store, UNDONE_END)
    async with store.read() as session:
        times = await human_times.measured(session, START, END, lambda _: ALWAYS)
        [ada, _] = await service_reports.agents(session, START, END)
    assert times.first_responses == [timedelta(minutes=12)]
    assert times.resolutions == [timedelta(minutes=12 + 70 - 41)]  # in between the customer was waited for
    assert ada.resolved == 1


async def test_an_episode_belongs_to_the_range_it_began_in(store: Store) -> None:
    await play(store, REOPENED, start=24 * 60 - 50)  # the night falls between the two
    async with store.read() as session:
        first_day = await service_reports.episodes(session, START, END)
        second_day = await service_reports.episodes(session, END, END + timedelta(days=1))
    assert [episode.first_reply_at for episode in first_day] == [at(24 * 60 - 50 + 12)]
    assert [episode.first_reply_at for episode in second_day] == [at(24 * 60 - 50 + 163)]


async def test_queue_and_reasons(store: Store) -> None:
    await play(store, CANCELLED, HANDED_OFF, [(4, HANDOFF)])
    async with store.read() as session:
        assert await service_reports.queue_now(session, OPEN, now=at(9)) == QueueNow(
            2, at(4), timedelta(minutes=5)
        )
        assert await service_reports.handoff_reasons(session, START, END) == [HandoffReason("asked", 4)]
        assert await service_reports.handoff_reasons(session, END, END) == []


async def test_an_empty_queue(store: Store) -> None:
    async with store.read() as session:
        assert await service_reports.queue_now(session, OPEN, now=at(9)) == QueueNow(0, None, None)


async def test_agents(store: Store) -> None:
    await play(store, REOPENED, RELEASED)
    async with store.read() as session:
        assert await service_reports.agents(session, START, END) == [
            AgentWork(ADA, "Ada", taken=2, replies=4, resolved=2, holding_now=1),
            AgentWork(BOB, "Bob", taken=0, replies=0, resolved=0, holding_now=0),
        ]


async def test_ratings(store: Store) -> None:
    await play(store, HANDED_OFF, BOT_ALONE, BOT_ALONE)
    async with store.write() as session:
        for talk_id, agent_id, scores in (
            (1, ADA, {"price": 75.0, "speed": 100.0}),
            (2, None, {"price": 25.0}),
            (3, None, {}),
        ):
            await rate(session, talk_id, agent_id, scores, at(60))
    async with store.read() as session:
        rated = await reports.rated_resolutions(session, START, END)
        assert [(row.conversation_id, row.agent_id, row.mean) for row in rated] == [
            (1, ADA, 87.5),
            (2, None, 25.0),
        ]
        assert await reports.rating_requests(session, START, END) == 3
        assert await reports.ratings_by_day(session, START, END) == [
            AspectDay("2026-11-20", "price", 50.0, 2),
            AspectDay("2026-11-20", "speed", 100.0, 1),
        ]


async def rate(
    session: AsyncSession, talk_id: int, agent_id: int | None, scores: dict[str, float], when: datetime
) -> None:
    of_talk: dict[str, Any] = {"conversation_id": talk_id, "customer_id": talk_id}
    request = RatingRequest(**of_talk, agent_id=agent_id, asked_at=when, expires_at=when)
    session.add(request)
    await session.flush()
    for aspect, score in scores.items():
        session.add(Rating(**of_talk, request_id=request.id, aspect=aspect, score=score, rated_at=when))
