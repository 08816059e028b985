"""Answers with the customer's own facts: blanks filled once the answer is chosen, the order asked for when unsure.

Which customer asks is known by their address, and only their own record is read, in the transaction that answers. The
store is asked only when an answer has blanks.
"""

import re
from functools import partial

from bot.rendering import choices_of
from bot.texts import order_status, render
from crm_store import own_facts
from crm_store.batch import Batch, MessageDraft
from crm_store.own_facts import OwnFacts, OwnOrder
from crm_store.session import Connection
from knowledge_base.blanks import ABOUT_ORDERS, filled, names_in

MOST_OFFERED = 5
OVER = frozenset({"cancelled"})
RETURN = "return"


def fill_blanks(connection: Connection, batch: Batch) -> None:
    """Fill the blanks of this batch's answers, or ask which order is meant."""
    blank = [
        draft for draft in batch.messages if draft.outgoing and draft.article_key and names_in(draft.text)
    ]
    if not blank:
        return
    known = {draft.person.customer_id for draft in blank if draft.person.customer_id}
    facts = own_facts.read(connection, known) if known else {}
    for draft in blank:
        _fill(draft, facts.get(draft.person.customer_id, OwnFacts()))


def _fill(draft: MessageDraft, facts: OwnFacts) -> None:
    language = draft.conversation.language
    order: OwnOrder | None = None
    if any(name.startswith(ABOUT_ORDERS) for name in names_in(draft.text)):
        possible = _meant(draft, [each for each in facts.orders if each.kind != RETURN])
        if len(possible) > 1:
            _ask_which(draft, possible, language)
            return
        order = possible[0] if possible else None
    refund = next((each for each in facts.orders if each.kind == RETURN), None)
    name = facts.name or draft.person.display_name or ""
    otherwise = render(language, "fact_unknown")
    draft.text = filled(draft.text, partial(fact_of, name, order, refund, language), otherwise)


def _meant(draft: MessageDraft, orders: list[OwnOrder]) -> list[OwnOrder]:
    """The orders the customer may mean: the one they chose or named, else all that are not over."""
    chosen = (draft.intent or {}).get("order")
    said = draft.reply_to.text if isinstance(draft.reply_to, MessageDraft) else ""
    named = [each for each in orders if each.number == chosen or _names(said, each.number)]
    return named or [each for each in orders if each.status not in OVER]


def _names(said: str, number: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(number)}(?!\w)", said, re.IGNORECASE))


def _ask_which(draft: MessageDraft, orders: list[OwnOrder], language: str) -> None:
    person = [
        choice
        for choice in choices_of(draft.intent or {}, language)
        if choice["action"].get("do") == "person"
    ]
    offered = [
        {
            "label": f"{each.number} · {each.placed_at:%Y-%m-%d}",
            "action": {"do": "order", "key": draft.article_key, "number": each.number},
        }
        for each in orders[:MOST_OFFERED]
    ]
    draft.text = render(language, "which_order")
    draft.intent = {"choices": [*offered, *person]}
    draft.article_key = draft.confidence = draft.decision = None


def fact_of(name: str, order: OwnOrder | None, refund: OwnOrder | None, language: str, fact: str) -> str:
    """The fact in the customer's language; empty when it is not known."""
    kind, _, what = fact.partition(".")
    if kind == "customer":
        return (name.split() or [""])[0] if what == "first_name" else name
    about = order if kind == "order" else refund
    if about is None:
        return ""
    if what in ("status", "state"):
        return order_status(language, about.status)
    facts = {
        "number": about.number,
        "tracking": about.tracking or "",
        "placed_on": f"{about.placed_at:%Y-%m-%d}",
        "amount": f"{abs(about.amount):.2f} {about.currency}",
    }
    return facts[what]
