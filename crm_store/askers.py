"""What customers asked, as it may stand in an article: without the names of those who asked, and nothing private."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer, Identity
from crm_store.models.knowledge import Gap
from crm_store.models.learning import QuestionLabel
from crm_store.private_words import without_private

_CALLED = (Customer.name, Identity.display_name, Identity.username)


async def of_conversations(session: AsyncSession, numbers: Collection[int]) -> dict[int, set[str | None]]:
    """What the customers of these conversations are called, by conversation."""
    rows = await session.execute(
        select(Conversation.id, *_CALLED)
        .join(Customer, Customer.id == Conversation.customer_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(Conversation.id.in_(numbers))
    )
    return {number: set(names) for number, *names in rows}


async def of_questions(session: AsyncSession, normals: Collection[str]) -> dict[str, set[str | None]]:
    """What the customers are called who said which article answers these normalised questions, by question."""
    rows = await session.execute(
        select(QuestionLabel.normal, *_CALLED)
        .join(Customer, Customer.id == QuestionLabel.customer_id)
        .join(Conversation, Conversation.id == QuestionLabel.conversation_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(QuestionLabel.normal.in_(normals))
    )
    found: dict[str, set[str | None]] = defaultdict(set)
    for normal, *names in rows:
        found[normal].update(names)
    return found


async def questions_of(session: AsyncSession, gaps: Sequence[Gap]) -> list[str]:
    """What these gaps ask, each once, without what is private; those of which nothing is left are left out."""
    names = await of_conversations(session, [gap.conversation_id for gap in gaps])
    said = (publishable(gap.question, names[gap.conversation_id]) for gap in gaps)
    return list(dict.fromkeys(text for text in said if text))


async def shown(session: AsyncSession, questions: Mapping[str, str]) -> dict[str, str]:
    """These questions (with their normalised words) as anybody may read them: with gaps for what is private."""
    names = await of_questions(session, set(questions.values()))
    return {text: without_private(text, names.get(normal, ())) for text, normal in questions.items()}


def publishable(text: str, names: Iterable[str | None]) -> str:
    """The words without what is private; empty where no word is left of them."""
    left = without_private(text, names, mark="")
    return left if any(sign.isalpha() for sign in left) else ""
