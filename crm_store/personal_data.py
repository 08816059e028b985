"""Which rows are about a person: one rule per table, and a test that no table is without one.

A table either leads to a customer by its links (then its rows are exported with the person and deleted with the
person), or it is listed with the reason why it holds nobody's data. The index of words (`search_schema`) holds
nothing but what the messages do, and its entries go with them.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, or_, select

from crm_store.models.all import METADATA
from crm_store.timers import TimerKind


@dataclass(frozen=True, slots=True)
class Link:
    """A column that holds ids of `to`; of rows of these `kinds` only, when there are any."""

    column: str
    to: str
    kinds: tuple[str, ...] = ()


CONVERSATION_TIMERS = (
    TimerKind.IDLE_CLOSE,
    TimerKind.WAKE_SNOOZED,
    TimerKind.UNANSWERED,
    TimerKind.LEARN_PHRASINGS,
    TimerKind.RATING_ASK,
)
RATING_TIMERS = (TimerKind.RATING_REMINDER, TimerKind.RATING_EXPIRY, TimerKind.RATING_GIVEN)

_OF_CUSTOMER = (Link("customer_id", "customer"),)
_OF_CONVERSATION = (Link("conversation_id", "conversation"),)
_OF_MESSAGE = (Link("message_id", "message"),)

PERSONAL: dict[str, tuple[Link, ...]] = {
    "customer": (),
    "identity": _OF_CUSTOMER,
    "customer_link": (Link("customer_id", "customer"), Link("used_by_id", "customer")),
    "customer_merge": (Link("kept_id", "customer"), Link("merged_id", "customer")),
    "conversation": _OF_CUSTOMER,
    "message": _OF_CONVERSATION,
    "message_link": _OF_MESSAGE,
    "message_edit": _OF_MESSAGE,
    "message_request": _OF_MESSAGE,
    "status_change": _OF_CONVERSATION,
    "handoff": _OF_CONVERSATION,
    "assignment": _OF_CONVERSATION,
    "promise": _OF_CONVERSATION,
    "gap": _OF_CONVERSATION,
    "answer_feedback": _OF_CUSTOMER,
    "question_label": _OF_CUSTOMER,
    "answer_wish": _OF_CUSTOMER,
    "article_draft": _OF_CONVERSATION,
    "rating_request": _OF_CUSTOMER,
    "rating": _OF_CUSTOMER,
    "order": _OF_CUSTOMER,
    "order_line": (Link("order_id", "order"),),
    "customer_score": _OF_CUSTOMER,
    "desk_topic": _OF_CUSTOMER,
    "desk_post": _OF_CUSTOMER,
    "desk_mark": _OF_CONVERSATION,
    "conversation_merge": (Link("kept_id", "conversation"), Link("merged_id", "conversation")),
    "service_case": _OF_CUSTOMER,
    "case_change": (Link("case_id", "service_case"),),
    "timer": (
        Link("subject_id", "rating_request", RATING_TIMERS),
        Link("subject_id", "conversation", CONVERSATION_TIMERS),
        Link("subject_id", "answer_wish", (TimerKind.TELL_ANSWER,)),
    ),
}

SPECIAL: dict[str, str] = {
    "parked_update": "what somebody sent or was to be posted about them: deleted with the person",
    "stored_file": "what somebody sent or was sent, found by channel and address: deleted with the person",
    "audit_entry": "who changed what; on erasing, the details of entries about the person are emptied",
    "kept_answer": "what staff's requests were answered, for a week: on erasing, all bodies are emptied",
    "erasure": "the tombstone: a number that belongs to nobody any more",
}

IMPERSONAL: dict[str, str] = {
    "agent": "staff, not customers",
    "one_time_code": "staff",
    "api_key": "staff and programs",
    "staff_session": "staff",
    "sign_in_failure": "staff",
    "canned_reply": "what the business says",
    "saved_view": "what an agent looks for",
    "bulk_action": "what became of which numbers of conversations",
    "article": "what the business says",
    "article_version": "what the business says",
    "phrasing_decision": "which proposed phrasings were taken, by digest",
    "publication": "what the business says",
    "trained_model": "what the business says, as learned",
    "trained_model_part": "what the business says, as learned",
    "score_run": "figures over all customers",
    "seen_update": "numbers a platform gave to updates, and hashes of what was edited; they name nobody",
    "key_value": "facts of the installation",
}

HIDDEN: dict[str, frozenset[str]] = {
    "customer_link": frozenset({"token_hash"}),
    "identity": frozenset({"secret_hash"}),  # it would let its reader into the chat's history
}
"""Columns that are left out of an export."""


def ids_of(table_name: str, persons: Collection[int]) -> Select[int]:
    """The ids of the rows of a personal table that belong to these customers."""
    return select(METADATA.tables[table_name].c.id).where(belongs(table_name, persons))


def belongs(table_name: str, persons: Collection[int]) -> ColumnElement[bool]:
    """Whether a row of a personal table belongs to one of these customers."""
    table = METADATA.tables[table_name]
    if table_name == "customer":
        return table.c.id.in_(persons)
    ways: list[ColumnElement[bool]] = []
    for link in PERSONAL[table_name]:
        column = table.c[link.column]
        way = column.in_(persons if link.to == "customer" else ids_of(link.to, persons))
        ways.append(and_(table.c.kind.in_(link.kinds), way) if link.kinds else way)
    return or_(*ways)
