"""Drafts of articles, proposed phrasings, and what a change would do."""

from datetime import datetime
from typing import Any, Self

from pydantic import Field

from admin_api.paging import PageQuery
from admin_api.schemas.article_files import Attachments
from admin_api.schemas.articles import (
    Answer,
    Category,
    Key,
    Language,
    NewArticle,
    Phrasing,
    Question,
    Tag,
)
from admin_api.schemas.base import Done, RowId, Shown, Written
from crm_store.articles import ArticleDraft
from crm_store.models.learning import ArticleProposal
from knowledge_base.articles import MAX_ANSWER_CHARS
from knowledge_base.trial import GoldChange, Trial, worst_first

MOST_REPLAYED = 5_000
_MOST_SHOWN = 200


class NearArticle(Shown):
    """An article that says something like it already."""

    article_id: int | None
    article_key: str
    question: str
    confidence: float


class DraftShown(Shown):
    """An article not yet published; publishing it closes its gaps."""

    id: int
    conversation_id: int | None
    message_id: int | None
    state: str
    version: int
    content: dict[str, Any]
    gap_ids: list[int]
    created_by: str
    created_at: datetime
    updated_at: datetime
    nearest: list[NearArticle] = Field([])

    @classmethod
    def of(cls, draft: ArticleProposal, nearest: list[NearArticle] | None = None) -> Self:
        """The draft with the articles nearest to it."""
        shown = cls.model_validate(draft, from_attributes=True)
        return shown.model_copy(update={"nearest": nearest or []})


class NewDraft(Written):
    """An article begun: all but its question may be missing yet."""

    key: Key | None = Field(None, description="Left out, it is made of the question")
    question: Question
    answer: str = Field("", max_length=MAX_ANSWER_CHARS)
    phrasings: list[Phrasing] = Field([], max_length=1000)
    language: Language = "en"
    tags: list[Tag] = Field([], max_length=50)
    category: Category = ""
    attachments: Attachments = Field([])
    gap_ids: list[RowId] = Field(
        [], max_length=500, description="Unanswered questions that publishing it closes"
    )

    def content(self) -> ArticleDraft:
        """The article so far."""
        said = self.model_dump(exclude={"key", "gap_ids"})
        lists = {name: tuple(said[name]) for name in ("phrasings", "tags", "attachments")}
        return ArticleDraft(**(said | lists | {"key": self.key or ""}))


class DraftsQuery(PageQuery):
    """Which drafts."""

    state: str = Field(
        "open", pattern="^(open|published|dismissed)$", description="open, published or dismissed"
    )


class DraftChange(Written):
    """What is to change in a draft; what is left out stays."""

    version: int | None = Field(None, ge=1, le=2**31, description="The version that was read")
    key: Key | None = None
    question: Question | None = None
    answer: Answer | None = None
    phrasings: list[Phrasing] | None = Field(None, max_length=1000)
    language: Language | None = None
    tags: list[Tag] | None = Field(None, max_length=50)
    category: Category | None = None
    attachments: Attachments | None = None

    def changes(self) -> dict[str, Any]:
        """The fields named, and their new values."""
        named = self.model_dump(exclude_unset=True, exclude={"version"})
        return {k: tuple(v) if isinstance(v, list) else v for k, v in named.items() if v is not None}


class ArticleChoice(Written):
    """Which article."""

    article_id: RowId


class RightArticle(Written):
    """Which article answers a question; null: none does."""

    article_id: RowId | None


class Corrected(Done):
    """What follows at once from a correction, and what somebody has to do first."""

    listed: bool
    """An answer was wrong: within a minute who asks like this is offered a list, with the right article first."""
    proposed: bool
    """The words wait at `GET /phrasings`; until they are accepted there, nothing is answered otherwise for them."""


class PhrasingShown(Shown):
    """Words that customers or agents said an article answers."""

    article_id: int
    article_key: str
    article_question: str
    language: str
    question: str
    """What was asked; this names the proposal."""
    phrasing: str
    """The same without what is private: what would be added."""
    agree: int
    """People who say that the article answers it."""
    against: int
    rivals: int
    """People who picked another article for the same words."""
    by_agents: int
    held: bool
    """Enough customers agree, but a question with a known answer would become wrong, so it was not added by itself."""
    last_at: datetime


class PhrasingsShown(Shown):
    """The proposals, those most people agree on first."""

    items: list[PhrasingShown]


class PhrasingBody(Written):
    """One proposal, by its article and question."""

    article_id: RowId
    question: Phrasing
    phrasing: Phrasing | None = Field(None, description="Other words to add in its place")


class TryBody(Written):
    """A change to try: articles new or said anew (by key and language), and ids of articles to take away."""

    articles: list[NewArticle] = Field([], max_length=5000)
    remove: list[RowId] = Field([], max_length=5000)
    replace: bool = Field(False, description="Take away all articles that are not named")
    replay: int = Field(
        500, ge=0, le=MOST_REPLAYED, description="How many of the last real questions are asked anew"
    )


class DifferenceShown(Shown):
    """A question that would be treated in another way; keys are null where nothing is answered alone."""

    text: str
    effect: str
    """'newly_answered', 'changed', 'lost', 'newly_listed' or 'no_longer_listed'."""
    before: str | None
    after: str | None


class GoldShown(Shown):
    """A question with a known answer that would become right, or wrong."""

    text: str
    article_key: str
    agrees: bool
    """Whether people said that this article answers it, or that it does not."""
    before: str | None
    after: str | None

    @classmethod
    def of(cls, change: GoldChange) -> Self:
        """The change."""
        asked = change.question
        return cls(
            text=asked.text,
            article_key=asked.article_key,
            agrees=asked.agrees,
            before=change.before,
            after=change.after,
        )


class TrialShown(Shown):
    """What a change would do; with regressions it is published only for a reason."""

    replayed: int
    same: int
    newly_answered: int
    changed: int
    lost: int
    newly_listed: int
    no_longer_listed: int
    differences: list[DifferenceShown]
    """The worst first, 200 at most."""
    gold: int
    gold_right_before: int
    gold_right_after: int
    regressions: list[GoldShown]
    improvements: list[GoldShown]
    warnings: list[GoldShown]
    """Right further down in a list, and no more: they keep nothing from being published."""

    @classmethod
    def of(cls, trial: Trial) -> Self:
        """The trial."""
        shown = worst_first(trial.differences)[:_MOST_SHOWN]
        return cls(
            replayed=trial.replayed,
            same=trial.same,
            newly_answered=trial.count("newly_answered"),
            changed=trial.count("changed"),
            lost=trial.count("lost"),
            newly_listed=trial.count("newly_listed"),
            no_longer_listed=trial.count("no_longer_listed"),
            differences=[DifferenceShown.model_validate(each) for each in shown],
            gold=trial.gold,
            gold_right_before=trial.gold_right_before,
            gold_right_after=trial.gold_right_after,
            regressions=[GoldShown.of(each) for each in trial.regressions[:_MOST_SHOWN]],
            improvements=[GoldShown.of(each) for each in trial.improvements[:_MOST_SHOWN]],
            warnings=[GoldShown.of(each) for each in trial.warnings[:_MOST_SHOWN]],
        )
