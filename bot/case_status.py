"""Where somebody's return, refund or repair stands, told with the article that answers such questions.

The knowledge base decides as always; when it answers with an article whose tags name a kind of case, what the sender
has of that kind is told before it, as it is what they ask; also where that answer itself lacks facts, and after it
where it has them (own_facts.py). The sender is known by
their address, which nobody else can write from; somebody new has no case. It asks the store only when there is such
an answer.
"""

from collections.abc import Sequence

from bot.edition import Edition
from bot.own_facts import REFUNDED, money
from bot.texts import render
from crm_store import service_cases
from crm_store.asked import NO_FACTS
from crm_store.batch import Batch, MessageDraft
from crm_store.service_cases import CaseTold
from crm_store.session import Connection
from knowledge_base.articles import Article
from knowledge_base.blanks import names_in

KINDS = {
    "refund": "refund",
    "refunds": "refund",
    "退款": "refund",
    "return": "return",
    "returns": "return",
    "退货": "return",
    "repair": "repair",
    "repairs": "repair",
    "warranty": "repair",
    "维修": "repair",
    "保修": "repair",
}
"""Tags of articles, and the kind of case they ask about."""
SHOWN = 3


def tell_cases(connection: Connection, batch: Batch, edition: Edition) -> None:
    """Add to the answers of this batch what their readers have open of that kind."""
    asked = [(draft, kinds) for draft in batch.messages if (kinds := _kinds_of(draft, edition))]
    if not asked:
        return
    customers = {draft.person.customer_id for draft, _ in asked}
    wanted = {kind for _, kinds in asked for kind in kinds}
    found = service_cases.to_tell(connection, customers, wanted, now=batch.now)
    for draft, kinds in asked:
        own = [c for c in found if c.customer_id == draft.person.customer_id and c.kind in kinds]
        known = next((c for c in own if c.kind in REFUNDED), None) if _tells_refund(draft, edition) else None
        if told := worded(own[:SHOWN], draft.conversation.language, known):
            parts = (draft.text, told) if known else (told, draft.text)
            draft.text = "\n\n".join(parts)


def _kinds_of(draft: MessageDraft, edition: Edition) -> frozenset[str]:
    is_answer = draft.outgoing and draft.decision in ("answer", NO_FACTS) and draft.article_key
    if not is_answer or not draft.person.customer_id:
        return frozenset()
    article = _article_of(draft, edition)
    tags = article.tags if article is not None else ()
    return frozenset(KINDS[tag.casefold()] for tag in tags if tag.casefold() in KINDS)


def _tells_refund(draft: MessageDraft, edition: Edition) -> bool:
    """Whether the answer itself says where the newest refund stands (own_facts.py)."""
    article = _article_of(draft, edition)
    return draft.decision == "answer" and article is not None and "refund.state" in names_in(article.answer)


def _article_of(draft: MessageDraft, edition: Edition) -> Article | None:
    return edition.article(str(draft.article_key), draft.article_language)


def worded(cases: Sequence[CaseTold], language: str, known: CaseTold | None = None) -> str:
    """A line for each case: what it is, its number and amount, where it stands since when, and what the agent wants to
    have told.

    Of the one whose state is `known` already only that last.
    """
    lines = []
    for case in cases:
        if case is known:
            lines += [case.told] if case.told else []
            continue
        lines.append(f"{_line(case, language)} {case.told}".strip())
    return "\n".join(lines)


def _line(case: CaseTold, language: str) -> str:
    amount = "" if case.amount is None else money(case.amount, case.currency or "")
    beside = [
        render(language, "case_beside", what=what) if what else ""
        for what in (amount, f"{case.since:%Y-%m-%d}" if case.since else "")
    ]
    return render(
        language,
        "case_line",
        kind=render(language, f"case_{case.kind}"),
        number=f"{case.number}{beside[0]}",
        state=f"{render(language, f'case_{case.state}')}{beside[1]}",
    )
