"""Answers with the customer's own facts: blanks filled once the answer is chosen, the order asked for when unsure.

Which customer asks is known by their address, and only their own record is read, in the transaction that answers. The
store is asked only when an answer has blanks. An answer that lacks a fact is not given: the customer is told what is
known, what is not, and that a person can look. An order of somebody else is as unknown here as one that never was.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from bot.case_asked import BY_REFUND, case_numbers
from bot.case_words import money
from bot.order_numbers import named
from bot.rendering import choices_of
from bot.texts import in_a_row, order_status, render
from crm_store import cases_told, own_facts
from crm_store.asked import NO_FACTS
from crm_store.batch import Batch, MessageDraft
from crm_store.case_states import CaseTold
from crm_store.own_facts import OwnFacts, OwnOrder
from crm_store.session import Connection
from knowledge_base.blanks import (
    ABOUT_CUSTOMER,
    ABOUT_ORDERS,
    ABOUT_REFUNDS,
    KNOWN,
    filled,
    lacking,
    names_in,
)

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
    numbers = {number for draft in blank for number in case_numbers(draft.answers)}
    found = _read(connection, known, [draft.text for draft in blank], numbers, batch.now)
    for draft in blank:
        _fill(draft, found.get(draft.person.customer_id or 0, Known()))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a customer: their own facts, and the cases by which they get money back, the newest first."""

    facts: OwnFacts = field(default_factory=OwnFacts)
    cases: tuple[CaseTold, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """An answer with its blanks filled; or the question which order is meant, with these; or that it is not known."""

    text: str
    orders: tuple[OwnOrder, ...] = ()
    is_known: bool = True


def read(connection: Connection, customer_id: int, answer: str, *, now: datetime) -> Known:
    """What is known of this customer for the blanks of an answer; nothing is read for one without."""
    if not names_in(answer):
        return Known()
    return _read(connection, {customer_id}, [answer], (), now).get(customer_id, Known())


def _read(
    connection: Connection,
    customers: set[int],
    answers: Iterable[str],
    numbers: Collection[str],
    now: datetime,
) -> dict[int, Known]:
    facts = own_facts.read(connection, customers) if customers else {}
    about_refunds = any(name.startswith(ABOUT_REFUNDS) for answer in answers for name in names_in(answer))
    found = cases_told.read(connection, customers, numbers, now=now) if about_refunds else {}
    cases = {
        number: tuple(one for one in own.cases if one.kind in BY_REFUND) for number, own in found.items()
    }
    return {number: Known(one, cases.get(number, ())) for number, one in facts.items()}


def told(
    answer: str, known: Known, language: str, *, called: str | None, said: str = "", chosen: str | None = None
) -> Told:
    """The answer for this customer, in whose words `said` an order may be named, as one may be `chosen`."""
    facts, order, strange, names = known.facts, None, "", names_in(answer)
    if any(name.startswith(ABOUT_ORDERS) for name in names):
        own = [each for each in facts.orders if each.kind != RETURN]
        meant, others = named(said, own, chosen)
        possible = meant or [each for each in own if each.status not in OVER] or own
        strange = render(language, "order_not_yours", numbers=", ".join(others)) if others else ""
        if strange and not meant:
            return _not_yours(strange, possible, language)
        if len(possible) > 1:
            which = render(language, "which_order")
            return Told(in_a_row(strange, which), tuple(possible[:MOST_OFFERED]))
        order = possible[0] if possible else None
    back = next((each for each in facts.orders if each.kind == RETURN), None)
    refund = _refund(refund_meant(known.cases, said), back, language)
    fact = partial(fact_of, facts.name or called or "", order, refund, language)
    missing = lacking(answer, fact)
    text = _unknown(missing, names, fact, language) if missing else filled(answer, fact, "")
    return Told("\n\n".join(filter(None, (strange, text))), is_known=not missing)


def _not_yours(strange: str, own: Sequence[OwnOrder], language: str) -> Told:
    """No such order is the customer's; theirs are offered."""
    more = render(language, "order_of_these" if own else "person_can_look")
    return Told(in_a_row(strange, more), tuple(own[:MOST_OFFERED]), is_known=False)


def _unknown(
    missing: Sequence[str], names: Collection[str], fact: Callable[[str], str], language: str
) -> str:
    """What is known of what the answer tells, what is not, and that a person can look."""
    told = [name for name in KNOWN if name in names and not name.startswith(ABOUT_CUSTOMER) and fact(name)]
    if told:
        facts = "; ".join(f"{render(language, f'fact_{name}')}: {fact(name)}" for name in told)
        what = ", ".join(render(language, f"fact_{name}") for name in missing)
        first = render(language, "facts_partly", known=facts, missing=what)
    else:
        first = render(language, f"no_facts_{missing[0].partition('.')[0]}")
    return in_a_row(first, render(language, "person_can_look"))


def choices_of_orders(
    orders: Iterable[OwnOrder], article_key: str | None, article_language: str
) -> list[dict[str, Any]]:
    """A button for each order, by which the article answers about that one."""
    return [
        {
            "label": f"{each.number} · {each.placed_at:%Y-%m-%d}",
            "action": {
                "do": "order",
                "key": article_key,
                "language": article_language,
                "number": each.number,
            },
        }
        for each in orders
    ]


def _fill(draft: MessageDraft, known: Known) -> None:
    chosen, language = (draft.intent or {}).get("order"), draft.conversation.language
    found = told(
        draft.text, known, language, called=draft.person.display_name, said=draft.answers, chosen=chosen
    )
    draft.text = found.text
    if found.is_known and not found.orders:
        return
    choices = choices_of(draft.intent or {}, language)
    person = [choice for choice in choices if choice["action"].get("do") == "person"]
    draft.intent = {
        "choices": [*choices_of_orders(found.orders, draft.article_key, draft.article_language), *person]
    }
    if found.is_known:
        draft.article_key = draft.confidence = draft.decision = None
        return
    # The article stays noted: it says what is asked, whoever looks it up.
    draft.confidence, draft.decision = None, NO_FACTS
    asked = draft.reply_to
    if isinstance(asked, MessageDraft) and asked.decision == "answer":
        asked.decision = NO_FACTS


def refund_meant(cases: Sequence[CaseTold], said: str) -> CaseTold | None:
    """The case that is named in the words; else the newest that is not long closed."""
    numbers = case_numbers(said)
    named_ones = [case for case in cases if case.number in numbers]
    return next(iter([*named_ones, *(case for case in cases if not case.is_old)]), None)


def _refund(case: CaseTold | None, order: OwnOrder | None, language: str) -> dict[str, str]:
    """Where the newest refund stands: by its case, which the staff keep; what that does not tell, by the order."""
    facts = {}
    if order is not None:
        facts = {
            "state": order_status(language, order.status),
            "amount": money(order.amount, order.currency),
        }
    if case is not None:
        facts["state"] = render(language, f"case_{case.state}")
        if case.amount is not None:
            facts["amount"] = money(case.amount, case.currency or "")
    return facts


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
