"""Priority, team, tags and the owner's own attributes of a conversation. Session first; nothing here commits."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk, ranking, signals, skilled, timers
from crm_store.conversations import get
from crm_store.errors import InvalidValue
from crm_store.lifecycle import WITH_A_PERSON, Status
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer
from crm_store.queueing import PRIORITIES
from crm_store.settings import StoreSettings
from crm_store.signals import Topic
from crm_store.timers import TimerKind

MAX_TAGS, MAX_TAG = 20, 32
MAX_TEAM = 64
MAX_ATTRIBUTES, MAX_VALUE = 50, 500
NAME = re.compile(r"[\w .-]{1,40}")
Plain = str | int | float | bool
LOOKED_AT = 2000


def clean_tags(tags: Iterable[str]) -> list[str]:
    """The tags in small letters, each once, in their order; raises InvalidValue."""
    clean = list(dict.fromkeys(" ".join(tag.casefold().split()) for tag in tags))
    clean = [tag for tag in clean if tag]
    if len(clean) > MAX_TAGS:
        raise InvalidValue(f"a conversation has at most {MAX_TAGS} tags", kind="many_tags", most=MAX_TAGS)
    if too_long := next((tag for tag in clean if len(tag) > MAX_TAG or "," in tag), None):
        raise InvalidValue(
            f"'{too_long[:MAX_TAG]}' is no tag: at most {MAX_TAG} characters, no commas",
            kind="no_tag",
            tag=too_long[:MAX_TAG],
            most=MAX_TAG,
        )
    return clean


def checked_attributes(attributes: Mapping[str, Plain | None]) -> dict[str, Plain]:
    """The attributes that have a value; raises InvalidValue for strange names and endless values."""
    if len(attributes) > MAX_ATTRIBUTES:
        raise InvalidValue(
            f"a conversation has at most {MAX_ATTRIBUTES} attributes",
            kind="many_attributes",
            most=MAX_ATTRIBUTES,
        )
    for name, value in attributes.items():
        if not NAME.fullmatch(name):
            raise InvalidValue(
                f"'{name[:40]}' is no name of an attribute: 1 to 40 letters, digits, . - or _",
                kind="attribute_name",
                name=name[:40],
            )
        if isinstance(value, str) and len(value) > MAX_VALUE:
            raise InvalidValue(
                f"the value of '{name}' is longer than {MAX_VALUE} characters",
                kind="attribute_value",
                name=name,
                most=MAX_VALUE,
            )
    return {name: value for name, value in attributes.items() if value not in (None, "")}


def checked_team(name: str) -> str | None:
    """The name of a team, None for an empty one; raises InvalidValue for an endless one."""
    if len(name.strip()) > MAX_TEAM:
        raise InvalidValue(
            f"a team has a name of 1 to {MAX_TEAM} characters", kind="team_name", most=MAX_TEAM
        )
    return name.strip() or None


async def change_labels(
    session: AsyncSession,
    conversation_id: int,
    *,
    now: datetime,
    settings: StoreSettings,
    priority: int | None = None,
    team: str | None = None,
    tags: Iterable[str] | None = None,
    attributes: Mapping[str, Plain | None] | None = None,
) -> Conversation:
    """Set what is given (an empty team: none); a queued conversation finds its new place at once.

    The skill a label asks for stands from this moment on: nobody without it is given the conversation in between.

    Raises NotFound, InvalidValue.
    """
    values = _checked(priority, team, tags, attributes)
    conversation = await get(session, conversation_id, lock=True)
    for name, value in values.items():
        setattr(conversation, name, value)
    if values:
        await session.execute(
            update(Conversation)
            .where(Conversation.id == conversation_id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        await skilled.follow(session, conversation, now=now, settings=settings)
    # Another team's people may keep other hours, another priority be promised a sooner reply.
    if values and conversation.status in WITH_A_PERSON:
        await timers.restart(session, TimerKind.UNANSWERED, conversation_id, now)
    if (priority, team) != (None, None) and conversation.status == Status.QUEUED:
        await ranking.rank_anew(session, conversation_id)
        await session.refresh(conversation, ["ranked_at", "ranked_for"])
    await desk.post(session, conversation, "card", now=now)
    signals.notify(session, Topic.CONVERSATIONS, Topic.QUEUE)
    return conversation


def _checked(
    priority: int | None,
    team: str | None,
    tags: Iterable[str] | None,
    attributes: Mapping[str, Plain | None] | None,
) -> dict[str, Any]:
    """Columns and their values, of what is given."""
    values: dict[str, Any] = {}
    if priority is not None:
        if priority not in PRIORITIES:
            raise InvalidValue(
                f"priority goes from {min(PRIORITIES)} to {max(PRIORITIES)}",
                kind="out_of_range",
                least=min(PRIORITIES),
                most=max(PRIORITIES),
            )
        values["priority"] = priority
    if team is not None:
        values["team"] = checked_team(team)
    if tags is not None:
        values["tags"] = clean_tags(tags)
    if attributes is not None:
        values["attributes"] = checked_attributes(attributes)
    return values


async def known_tags(session: AsyncSession) -> list[str]:
    """The tags of the newest conversations, for choosing from."""
    newest = select(Conversation.tags).order_by(Conversation.id.desc()).limit(LOOKED_AT)
    return sorted({str(tag) for tags in await session.scalars(newest) for tag in tags})


async def known_attributes(session: AsyncSession) -> list[str]:
    """The names of attributes that the newest conversations and customers have, for choosing from."""
    of_conversations = select(Conversation.attributes).order_by(Conversation.id.desc()).limit(LOOKED_AT)
    of_customers = select(Customer.attributes).order_by(Customer.id.desc()).limit(LOOKED_AT)
    found = [*await session.scalars(of_conversations), *await session.scalars(of_customers)]
    return sorted({name for attributes in found for name in attributes}, key=str.lower)
