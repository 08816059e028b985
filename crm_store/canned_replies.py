"""Canned replies: prepared words under a shortcode, shared or an agent's own. Session first; nothing here commits."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import canned_text
from crm_store.canned_text import Filled, first_name
from crm_store.conversations import MAX_TEXT
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.models.casework import CannedReply
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer, Identity
from crm_store.models.orders import Order
from crm_store.models.staff import Agent

SHORTCODE = re.compile(r"[\w-]{1,32}")
MOST_SHOWN = 500
Worded = Callable[[str, str], str]
"""An order's status in a language's words: customers are not told 'shipped' in the middle of a Chinese sentence."""


@dataclass(frozen=True, slots=True)
class CannedDraft:
    """A canned reply as it is written; `agent_id` is its only user, None where all may use it."""

    shortcode: str
    text: str = ""
    category: str = ""
    agent_id: int | None = None


def clean_shortcode(shortcode: str) -> str:
    """The shortcode as it is kept: without the stroke, in small letters; raises InvalidValue."""
    clean = shortcode.strip().removeprefix("/").casefold()
    if not SHORTCODE.fullmatch(clean):
        raise InvalidValue(
            "a shortcode has 1 to 32 letters, digits, - or _, and no spaces, such as refund-time",
            kind="shortcode",
        )
    return clean


def _usable_by(agent_id: int | None) -> Any:
    mine = CannedReply.agent_id == agent_id if agent_id is not None else None
    shared = CannedReply.agent_id.is_(None)
    return shared if mine is None else or_(shared, mine)


async def create(session: AsyncSession, draft: CannedDraft, *, now: datetime) -> CannedReply:
    """A new canned reply; raises InvalidValue, and Conflict for a shortcode that is taken."""
    code = clean_shortcode(draft.shortcode)
    await _refuse_taken(session, code, draft.agent_id, besides=None)
    row = CannedReply(
        agent_id=draft.agent_id,
        shortcode=code,
        text=_checked(draft.text),
        category=draft.category.strip()[:64],
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def get(session: AsyncSession, reply_id: int, *, agent_id: int | None) -> CannedReply:
    """The canned reply if this agent may use it; raises NotFound, as for other people's own."""
    query = select(CannedReply).where(CannedReply.id == reply_id, _usable_by(agent_id))
    found = await session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(f"there is no canned reply {reply_id}")
    return found


async def find(session: AsyncSession, agent_id: int | None, shortcode: str) -> CannedReply | None:
    """The agent's own reply of this shortcode, else the shared one, else None."""
    code = shortcode.strip().removeprefix("/").casefold()
    query = select(CannedReply).where(CannedReply.shortcode == code, _usable_by(agent_id))
    found = list(await session.scalars(query))
    return min(found, key=lambda row: row.agent_id is None, default=None)


async def listing(
    session: AsyncSession, agent_id: int | None, *, text: str = "", limit: int = MOST_SHOWN
) -> list[CannedReply]:
    """What the agent may use, the most used first; those that hold `text` when it is given."""
    query = select(CannedReply).where(_usable_by(agent_id))
    if text.strip():
        part = text.strip().removeprefix("/")
        columns = (CannedReply.shortcode, CannedReply.text, CannedReply.category)
        query = query.where(or_(*(func.lower(c).contains(part.lower(), autoescape=True) for c in columns)))
    query = query.order_by(CannedReply.uses.desc(), CannedReply.shortcode, CannedReply.id).limit(limit)
    return list(await session.scalars(query))


async def change(
    session: AsyncSession, row: CannedReply, values: Mapping[str, Any], *, now: datetime
) -> None:
    """Change shortcode, text or category; raises as `create`."""
    if "shortcode" in values:
        code = clean_shortcode(values["shortcode"])
        await _refuse_taken(session, code, row.agent_id, besides=row.id)
        row.shortcode = code
    if "text" in values:
        row.text = _checked(values["text"])
    if "category" in values:
        row.category = values["category"].strip()[:64]
    row.updated_at, row.version = now, row.version + 1
    await session.flush()


async def remove(session: AsyncSession, row: CannedReply) -> list[str]:
    """Delete it; the keys of files that are to be removed after the commit."""
    await session.delete(row)
    await session.flush()
    return [str(row.attachment["file"])] if row.attachment else []


async def render(
    session: AsyncSession,
    reply: CannedReply,
    conversation_id: int,
    agent: Agent | None,
    worded: Worded,
    given: Mapping[str, str] | None = None,
) -> Filled:
    """The reply's words for this conversation; `given` fills what nobody knows. Raises NotFound."""
    known = await values_for(session, conversation_id, agent, worded)
    return canned_text.fill(reply.text, {**known, **(given or {})})


async def check_filled(
    session: AsyncSession, text: str, used: Iterable[int], brought: Iterable[str], *, agent_id: int | None
) -> None:
    """Raises InvalidValue where the words still have a blank of the replies used in them, or one of `brought`."""
    query = select(CannedReply.text).where(CannedReply.id.in_(sorted(set(used))), _usable_by(agent_id))
    prepared = await session.scalars(query)
    blanks = [blank for words in prepared for blank in canned_text.blanks_of(words)]
    canned_text.check_filled(text, (*blanks, *brought))


async def values_for(
    session: AsyncSession, conversation_id: int, agent: Agent | None, worded: Worded
) -> dict[str, str | None]:
    """What is known for the blanks of a reply in this conversation; raises NotFound."""
    row = (
        await session.execute(
            select(Customer, Identity.display_name, Conversation.language)
            .join(Conversation, Conversation.customer_id == Customer.id)
            .join(Identity, Identity.id == Conversation.identity_id)
            .where(Conversation.id == conversation_id)
        )
    ).first()
    if row is None:
        raise NotFound(f"there is no conversation {conversation_id}")
    customer, display_name, language = row
    bought = select(Order).where(Order.customer_id == customer.id, Order.kind != "return")
    order = await session.scalar(bought.order_by(Order.placed_at.desc(), Order.id.desc()).limit(1))
    name = customer.name or display_name
    signed = agent.public_name if agent else None
    return {
        "customer.name": name,
        "customer.first_name": first_name(name),
        "customer.email": customer.email,
        "agent.name": signed,
        "agent.first_name": first_name(signed),
        "conversation.number": str(conversation_id),
        "order.number": order.number if order else None,
        "order.status": worded(language, order.status) if order else None,
        "order.tracking": order.tracking if order else None,
    }


async def count_uses(
    session: AsyncSession, reply_ids: Iterable[int], *, agent_id: int | None, now: datetime
) -> None:
    """Each of these was sent once more."""
    await session.execute(
        update(CannedReply)
        .where(CannedReply.id.in_(sorted(set(reply_ids))), _usable_by(agent_id))
        .values(uses=CannedReply.uses + 1, last_used_at=now)
        .execution_options(synchronize_session=False)
    )


def _checked(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise InvalidValue(
            f"the text has {len(text)} characters; a message takes at most {MAX_TEXT}",
            kind="too_long",
            most=MAX_TEXT,
        )
    return text.strip()


async def _refuse_taken(session: AsyncSession, code: str, agent_id: int | None, besides: int | None) -> None:
    owner = CannedReply.agent_id.is_(None) if agent_id is None else CannedReply.agent_id == agent_id
    other = await session.scalar(select(CannedReply.id).where(CannedReply.shortcode == code, owner))
    if other is not None and other != besides:
        raise Conflict(
            f"there is a canned reply /{code} already; choose another shortcode or change that one",
            kind="shortcode_taken",
            code=code,
        )
