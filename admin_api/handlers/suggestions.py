"""Replies that may fit what the customer said last: articles, and what agents answered to like questions."""

from collections.abc import Mapping

from admin_api.contract import Context, Reply
from admin_api.desk.texts import order_status
from admin_api.handlers.article_attachments import files_of
from admin_api.readers import reader_of
from admin_api.schemas.article_files import FileShown
from admin_api.schemas.base import IdPath
from admin_api.schemas.suggestions import SuggestionList, SuggestionShown
from admin_api.suggesting import SHOWN, LikeAnswer, fitting, has_enough_in_common
from crm_store import canned_replies, canned_text, conversations, past_answers, search_index
from crm_store.drafts import ASKING
from crm_store.models.conversations import Message
from crm_store.private_words import GONE
from knowledge_base.articles import Article
from knowledge_base.matches import Match
from knowledge_base.variants import Reader

LAST_WORDS = 12
QUESTIONS = frozenset({None, *ASKING})
"""How the bot understood what may be a question; None is what it did not look at."""
FROM_ARTICLES = 2
ENOUGH = 0.3
"""An article of less confidence is no help to an agent either."""
SURE = 0.6
"""One of less has to share words with the question, too: what only sounds alike is mostly about something else."""


def question_of(said: list[Message]) -> str:
    """What the customer asked since an agent last spoke, or asked last; asking for a person is no question."""
    asked: list[str] = []
    for message in reversed(said):
        if message.author == "agent" and not message.is_note and asked:
            break
        if message.author == "customer" and message.kind == "text" and message.decision in QUESTIONS:
            asked.append(message.text)
    return "\n".join(reversed([text for text in asked if text.strip()][:3]))


async def listing(context: Context, path: IdPath) -> Reply[SuggestionList]:
    """Up to three replies, each with what speaks for it."""
    async with context.write() as session:
        await search_index.catch_up(session)
    async with context.read() as session:
        found = await conversations.get(session, path.id)
        question = question_of(await conversations.last_messages(session, path.id, LAST_WORDS))
        past = await past_answers.to_questions_like(session, question, besides=path.id) if question else []
        usual = await past_answers.usual_questions(session) if past else []
        said = await past_answers.said_in(session, path.id)
        known = await canned_replies.values_for(session, path.id, context.caller.agent, order_status)
        matching = _matching(context, question, await reader_of(session, found, question)) if question else []
        matching = [one for one in matching if one[0].article_key not in said.articles][:FROM_ARTICLES]
        keys = [key for _, article in matching for key in article.attachments]
        files = {file.file: file for file in await files_of(session, keys)}
    items = [_of_article(match, article, known, files) for match, article in matching]
    items += [_said_before(one) for one in fitting(question, past, usual)]
    items = [item for item in items if not said.has(item.text)]
    items.sort(key=lambda item: -item.likeness)
    return Reply(SuggestionList(question=question, items=items[:SHOWN]))


def _matching(context: Context, question: str, reader: Reader) -> list[tuple[Match, Article]]:
    """The articles that may fit, the best first."""
    edition = context.services.knowledge()
    (decision,) = edition.decide_many([question])
    sure = (match for match in decision.matches if _fits(question, match))
    found = ((match, edition.matched(match, reader)) for match in sure)
    return [(match, article) for match, article in found if article is not None]


def _fits(question: str, match: Match) -> bool:
    enough = SURE if not has_enough_in_common(question, match.phrasing) else ENOUGH
    return match.confidence >= enough


def _of_article(
    match: Match, article: Article, known: Mapping[str, str | None], files: Mapping[str, FileShown]
) -> SuggestionShown:
    """The article's answer as an agent would give it, with what is known in its blanks, and its files."""
    filled = canned_text.fill(article.answer, known)
    return SuggestionShown(
        kind="article",
        text=filled.text,
        missing=list(filled.missing),
        blanks=[f"{{{name}}}" for name in filled.missing],
        title=article.question,
        likeness=round(match.confidence, 3),
        why=[match.phrasing],
        article_key=match.article_key,
        files=[files[key] for key in article.attachments if key in files],
    )


def _said_before(one: LikeAnswer) -> SuggestionShown:
    """What an agent answered to a question like it."""
    return SuggestionShown(
        kind="past",
        text=one.past.answer,
        blanks=[GONE] if GONE in one.past.answer else [],
        title=one.past.question,
        likeness=round(one.likeness, 3),
        why=list(one.why),
        conversation_id=one.past.conversation_id,
        agent_name=one.past.agent_name,
    )
