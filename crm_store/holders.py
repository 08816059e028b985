"""Who may decide over a conversation: its holder, and whoever leads."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.conversations import get
from crm_store.errors import HeldByOther, InvalidValue
from crm_store.lifecycle import HELD_BY_PERSON
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent

LEADS = frozenset({"supervisor", "admin"})


def is_holder(agent: Agent) -> bool:
    """Whether this member of staff may be given conversations."""
    return agent.disabled_at is None and agent.role != "analyst"


def refuse_as_holder(to: Agent) -> None:
    """Raises InvalidValue when this member of staff cannot be given a conversation."""
    if to.disabled_at is not None:
        raise InvalidValue(f"{to.name} is disabled; choose somebody else", kind="is_disabled", name=to.name)
    if to.role == "analyst":
        raise InvalidValue(f"{to.name} only reads reports; choose an agent", kind="is_analyst", name=to.name)


async def decided_by(session: AsyncSession, conversation_id: int, by: Agent) -> Conversation:
    """The conversation, locked, if `by` may decide over it; raises NotFound, and HeldByOther naming its holder."""
    conversation = await get(session, conversation_id, lock=True)
    is_held = conversation.status in HELD_BY_PERSON
    if is_held and conversation.agent_id != by.id and by.role not in LEADS:
        holder = await session.get(Agent, conversation.agent_id)
        raise HeldByOther(holder.name if holder else None)
    return conversation


async def colleagues(
    session: AsyncSession, numbers: Collection[int], besides: Collection[int]
) -> list[tuple[str, int]]:
    """Who, besides these, is serving how many of these conversations, who serves most first."""
    served = func.count()
    rows = await session.execute(
        select(Agent.name, served)
        .join(Conversation, Conversation.agent_id == Agent.id)
        .where(
            Conversation.id.in_(numbers), Conversation.status.in_(HELD_BY_PERSON), Agent.id.not_in(besides)
        )
        .group_by(Agent.id, Agent.name)
        .order_by(served.desc(), Agent.name)
    )
    return [(name, count) for name, count in rows]
