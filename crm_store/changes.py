"""A change of the articles before it is made: what they would be then, and what it has to be tried on."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import articles, question_labels
from crm_store.articles import ArticleDraft, Name, Silent, with_kept
from crm_store.question_labels import Gold


@dataclass(frozen=True, slots=True)
class Change:
    """Articles that are new or said anew, and the names of those taken away; `replace` takes away all others.

    What is put is `silent` of stays as it is.
    """

    put: Collection[ArticleDraft] = ()
    removed: Collection[Name] = ()
    replace: bool = False
    silent: Silent = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weighed:
    """The articles as they are and as they would be, disabled ones too, and the questions with a known answer."""

    present: list[ArticleDraft]
    proposed: list[ArticleDraft]
    gold: list[Gold]


def applied(present: Iterable[ArticleDraft], change: Change) -> list[ArticleDraft]:
    """The articles as they would be."""
    before = {(each.key, each.language): each for each in present}
    put = {(each.key, each.language): each for each in change.put}
    said = {name: with_kept(each, before.get(name), change.silent) for name, each in put.items()}
    kept = said if change.replace else before | said
    return [each for name, each in kept.items() if name not in change.removed]


async def weigh(session: AsyncSession, change: Change) -> Weighed:
    """What the change is to be tried on. Without gold there is nothing that it could make wrong."""
    present = await articles.everything(session)
    return Weighed(present, applied(present, change), await question_labels.gold(session))
