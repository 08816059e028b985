"""Why a customer's words are decided as they are."""

from admin_api.contract import Context, Reply
from admin_api.readers import reader_of
from admin_api.schemas.base import IdPath
from admin_api.schemas.whys import NearestShown, ThenShown, WhyShown, WordShown
from crm_store import conversations
from crm_store.errors import InvalidValue
from crm_store.models.conversations import Message
from knowledge_base.explaining import Explanation
from knowledge_base.matches import Decision
from knowledge_base.reasons import REASONS
from knowledge_base.text import normalise

COMPARED = frozenset({"answer", "suggest", "unknown"})
"""What the bot stored of words that it read as one question."""


async def read(context: Context, path: IdPath) -> Reply[WhyShown]:
    """Explained by the articles in force today, not by those of then: which phrasing and which words speak for the
    best article and against the runner-up, the gap, and the rule that decides. `then` is what was decided when the
    customer wrote, and `differs` whether today it is something else. The words are read by themselves."""
    async with context.read() as session:
        asked = await conversations.message(session, path.id)
        if asked.author != "customer" or not normalise(asked.text):
            raise InvalidValue(
                "only a customer's words ask something; choose such a message", kind="no_customers_words"
            )
        conversation = await conversations.get(session, asked.conversation_id)
        reader = await reader_of(session, conversation, asked.text)
    edition = context.services.knowledge()
    (decision,) = edition.decide_many([asked.text])
    offer = edition.offer(decision, reader)
    return Reply(_shown(asked, edition.index.explain(asked.text).of(offer.decision)))


def _shown(asked: Message, why: Explanation) -> WhyShown:
    return WhyShown(
        message_id=asked.id,
        conversation_id=asked.conversation_id,
        question=asked.text,
        decision=why.decision.kind,
        rule=why.rule,
        because=REASONS[why.rule],
        confidence=why.decision.confidence,
        threshold=why.threshold,
        best=NearestShown.model_validate(why.best) if why.best else None,
        words_for=[WordShown.model_validate(word) for word in why.for_best],
        runner_up=NearestShown.model_validate(why.runner_up) if why.runner_up else None,
        words_against=[WordShown.model_validate(word) for word in why.against_runner_up if why.runner_up],
        gap=why.gap,
        unknown_words=list(why.unknown_words),
        then=ThenShown.model_validate(asked),
        differs=_differs(asked, why.decision),
    )


def _differs(asked: Message, today: Decision) -> bool | None:
    if asked.decision not in COMPARED:
        return None
    if asked.decision != today.kind:
        return True
    return today.kind == "answer" and asked.article_key != today.matches[0].article_key
