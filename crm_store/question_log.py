"""What customers asked the bot lately, as the knowledge base may learn from it: without labels and private words.

Left out is what demo customers, banned ones and who objected to profiling asked; who was erased has no messages left.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import key_values, signals
from crm_store.asked import QUESTIONS
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from crm_store.models.knowledge import TrainedModel
from crm_store.models.plumbing import KeyValue
from crm_store.private_words import without_private
from crm_store.signals import Topic

AMONG: Final = 50_000
"""Of so many of the newest questions it is drawn: older ones are old news."""
EVERY: Final = timedelta(days=1)
ENOUGH: Final = 300
"""So many new questions are worth learning anew for."""
EDITION_KEY: Final = "log_edition"
_IN_ONE_STATEMENT: Final = 5_000


@dataclass(frozen=True, slots=True)
class LoggedQuestion:
    """What was asked, as it was, the names of who asked it, and a number that is theirs."""

    text: str
    customer_id: int
    names: tuple[str | None, ...]

    @property
    def shared(self) -> str:
        """The text without what is private; empty where nothing else was said."""
        return without_private(self.text, self.names, mark="")


def _asked(*columns: Any) -> Select[Any]:
    """These columns of customers' questions to the bot that may be learned from."""
    return (
        select(*columns)
        .join(Customer, Customer.id == Message.customer_id)
        .where(
            Message.author == "customer",
            Message.decision.in_(QUESTIONS),
            Message.text != "",
            Message.is_note.is_(False),
            Message.deleted_at.is_(None),
            Customer.profiling_allowed,
            Customer.is_demo.is_(False),
            Customer.banned_at.is_(None),
        )
    )


async def drawn(session: AsyncSession, most: int, *, seed: int = 0) -> list[LoggedQuestion]:
    """At most so many of the newest questions, drawn over all of them, oldest first; the same of the same store."""
    newest = _asked(Message.id).order_by(Message.id.desc()).limit(AMONG)
    numbers = sorted(await session.scalars(newest))
    if len(numbers) > most:
        numbers = sorted(random.Random(seed).sample(numbers, most))  # noqa: S311 (a sample, no secret)
    found: list[LoggedQuestion] = []
    for at in range(0, len(numbers), _IN_ONE_STATEMENT):
        found += await _read(session, numbers[at : at + _IN_ONE_STATEMENT])
    return found


async def _read(session: AsyncSession, numbers: Sequence[int]) -> list[LoggedQuestion]:
    query = (
        select(Message.text, Message.customer_id, Customer.name, Identity.display_name, Identity.username)
        .join(Customer, Customer.id == Message.customer_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(Message.id.in_(numbers))
        .order_by(Message.id)
    )
    return [
        LoggedQuestion(text, number, tuple(names)) for text, number, *names in await session.execute(query)
    ]


async def edition(session: AsyncSession) -> str:
    """Names how often what was learned was learned anew for its log; empty before the first time."""
    return await key_values.known(session, EDITION_KEY) or ""


async def is_due(session: AsyncSession, content: str, now: datetime) -> bool:
    """Whether the model of this content was learned long enough ago, and enough was asked since."""
    learned_at = await session.scalar(select(TrainedModel.learned_at).where(TrainedModel.content == content))
    if learned_at is None or now - learned_at < EVERY:
        return False
    # The last of so many of the newest: their numbers are an index, their times are none.
    enough = _asked(Message.created_at).order_by(Message.id.desc()).offset(ENOUGH - 1).limit(1)
    asked_at = await session.scalar(enough)
    return asked_at is not None and asked_at > learned_at


async def begin_edition(session: AsyncSession, before: str, now: datetime) -> bool:
    """Whether everything is to be learned anew now; False where another process has begun one since `before`."""
    await key_values.keep_first(session, EDITION_KEY, "")
    own = update(KeyValue).where(KeyValue.key == EDITION_KEY, KeyValue.value == before)
    begun = await session.scalar(own.values(value=now.isoformat()).returning(KeyValue.key))
    if begun is not None:
        signals.notify(session, Topic.KNOWLEDGE)
    return begun is not None
