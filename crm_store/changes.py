"""A change of the articles before it is made: what they would be then, and what it has to be tried on."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import articles, question_labels
from crm_store.articles import ArticleDraft
from crm_store.publishing import Name
from crm_store.question_labels import Gold


@dataclass(frozen=True, slots=True)
class Change:
    """Articles that are new or said anew, and the names of those taken away; `replace` takes away all others."""

    put: Collection[ArticleDraft] = ()
    removed: Collection[Name] = ()
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Weighed:
    """The enabled articles as they are, those there would be, and the questions of which the answer is known."""

    present: list[ArticleDraft]
    proposed: list[ArticleDraft]
    gold: list[Gold]


def applied(present: Iterable[ArticleDraft], change: Change) -> list[ArticleDraft]:
    """The articles as they would be."""
    kept = {} if change.replace else {(each.key, each.language): each for each in present}
    kept |= {(each.key, each.language): each for each in change.put}
    return [each for name, each in kept.items() if name not in change.removed]


async def weigh(session: AsyncSession, change: Change) -> Weighed:
    """What the change is to be tried on. Without gold there is nothing that it could make wrong."""
    present = await articles.live(session)
    return Weighed(present, applied(present, change), await question_labels.gold(session))
