"""Answering, recommending, queueing and scheduling through one endpoint. Nothing is stored or sent."""

from dataclasses import asdict
from datetime import timedelta

from admin_api import recommending
from admin_api.contract import Context, Reply
from admin_api.handlers import queueing
from admin_api.schemas.conversations import QueueQuery
from admin_api.schemas.services import (
    AutoReplyBody,
    AutoReplyShown,
    MatchedArticle,
    QueueServiceShown,
    RecommendationShown,
    RecommendBody,
    RecommendShown,
    ScheduleBody,
    ScheduledAgent,
    ScheduleShown,
    ServiceBody,
    ServiceShown,
)
from crm_store import conversations, customers, duty, purchases, queue
from crm_store.models.customers import Customer
from crm_store.session import Session
from knowledge_base.offering import Offer
from knowledge_base.text import normalise, script_of
from knowledge_base.variants import Reader

_DECISIONS = {"answer": "answer", "suggest": "list", "unknown": "handoff"}
_POPULAR_SPAN = timedelta(days=365)
_MOST_ALIKE = 500


async def serve(context: Context, body: ServiceBody) -> Reply[ServiceShown]:
    """By type: auto_reply, recommend, queue or schedule."""
    asked = body.root
    async with context.read() as session:
        match asked:
            case AutoReplyBody():
                return Reply(ServiceShown(await _auto_reply(context, session, asked)))
            case RecommendBody():
                return Reply(ServiceShown(await _recommend(context, session, asked)))
            case ScheduleBody():
                return Reply(ServiceShown(await _schedule(context, session, asked)))
            case _:
                told = await queueing.shown(context, session, QueueQuery().limit)
                return Reply(ServiceShown(QueueServiceShown(**dict(told))))


async def _auto_reply(context: Context, session: Session, asked: AutoReplyBody) -> AutoReplyShown:
    customer = await customers.current(session, asked.customer_id) if asked.customer_id else None
    language = asked.language or (customer.language if customer else None) or _written_in(asked.text)
    edition = context.services.knowledge()
    (decision,) = edition.decide_many([asked.text])
    platform = (customer.language if customer else None) or ""
    offer = edition.offer(decision, Reader(language, asked.text, platform, has_chosen=bool(asked.language)))
    decision, found = offer.decision, _articles(offer)
    kind = _DECISIONS[decision.kind]
    return AutoReplyShown.model_validate(
        {
            "decision": kind,
            "confidence": decision.confidence,
            "answer": found[0].answer if kind == "answer" else None,
            "language": language,
            "articles": {"answer": found[:1], "list": found}.get(kind, []),
            "reason": decision.reason,
        }
    )


def _written_in(text: str) -> str:
    return "zh" if script_of(normalise(text)) == "cjk" else "en"


def _articles(offer: Offer) -> list[MatchedArticle]:
    return [
        MatchedArticle(
            key=article.key,
            language=article.language,
            question=article.question,
            answer=article.answer,
            attachments=list(article.attachments),
            confidence=match.confidence,
            phrasing=match.phrasing,
        )
        for match, article in zip(offer.decision.matches, offer.articles, strict=True)
    ]


async def _recommend(context: Context, session: Session, asked: RecommendBody) -> RecommendShown:
    customer = await customers.current(session, asked.customer_id)
    own = await purchases.latest_products(session, customer.id)
    similar = await _from_similar(session, customer, own)
    usual = await purchases.popular(session, since=context.now - _POPULAR_SPAN, limit=asked.limit + len(own))
    best = recommending.together(similar, recommending.from_popular(usual, own), asked.limit)
    items = [RecommendationShown.model_validate(asdict(one)) for one in best]
    return RecommendShown(customer_id=customer.id, items=items)


async def _from_similar(
    session: Session, customer: Customer, own: list[str]
) -> list[recommending.Recommendation]:
    if not own or not customer.profiling_allowed:  # who objected is compared with nobody (Art. 21 GDPR)
        return []
    alike = await purchases.who_bought(session, own, besides=customer.id, limit=_MOST_ALIKE)
    near = recommending.nearest(len(own), alike)
    baskets = await purchases.products_of(session, near.keys())
    return recommending.from_similar(near, baskets, set(own))


async def _schedule(context: Context, session: Session, asked: ScheduleBody) -> ScheduleShown:
    found = await duty.choose_agent(session, asked.conversation_id, now=context.now)
    if found is not None:
        agent = ScheduledAgent.model_validate(found.agent)
        return ScheduleShown(conversation_id=found.conversation.id, agent=agent, why=list(found.why))
    why = await _why_nobody(context, session, asked.conversation_id)
    wanted = asked.conversation_id
    if wanted is None:
        first = await queue.listing(session, now=context.now, limit=1)
        wanted = first[0].conversation.id if first else None
    return ScheduleShown(conversation_id=wanted, agent=None, why=[why])


async def _why_nobody(context: Context, session: Session, conversation_id: int | None) -> str:
    if conversation_id is None and not await queue.length(session):
        return "nobody waits"
    online = await duty.candidates(session, now=context.now)
    if not online:
        return "no agent is online"
    if conversation_id is None:
        return f"none of the {len(online)} agents online is free and fits any conversation that waits"
    wanted = await conversations.get(session, conversation_id)
    needs = f"speaks {wanted.language}" + (f" and has the skill {wanted.team}" if wanted.team else "")
    return f"none of the {len(online)} agents online is free and {needs}"
