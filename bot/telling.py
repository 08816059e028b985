"""Telling customers, once, that there is an answer now to what they had asked."""

from datetime import datetime

from bot.texts import render
from crm_store import article_files, articles, conversations, wishes
from crm_store.session import Session
from knowledge_base.articles import MAX_ANSWER_CHARS

MOST_QUESTION_CHARS = 200


async def tell(session: Session, wish_id: int, now: datetime) -> bool:
    """Whether the customer was told; at most once, and never while a person serves them."""
    claimed = await wishes.claim(session, wish_id, now=now)
    if claimed is None:
        return False
    wish, gap, conversation = claimed
    variants = [
        each for each in await articles.named(session, [wish.article_key or ""]) if each.draft.enabled
    ]
    language = conversation.language
    found = next((each for each in variants if each.draft.language == language), next(iter(variants), None))
    if found is None:
        await wishes.wait_again(session, wish)
        return False
    asked = gap.question[:MOST_QUESTION_CHARS]
    words = render(language, "now_answered", question=asked, answer=found.draft.answer)
    if len(words) > MAX_ANSWER_CHARS:
        words = found.draft.answer
    no_more = {"label": render(language, "button.no_more"), "action": {"do": "dont_tell"}}
    # 'once': it must not come twice, even after a crash while it was sent.
    intent = {"choices": [no_more], "once": True}
    await conversations.say(session, conversation, author="bot", now=now, text=words, intent=intent)
    files = await article_files.attachments(session, found.draft.attachments)
    for key in (each for each in found.draft.attachments if each in files):
        await conversations.say(
            session,
            conversation,
            author="bot",
            now=now,
            attachment=files[key],
            kind=str(files[key]["type"]),
            intent={"once": True},
        )
    await wishes.mark_told(session, wish, now=now)
    return True
