"""What customers and agents said about which article answers a question: the gold set, and phrasings to propose.

A tap on "did you mean" and an agent's correction say that an article answers; "none of these" and "no, that did not
help" say that it does not, for sure only once an agent says so (wrong_answers.py): a right answer may be unwelcome.
One person counts once for a question, however often they tap.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.learning import PhrasingDecision, QuestionLabel
from crm_store.wrong_answers import is_denied

PROPOSING = ("choice", "agent")
"""Sources that make a phrasing; a "this helped" under an answer confirms it, and the bot knew that one already."""
NOTHING = ""
"""The article of a label that says that no article answers."""
MOST_GOLD = 2_000
SEVERAL = 2
"""So many people who chose an article for a question are evidence that it answers it."""
ACCEPTED, REJECTED, HELD = "accepted", "rejected", "held"
"""Held: enough people agree, but a question with a known answer would become wrong; it stays proposed."""

_L = QuestionLabel
_PROPOSES = and_(_L.agrees, _L.source.in_(PROPOSING), _L.article_key != NOTHING)
Named = tuple[str, str, str]
"""Article key, language, and the normalised question or its digest."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was said of one question and one article; people are counted, not taps."""

    article_key: str
    language: str
    normal: str
    question: str
    agree: int
    against: int
    by_agents: int
    is_denied: bool
    """Whether agents say that the article does not answer it."""
    last_at: datetime
    helped: int
    """How many people said that its answer helped them."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A question of which people said that the article answers it (`agrees`), or that it does not."""

    question: str
    language: str
    article_key: str
    """`NOTHING`: an agent said that no article does."""
    agrees: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A phrasing an article may get. `rivals`: people who picked another article for the same words.

    `is_held`: it was tried because enough people agree, and left to the desk (teaching.py).
    """

    verdicts: Verdicts
    rivals: int
    is_held: bool = False

    @property
    def is_undisputed(self) -> bool:
        """Whether nobody said otherwise."""
        return self.verdicts.against == 0 and self.rivals == 0


def digest_of(normal: str) -> str:
    """What a decision about a phrasing keeps of it."""
    return hashlib.sha256(normal.encode()).hexdigest()


async def add(session: AsyncSession, values: dict[str, Any]) -> None:
    """One more label; the columns by name."""
    await session.execute(insert(QuestionLabel).values(values))


def _people(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(func.distinct(case((condition, _L.customer_id))))


async def verdicts(
    session: AsyncSession, normals: Collection[str] | None = None, *, limit: int = MOST_GOLD
) -> list[Verdicts]:
    """What was said, the newest first; of these questions only, when they are given."""
    query: Any = (  # a select of more columns than it is typed for
        select(
            _L.article_key,
            _L.language,
            _L.normal,
            func.min(_L.question),
            _people(_L.agrees.is_(True)),
            _people(_L.agrees.is_(False)),
            func.count(case((and_(_L.source == "agent", _L.agrees), 1))),
            is_denied(),
            func.max(_L.created_at),
            _people(and_(_L.agrees, _L.source == "helped")),
        )
        .group_by(_L.article_key, _L.language, _L.normal)
        .order_by(func.max(_L.created_at).desc(), _L.article_key, _L.normal)
        .limit(limit)
    )
    if normals is not None:
        query = query.where(_L.normal.in_(normals))
    return [Verdicts(*row) for row in await session.execute(query)]


async def gold(session: AsyncSession) -> list[Gold]:
    """The questions of which it is known what answers them: more people agree than disagree; or what does not.

    One tap on a list is no evidence: it takes a person whom the answer helped, or `SEVERAL` who chose it. What an
    agent would not have as a phrasing is none either. An agent's word outweighs the customers', and only an agent's
    tells what does not answer them. Of several articles for the same words only the one most people (or an agent)
    meant counts; where two are meant as often, none is known to be right.
    """
    said = await verdicts(session)
    refused = await _refused(session)
    said = [each for each in said if each.is_denied or _named(each) not in refused]
    strongest: dict[str, list[tuple[bool, int]]] = {}
    for each in said:
        if _agrees(each):
            strongest.setdefault(each.normal, []).append(_strength(each))
    found = []
    for each in said:
        if not _agrees(each):
            if each.is_denied:
                found.append(Gold(each.question, each.language, each.article_key, agrees=False))
        elif (
            _strength(each) == max(strongest[each.normal])
            and strongest[each.normal].count(_strength(each)) == 1
        ):
            found.append(Gold(each.question, each.language, each.article_key, agrees=True))
    return found


def _agrees(said: Verdicts) -> bool:
    is_evident = said.helped > 0 or said.agree >= SEVERAL
    return not said.is_denied and (said.by_agents > 0 or (is_evident and said.agree > said.against))


def _named(said: Verdicts) -> Named:
    return said.article_key, said.language, digest_of(said.normal)


async def _refused(session: AsyncSession) -> set[Named]:
    """The phrasings that somebody of the staff does not want."""
    d = PhrasingDecision
    rows = await session.execute(select(d.article_key, d.language, d.digest).where(d.state == REJECTED))
    return {(key, language, digest) for key, language, digest in rows}


def _strength(said: Verdicts) -> tuple[bool, int]:
    return said.by_agents > 0, said.agree - said.against


async def proposals(
    session: AsyncSession, *, conversation_id: int | None = None, limit: int = 200
) -> list[Proposal]:
    """Undecided phrasings, those most people agree on first; of one conversation when it is given."""
    wanted = select(_L.normal).where(_PROPOSES)
    if conversation_id is not None:
        wanted = wanted.where(_L.conversation_id == conversation_id)
    newest = wanted.group_by(_L.normal).order_by(func.max(_L.id).desc()).limit(limit * 2)
    normals = list(await session.scalars(newest))
    said = await verdicts(session, normals)
    decided = await _decided(session, [digest_of(normal) for normal in normals])
    proposing = await _proposing(session, normals)
    made = []
    for each in said:
        state = decided.get(_named(each))
        if (each.article_key, each.language, each.normal) in proposing and state in (None, HELD):
            rivals = sum(other.agree for other in said if _is_rival(other, each))
            made.append(Proposal(each, rivals, state == HELD))
    made.sort(key=lambda one: (-one.verdicts.agree, one.verdicts.against + one.rivals, one.verdicts.normal))
    return made[:limit]


def _is_rival(other: Verdicts, each: Verdicts) -> bool:
    return other.normal == each.normal and other.article_key != each.article_key


async def _proposing(session: AsyncSession, normals: Sequence[str]) -> set[Named]:
    rows = await session.execute(
        select(_L.article_key, _L.language, _L.normal).where(_L.normal.in_(normals), _PROPOSES).distinct()
    )
    return {(key, language, normal) for key, language, normal in rows}


async def _decided(session: AsyncSession, digests: Sequence[str]) -> dict[Named, str]:
    d = PhrasingDecision
    rows = await session.execute(
        select(d.article_key, d.language, d.digest, d.state).where(d.digest.in_(digests))
    )
    return {(key, language, digest): state for key, language, digest, state in rows}


async def decide(
    session: AsyncSession, article_key: str, language: str, normal: str, state: str, *, by: str, now: datetime
) -> None:
    """Write down what became of a proposed phrasing; what was decided before is replaced."""
    digest = digest_of(normal)
    found = await session.scalar(
        select(PhrasingDecision).where(
            PhrasingDecision.article_key == article_key,
            PhrasingDecision.language == language,
            PhrasingDecision.digest == digest,
        )
    )
    if found is None:
        found = PhrasingDecision(article_key=article_key, language=language, digest=digest)
        session.add(found)
    found.state, found.decided_by, found.decided_at = state, by[:128], now
    await session.flush()
