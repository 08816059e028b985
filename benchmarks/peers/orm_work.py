"""One customer's message, the usual way: objects and a transaction a message, on the same tables and the same file.

The same rows as ours writes: the update as seen, customer, identity, conversation, both messages, the idle timer; the
reply is marked as sent afterwards. The same index answers.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bot.acting import HELPED
from bot.clock import system_clock
from bot.knowledge import Knowledge
from bot.learning import policy_of
from bot.texts import render
from crm_store.engine import WRITER_PRAGMAS, open_store, parse_url
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from crm_store.models.plumbing import SeenUpdate, Timer
from crm_store.settings import StoreSettings
from crm_store.timers import TimerKind

Reply = tuple[int, str, list[tuple[str, str]]]
"""(row number, text, buttons as label and data)"""


class OrmWork:
    """What a handler calls."""

    def __init__(self, knowledge: Any, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._knowledge, self._sessions = knowledge, sessions
        self._turn = (
            asyncio.Lock()
        )  # SQLite has one writer; waiting here is cheaper than "database is locked"

    async def receive(
        self, update_id: int, user_id: int, name: str, language: str, text: str
    ) -> Reply | None:
        """What to send; None when the update was handled before."""
        async with self._turn, self._sessions() as session, session.begin():
            return await self._receive(session, update_id, user_id, name, language, text)

    async def _receive(
        self, session: AsyncSession, update_id: int, user_id: int, name: str, language: str, text: str
    ) -> Reply | None:
        now = datetime.now(UTC)
        if await session.get(SeenUpdate, ("telegram:1", str(update_id))) is not None:
            return None
        session.add(SeenUpdate(source="telegram:1", update_id=str(update_id), seen_at=now))
        identity = await session.scalar(
            select(Identity).where(Identity.channel == "telegram", Identity.address == str(user_id))
        )
        if identity is None:
            identity = await self._meet(session, user_id, name, language, now)
        identity.last_seen_at, identity.display_name = now, name
        conversation = await self._open_conversation(session, identity, now)
        decision = self._knowledge.decide_many([text])[0]
        lane = f"telegram:{user_id}"
        asked = Message(
            conversation_id=conversation.id, customer_id=identity.customer_id, author="customer", text=text,
            decision=decision.kind, created_at=now, lane=lane,
        )  # fmt: skip
        session.add(asked)
        await session.flush()
        said, labels = self._words(decision)
        reply = Message(
            conversation_id=conversation.id, customer_id=identity.customer_id, author="bot", text=said,
            intent={"choices": [{"label": label} for label in labels]}, reply_to_id=asked.id, created_at=now,
            lane=lane, delivery="sending", attempts=1,
        )  # fmt: skip
        session.add(reply)
        await session.flush()
        return reply.id, said, [(label, f"{reply.id}:{n}") for n, label in enumerate(labels)]

    async def _meet(
        self, session: AsyncSession, user_id: int, name: str, language: str, now: datetime
    ) -> Identity:
        customer = Customer(name=name, created_at=now, updated_at=now, last_seen_at=now)
        session.add(customer)
        await session.flush()
        identity = Identity(
            customer_id=customer.id, channel="telegram", address=str(user_id), display_name=name,
            language=language, created_at=now, last_seen_at=now,
        )  # fmt: skip
        session.add(identity)
        await session.flush()
        return identity

    async def _open_conversation(
        self, session: AsyncSession, identity: Identity, now: datetime
    ) -> Conversation:
        conversation = await session.scalar(
            select(Conversation).where(
                Conversation.identity_id == identity.id, Conversation.status != "resolved"
            )
        )
        if conversation is None:
            conversation = Conversation(
                customer_id=identity.customer_id, identity_id=identity.id, channel="telegram",
                status="bot", language="en", memory={}, created_at=now, last_message_at=now,
            )  # fmt: skip
            session.add(conversation)
            await session.flush()
            due_at = now + timedelta(hours=24)
            session.add(Timer(kind=TimerKind.IDLE_CLOSE, subject_id=conversation.id, due_at=due_at))
        conversation.last_message_at = now
        return conversation

    def _words(self, decision: Any) -> tuple[str, list[str]]:
        kind, matches = decision.kind, decision.matches
        edition = self._knowledge.edition
        if kind == "answer":
            article = edition.article(matches[0].article_key, "en")
            return (article.answer if article else ""), [render("en", c.label) for c in HELPED]
        if kind == "suggest":
            offered = [edition.article(match.article_key, "en") for match in matches]
            return render("en", "did_you_mean"), [article.question for article in offered if article]
        return render("en", "rephrase"), [render("en", "button.person")]

    async def close(self) -> None:
        """Give the connections back."""
        await self._sessions.kw["bind"].dispose()

    async def mark(self, row: int, platform_id: int) -> None:
        """The reply was sent."""
        async with self._turn, self._sessions() as session, session.begin():
            await session.execute(
                update(Message)
                .where(Message.id == row)
                .values(delivery="sent", sent_at=datetime.now(UTC), platform_id=str(platform_id))
            )


def orm_sessions(database_url: str) -> async_sessionmaker[AsyncSession]:
    """Sessions as durable as ours."""
    engine = create_async_engine(parse_url(database_url))

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in WRITER_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    return async_sessionmaker(engine, expire_on_commit=False)


async def prepare() -> OrmWork:
    """The work, on the file that the settings name."""
    url = StoreSettings().database_url
    store = open_store(url)
    knowledge = Knowledge(store, system_clock, policy_of(StoreSettings()))
    await knowledge.refresh()
    await store.close()
    return OrmWork(knowledge, orm_sessions(url))
