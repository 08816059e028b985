"""What the audit speaks of by an id, by the name that people know it by. Session first; nothing here commits."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.casework import BulkAction, CannedReply, SavedView, ServiceCase
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, CustomerMerge, Identity
from crm_store.models.files import StoredFile
from crm_store.models.knowledge import ArticleRow, Gap, Publication
from crm_store.models.learning import ArticleProposal
from crm_store.models.orders import Order
from crm_store.models.plumbing import ParkedUpdate
from crm_store.models.scores import ScoreRun
from crm_store.models.staff import Agent, ApiKey

_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Named:
    """One thing that is there still."""

    name: str | None
    """None where it has none."""
    of: int | None
    """Where it stands: the customer of a conversation, an order or a merge; the conversation of a message. Of a canned
    reply or a saved view, the one person who may see it."""


def _rows(key: Any, name: Any = None, of: Any = None) -> Select[Any]:
    return select(key, literal(None) if name is None else name, literal(None) if of is None else of)


_IN_CONVERSATION = (
    _rows(Conversation.id, func.coalesce(Customer.name, Identity.display_name), Conversation.customer_id)
    .join(Customer, Customer.id == Conversation.customer_id)
    .join(Identity, Identity.id == Conversation.identity_id)
)
_NAMES: Mapping[str, tuple[Any, Select[Any]]] = {
    "agent": (Agent.id, _rows(Agent.id, Agent.name)),
    "article": (ArticleRow.id, _rows(ArticleRow.id, ArticleRow.question)),
    "article_file": (StoredFile.key, _rows(StoredFile.key, StoredFile.name)),
    "bulk": (BulkAction.id, _rows(BulkAction.id)),
    "canned_reply": (
        CannedReply.id,
        _rows(CannedReply.id, CannedReply.shortcode, CannedReply.agent_id),
    ),
    "case": (ServiceCase.id, _rows(ServiceCase.id, ServiceCase.number)),
    "conversation": (Conversation.id, _IN_CONVERSATION),
    "customer": (Customer.id, _rows(Customer.id, Customer.name)),
    "draft": (
        ArticleProposal.id,
        _rows(ArticleProposal.id, ArticleProposal.content["question"].as_string()),
    ),
    "gap": (Gap.id, _rows(Gap.id, Gap.question)),
    "key": (ApiKey.id, _rows(ApiKey.id, ApiKey.name)),
    "merge": (
        CustomerMerge.id,
        _rows(CustomerMerge.id, Customer.name, Customer.id).join(
            Customer, Customer.id == CustomerMerge.kept_id
        ),
    ),
    "message": (Message.id, _rows(Message.id, None, Message.conversation_id)),
    "order": (Order.id, _rows(Order.id, Order.number, Order.customer_id)),
    "parked": (ParkedUpdate.id, _rows(ParkedUpdate.id)),
    "publication": (Publication.id, _rows(Publication.id)),
    "score_run": (ScoreRun.id, _rows(ScoreRun.id)),
    "view": (SavedView.id, _rows(SavedView.id, SavedView.name, SavedView.agent_id)),
}
"""By kind of what an entry is about: its key, and the query for key, name and where it stands."""

KINDS = frozenset(_NAMES)


async def named(session: AsyncSession, things: Iterable[str]) -> dict[str, Named]:
    """By "kind:id" what is there of these, in one query per kind; what is missing was deleted."""
    wanted: dict[str, set[str]] = {}
    for thing in things:
        kind, _, key = thing.partition(":")
        if kind in _NAMES:
            wanted.setdefault(kind, set()).add(key)
    found: dict[str, Named] = {}
    for kind, keys in wanted.items():
        column, query = _NAMES[kind]
        for key, name, of in await session.execute(query.where(column.in_(_typed(kind, keys)))):
            found[f"{kind}:{key}"] = Named(name or None, of)
    return found


def _typed(kind: str, keys: Collection[str]) -> list[Any]:
    if kind == "article_file":
        return sorted(keys)
    return [int(key) for key in keys if key.isascii() and key.isdigit() and int(key) <= _MOST]
