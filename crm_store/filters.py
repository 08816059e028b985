"""What conversations must be to be found: one set of filters for lists, search, saved views. Session-free, pure SQL."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, text

from crm_store.colleagues import is_customer
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer
from crm_store.models.scores import CustomerScore, ScoreRun

NOBODY = 0
"""As `agent_id`: held by nobody."""
_NO_PERSONS = (Status.BOT, Status.RESOLVED)
_SIGNS = ":=："  # the last is what a Chinese keyboard types


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; None asks nothing, and all that is asked must hold."""

    q: str | None = None
    """Words that one message or note of it holds."""
    status: str | None = None
    agent_id: int | None = None
    customer_id: int | None = None
    team: str | None = None
    tag: str | None = None
    channel: str | None = None
    priority: int | None = None
    """At least this."""
    attribute: str | None = None
    """`name: value`, or the name alone for any value; the conversation's own or its customer's."""
    segment: str | None = None
    """The customer's, by the newest scores."""
    since: datetime | None = None
    until: datetime | None = None
    """Something was said from `since` on and before `until`; with words, the message that holds them."""

    def told(self) -> dict[str, Any]:
        """The filters that ask something, as JSON takes them."""
        return {name: _plain(value) for name, value in asdict(self).items() if value is not None}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


_HAS_TAG = {
    True: "EXISTS (SELECT 1 FROM json_each(conversation.tags) WHERE json_each.value = :tag)",
    False: "jsonb_exists(conversation.tags, :tag)",
}
_HAS_ATTRIBUTE = {
    True: "EXISTS (SELECT 1 FROM json_each({table}.attributes) WHERE json_each.key = :name)",
    False: "jsonb_exists({table}.attributes, :name)",
}
# json_each tells true and false as 1 and 0; people write them as words, as PostgreSQL does.
_ATTRIBUTE_IS = {
    True: "EXISTS (SELECT 1 FROM json_each({table}.attributes) WHERE json_each.key = :name AND lower(CASE "
    "json_each.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(json_each.value AS TEXT) END) "
    "= lower(:value))",
    False: "lower({table}.attributes ->> :name) = lower(:value)",
}


def conditions(filters: Filters, is_sqlite: bool) -> list[ColumnElement[bool]]:
    """All that is asked of a row of `conversation`, words and times left out: they are of messages.

    What somebody on the staff says to the bot is found only by their record, or while a person is to see to it.
    """
    found: list[Any] = []
    for name in ("status", "team", "channel", "customer_id"):
        value = getattr(filters, name)
        if value is not None:
            found.append(getattr(Conversation, name) == value)
    if filters.customer_id is None:
        found.append(or_(Conversation.status.not_in(_NO_PERSONS), is_customer(Conversation.customer_id)))
    if filters.agent_id is not None:
        held = Conversation.agent_id
        found.append(held.is_(None) if filters.agent_id == NOBODY else held == filters.agent_id)
    if filters.priority is not None:
        found.append(Conversation.priority >= filters.priority)
    if filters.tag is not None:
        found.append(text(_HAS_TAG[is_sqlite]).bindparams(tag=filters.tag))
    if filters.attribute is not None:
        found.append(_has_attribute(filters.attribute, is_sqlite))
    if filters.segment is not None:
        found.append(_in_segment(filters.segment))
    return found


def in_time(filters: Filters) -> list[ColumnElement[bool]]:
    """That something was said in the conversation in the time asked for."""
    found: list[ColumnElement[bool]] = []
    if filters.since is not None:
        found.append(Conversation.last_message_at >= filters.since)
    if filters.until is not None:
        found.append(Conversation.created_at < filters.until)
    return found


def _has_attribute(asked: str, is_sqlite: bool) -> ColumnElement[bool]:
    at = next((place for place, sign in enumerate(asked) if sign in _SIGNS), len(asked))
    name, value = asked[:at].strip(), asked[at + 1 :].strip()
    template, values = _HAS_ATTRIBUTE[is_sqlite], {"name": name}
    if value:
        template, values = _ATTRIBUTE_IS[is_sqlite], {"name": name, "value": value}
    own, theirs = (
        text(template.format(table=table)).bindparams(**values) for table in ("conversation", "customer")
    )
    is_theirs = exists().where(Customer.id == Conversation.customer_id, theirs).correlate(Conversation)
    return is_theirs | own


def _in_segment(name: str) -> ColumnElement[bool]:
    """Nobody is found by a segment who may not be put into one."""
    newest = select(func.max(ScoreRun.id)).scalar_subquery()
    return (
        exists()
        .where(
            CustomerScore.customer_id == Conversation.customer_id,
            CustomerScore.run_id == newest,
            CustomerScore.segment == name,
            Customer.id == Conversation.customer_id,
            Customer.profiling_allowed,
        )
        .correlate(Conversation)
    )
