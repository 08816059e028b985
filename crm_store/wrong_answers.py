"""Articles that did not answer a question: said by customers, and surer where an agent says what does answer it.

A "no, that did not help" alone may mean that the answer was right and unwelcome. Once somebody of the staff says which
other article answers the question, the one that was given is known to be wrong for it, until an agent says otherwise.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, exists, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import articles
from crm_store.models.conversations import Conversation, Message
from crm_store.models.knowledge import ArticleRow, Gap
from crm_store.models.learning import DOUBTING, QuestionLabel

MOST_CONFIRMED: Final = 2_000
MOST_SHOWN: Final = 20
_L = QuestionLabel
_COPIED: Final = (
    "customer_id",
    "conversation_id",
    "question",
    "normal",
    "language",
    "article_key",
    "was_alone",
)


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """A question, and an article that did not answer it for so many people; `confirmed`: an agent says so.

    `instead`: keys of articles that agents say do answer it (told only of confirmed ones).
    """

    article_key: str
    language: str
    normal: str
    question: str
    people: int
    confirmed: bool
    last_at: datetime
    instead: tuple[str, ...] = ()


def is_denied() -> ColumnElement[bool]:
    """Of labels grouped by article and question: whether the last word of agents is that it does not answer it."""
    return _last_of_agents(agrees=False) > _last_of_agents(agrees=True)


def _last_of_agents(*, agrees: bool) -> ColumnElement[int]:
    return func.coalesce(func.max(case((and_(_L.source == "agent", _L.agrees.is_(agrees)), _L.id))), 0)


_SAYS_NO: Final = and_(_L.agrees.is_(False), _L.source.in_(("not_helpful", "agent")))
_THERE: Final = exists().where(
    ArticleRow.key == _L.article_key, ArticleRow.language == _L.language, ArticleRow.enabled
)


def _found() -> Any:
    said = (
        _L.article_key,
        _L.language,
        _L.normal,
        func.min(_L.question),
        func.count(func.distinct(case((_SAYS_NO, _L.customer_id)))),
        is_denied(),
        func.max(case((_SAYS_NO, _L.created_at))),
    )
    return select(*said).where(DOUBTING).group_by(_L.article_key, _L.language, _L.normal)


async def _read(session: AsyncSession, query: Any) -> list[WrongAnswer]:
    return [
        WrongAnswer(key, language, normal, question, people, bool(denied), at)
        for key, language, normal, question, people, denied, at in await session.execute(query)
    ]


async def confirmed(session: AsyncSession) -> list[WrongAnswer]:
    """What agents say articles do not answer, the newest first; of articles that are published."""
    denied = select(_L.article_key).where(DOUBTING, _L.source == "agent", _L.agrees.is_(False))
    query = _found().where(_THERE, _L.article_key.in_(denied)).having(is_denied())
    found = await _read(session, query.order_by(func.max(_L.id).desc()).limit(MOST_CONFIRMED))
    right = await _right_for(session, {each.normal for each in found})
    return [replace(each, instead=right.get(each.normal, ())) for each in found]


async def _right_for(session: AsyncSession, normals: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The published articles that agents say answer these normalised questions, by question."""
    query = (
        select(_L.normal, _L.article_key)
        .where(_THERE, DOUBTING, _L.source == "agent", _L.normal.in_(normals))
        .group_by(_L.article_key, _L.normal)
        .having(_last_of_agents(agrees=True) > _last_of_agents(agrees=False))
        .order_by(func.max(_L.id).desc())
    )
    found: dict[str, tuple[str, ...]] = {}
    for normal, key in await session.execute(query):
        found[normal] = (*found.get(normal, ()), key)
    return found


async def of_article(session: AsyncSession, key: str, language: str, *, since: datetime) -> list[WrongAnswer]:
    """The questions the article did not answer, most people first; what customers said before `since` is left out."""
    query = _found().where(_L.article_key == key, _L.language == language)
    people = func.count(func.distinct(case((_SAYS_NO, _L.customer_id))))
    last_at = func.max(case((_SAYS_NO, _L.created_at)))
    query = query.having(and_(people > 0, or_(is_denied(), last_at >= since)))
    return await _read(session, query.order_by(people.desc(), func.max(_L.id).desc()).limit(MOST_SHOWN))


async def corrected(
    session: AsyncSession, asked: Message, normal: str, right_key: str, *, agent_id: int | None, now: datetime
) -> bool:
    """An agent says that the article of `right_key` answers this message: what answered it otherwise was wrong.

    That is what the bot answered with by itself, and what the customer was given then and said did not help. Whether
    there was any such: who got a list, or nothing, was told nothing wrong.
    """
    in_talk = and_(_L.conversation_id == asked.conversation_id, _L.normal == normal)
    known = await _confirm(session, in_talk, right_key, agent_id, now)
    given = asked.article_key if asked.decision == "answer" else None
    if given is None or given == right_key or given in known:
        return bool(known)
    talk = await session.get_one(Conversation, asked.conversation_id)
    variants = {each.draft.language for each in await articles.named(session, {given})}
    if variants:
        answered_in = await _answered_in(session, asked, given)
        likely = (each for each in (answered_in, talk.language) if each in variants)
        values = {
            "customer_id": talk.customer_id,
            "conversation_id": talk.id,
            "question": asked.text,
            "normal": normal,
            "language": next(likely, min(variants)),
            "article_key": given,
            "was_alone": True,
        }
        await _deny(session, [values], agent_id, now)
    return bool(known) or bool(variants)


async def _answered_in(session: AsyncSession, asked: Message, given: str) -> str:
    """The language of the article that the bot answered these words with; empty where that is not known."""
    answers = select(Message.intent).where(
        Message.conversation_id == asked.conversation_id,
        Message.reply_to_id == asked.id,
        Message.article_key == given,
    )
    intent = await session.scalar(answers.order_by(Message.id).limit(1))
    return str((intent or {}).get("article_language", ""))


async def taught(
    session: AsyncSession, gap_ids: Collection[int], right_key: str, *, agent_id: int | None, now: datetime
) -> None:
    """Somebody of the staff makes these gaps questions of an article: others that did not help were wrong."""
    gap = (
        select(Gap.id)
        .where(Gap.id.in_(gap_ids), Gap.conversation_id == _L.conversation_id, Gap.question == _L.question)
        .exists()
    )
    await _confirm(session, gap, right_key, agent_id, now)


async def accepted(
    session: AsyncSession, normal: str, right_key: str, *, agent_id: int | None, now: datetime
) -> None:
    """Somebody of the staff makes these words a phrasing of an article: others that did not help were wrong."""
    await _confirm(session, _L.normal == normal, right_key, agent_id, now)


async def _confirm(
    session: AsyncSession, which: ColumnElement[bool], right_key: str, agent_id: int | None, now: datetime
) -> set[str]:
    """Deny what customers said did not help, among these labels; the keys of those articles."""
    query = select(*(getattr(_L, name) for name in _COPIED)).where(
        which, _L.source == "not_helpful", _L.article_key != right_key
    )
    rows = [row._asdict() for row in await session.execute(query.distinct())]
    await _deny(session, rows, agent_id, now)
    return {row["article_key"] for row in rows}


async def _deny(
    session: AsyncSession, rows: list[dict[str, Any]], agent_id: int | None, now: datetime
) -> None:
    said = {"agent_id": agent_id, "agrees": False, "source": "agent", "created_at": now}
    if rows:
        await session.execute(insert(QuestionLabel), [row | said for row in rows])
