"""Where somebody's return, refund or repair stands, told with the article that answers such questions.

The knowledge base decides as always; when it answers with an article whose tags name a kind of case, or to words that
name a case or ask how far one is (case_asked.py, which also tells it where nothing answers), what the sender has of
that kind is told before it, as it is what they ask; also where that answer itself lacks facts, and after it where it
has them (own_facts.py). The sender is known by
their address, which nobody else can write from; somebody new has no case. It asks the store only when there is such
an answer.
"""

from typing import Final

from bot.case_asked import BY_REFUND, case_numbers, kinds_asked, may_ask_of_case, what_to_tell
from bot.edition import Edition
from bot.own_facts import refund_meant
from crm_store import cases_told
from crm_store.asked import NO_FACTS
from crm_store.batch import Batch, MessageDraft
from crm_store.case_states import CaseKind, OwnCases
from crm_store.session import Connection
from knowledge_base.articles import Article
from knowledge_base.blanks import names_in

KINDS: Final = {
    "refund": CaseKind.REFUND,
    "refunds": CaseKind.REFUND,
    "退款": CaseKind.REFUND,
    "return": CaseKind.RETURN,
    "returns": CaseKind.RETURN,
    "退货": CaseKind.RETURN,
    "repair": CaseKind.REPAIR,
    "repairs": CaseKind.REPAIR,
    "warranty": CaseKind.REPAIR,
    "维修": CaseKind.REPAIR,
    "保修": CaseKind.REPAIR,
}
"""Tags of articles, and the kind of case they ask about."""


def tell_cases(connection: Connection, batch: Batch, edition: Edition) -> None:
    """Add to the answers of this batch what their readers have open of that kind, or have named."""
    asked = [(draft, kinds) for draft in batch.messages if (kinds := _kinds_of(draft, edition)) is not None]
    if not asked:
        return
    customers = {draft.person.customer_id for draft, _ in asked if draft.person.customer_id}
    numbers = {number for draft, _ in asked for number in case_numbers(draft.answers)}
    found = cases_told.read(connection, customers, numbers, now=batch.now)
    told_in: set[int] = set()
    for draft, kinds in asked:
        own, words, known = found.get(draft.person.customer_id, OwnCases()), draft.answers, None
        if _tells_refund(draft, edition):
            known = refund_meant(tuple(one for one in own.cases if one.kind in BY_REFUND), words)
        told = what_to_tell(words, own, kinds, draft.conversation.language, known)
        if told and id(draft.reply_to) not in told_in:
            told_in.add(id(draft.reply_to))
            parts = (draft.text, told) if known else (told, draft.text)
            draft.text = "\n\n".join(parts)


def _kinds_of(draft: MessageDraft, edition: Edition) -> frozenset[CaseKind] | None:
    """The kinds of cases that are to be told with this answer; None where none are, nor any that is named."""
    if not (draft.outgoing and draft.decision in ("answer", NO_FACTS) and draft.article_key):
        return None
    article = _article_of(draft, edition)
    tags = article.tags if article is not None else ()
    kinds = frozenset(KINDS[tag.casefold()] for tag in tags if tag.casefold() in KINDS)
    return kinds | kinds_asked(draft.answers) if kinds or may_ask_of_case(draft.answers) else None


def _tells_refund(draft: MessageDraft, edition: Edition) -> bool:
    """Whether the answer itself says where the newest refund stands (own_facts.py)."""
    article = _article_of(draft, edition)
    return draft.decision == "answer" and article is not None and "refund.state" in names_in(article.answer)


def _article_of(draft: MessageDraft, edition: Edition) -> Article | None:
    return edition.article(str(draft.article_key), draft.article_language)
