"""Answers with the customer's own facts: blanks filled once the answer is chosen, the order asked for when unsure.

Which customer asks is known by their address, and only their own record is read, in the transaction that answers. The
store is asked only when an answer has blanks.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from bot.rendering import choices_of
from bot.texts import order_status, render
from crm_store import own_facts, service_cases
from crm_store.batch import Batch, MessageDraft
from crm_store.case_states import CaseKind
from crm_store.own_facts import OwnFacts, OwnOrder
from crm_store.service_cases import CaseTold
from crm_store.session import Connection
from knowledge_base.blanks import ABOUT_ORDERS, ABOUT_REFUNDS, filled, names_in

MOST_OFFERED = 5
OVER = frozenset({"cancelled"})
RETURN = "return"
REFUNDED = (CaseKind.REFUND, CaseKind.RETURN)
"""Kinds of cases by which customers get money back."""


def fill_blanks(connection: Connection, batch: Batch) -> None:
    """Fill the blanks of this batch's answers, or ask which order is meant."""
    blank = [
        draft for draft in batch.messages if draft.outgoing and draft.article_key and names_in(draft.text)
    ]
    if not blank:
        return
    known = {draft.person.customer_id for draft in blank if draft.person.customer_id}
    facts = own_facts.read(connection, known) if known else {}
    about_refunds = any(name.startswith(ABOUT_REFUNDS) for draft in blank for name in names_in(draft.text))
    cases = service_cases.to_tell(connection, known, REFUNDED, now=batch.now) if about_refunds else []
    newest = {case.customer_id: case for case in reversed(cases)}
    for draft in blank:
        number = draft.person.customer_id or 0
        _fill(draft, facts.get(number, OwnFacts()), newest.get(number))


def _fill(draft: MessageDraft, facts: OwnFacts, case: CaseTold | None) -> None:
    language = draft.conversation.language
    order: OwnOrder | None = None
    if any(name.startswith(ABOUT_ORDERS) for name in names_in(draft.text)):
        possible = _meant(draft, [each for each in facts.orders if each.kind != RETURN])
        if len(possible) > 1:
            _ask_which(draft, possible, language)
            return
        order = possible[0] if possible else None
    refund = _refund(case, next((each for each in facts.orders if each.kind == RETURN), None), language)
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


def _refund(case: CaseTold | None, order: OwnOrder | None, language: str) -> dict[str, str]:
    """Where the newest refund stands: by its case, which the staff keep; what that does not tell, by the order."""
    facts = {}
    if order is not None:
        facts = {
            "state": order_status(language, order.status),
            "amount": _money(order.amount, order.currency),
        }
    if case is not None:
        facts["state"] = render(language, f"case_{case.state}")
        if case.amount is not None:
            facts["amount"] = _money(case.amount, case.currency or "")
    return facts


def _money(amount: Decimal, currency: str) -> str:
    return f"{abs(amount):.2f} {currency}".strip()


def fact_of(name: str, order: OwnOrder | None, refund: Mapping[str, str], language: str, fact: str) -> str:
    """The fact in the customer's language; empty when it is not known."""
    kind, _, what = fact.partition(".")
    if kind == "customer":
        return (name.split() or [""])[0] if what == "first_name" else name
    if kind == "refund":
        return refund.get(what, "")
    if order is None:
        return ""
    facts = {
        "status": order_status(language, order.status),
        "number": order.number,
        "tracking": order.tracking or "",
        "placed_on": f"{order.placed_at:%Y-%m-%d}",
    }
    return facts[what]
