"""Telling customers, once, that there is an answer now to what they had asked."""

from datetime import datetime

from bot.albums import together
from bot.learning import articles_of
from bot.own_facts import Told, choices_of_orders, read, told
from bot.texts import render
from crm_store import article_files, articles, conversations, wishes
from crm_store.articles import StoredArticle
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Identity
from crm_store.models.knowledge import Gap
from crm_store.models.learning import AnswerWish
from crm_store.session import Session
from knowledge_base.articles import MAX_ANSWER_CHARS
from knowledge_base.variants import Reader, variant_for

MOST_QUESTION_CHARS = 200


async def tell(session: Session, wish_id: int, now: datetime) -> bool:
    """Whether the customer was told; at most once, and never while a person serves them."""
    claimed = await wishes.claim(session, wish_id, now=now)
    if claimed is None:
        return False
    wish, gap, conversation = claimed
    language, found = conversation.language, await _variant(session, wish, gap, conversation.language)
    if found is None:
        await wishes.wait_again(session, wish)
        return False
    answer = await _own(session, conversation, found, gap.question, now)
    if not (answer.is_known or answer.orders):
        await wishes.wait_again(session, wish)  # it answers nothing to this customer
        return False
    asked = gap.question[:MOST_QUESTION_CHARS]
    words = render(language, "now_answered", question=asked, answer=answer.text)
    if len(words) > MAX_ANSWER_CHARS:
        words = answer.text
    orders = choices_of_orders(answer.orders, found.draft.key, found.draft.language)
    no_more = {"label": render(language, "button.no_more"), "action": {"do": "dont_tell"}}
    # 'once': it must not come twice, even after a crash while it was sent.
    intent = {"choices": [*orders, no_more], "once": True}
    await conversations.say(session, conversation, author="bot", now=now, text=words, intent=intent)
    if not answer.orders:  # else they come with the answer, once it is known which one is meant
        await _send_files(session, conversation, found, now)
    await wishes.mark_told(session, wish, now=now)
    return True


async def _variant(session: Session, wish: AnswerWish, gap: Gap, language: str) -> StoredArticle | None:
    """The article that answers it, in the language that suits who asked; None when it is gone."""
    stored = {
        each.draft.language: each
        for each in await articles.named(session, [wish.article_key or ""])
        if each.draft.enabled
    }
    variants = {each.language: each for each in articles_of(each.draft for each in stored.values())}
    best = variant_for(variants, Reader(language, gap.question), gap.language)
    return stored[best.language] if best is not None else None


async def _own(
    session: Session, conversation: Conversation, article: StoredArticle, asked: str, now: datetime
) -> Told:
    """The answer with this customer's own facts in its blanks."""
    answer, number = article.draft.answer, conversation.customer_id
    connection = await session.connection()
    known = await connection.run_sync(lambda plain: read(plain, number, answer, now=now))
    identity = await session.get_one(Identity, conversation.identity_id)
    return told(answer, known, conversation.language, called=identity.display_name, said=asked)


async def _send_files(
    session: Session, conversation: Conversation, article: StoredArticle, now: datetime
) -> None:
    files = await article_files.attachments(session, article.draft.attachments)
    given = [files[key] for key in article.draft.attachments if key in files]
    for attachment in together(given, conversation.channel):
        await conversations.say(
            session,
            conversation,
            author="bot",
            now=now,
            attachment=attachment,
            kind=str(attachment["type"]),
            intent={"once": True},
        )
