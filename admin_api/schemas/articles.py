"""Articles of the knowledge base and their versions."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from admin_api.article_files import Format
from admin_api.paging import PageQuery
from admin_api.schemas.article_files import Attachments, FileId
from admin_api.schemas.base import Asked, Moment, Shown, Written
from crm_store.articles import ArticleDraft, PastArticle, StoredArticle
from knowledge_base.articles import MAX_ANSWER_CHARS, MAX_KEY_CHARS, MAX_PHRASING_CHARS, MAX_QUESTION_CHARS

Key = Annotated[str, Field(min_length=1, max_length=MAX_KEY_CHARS)]
Question = Annotated[str, Field(min_length=1, max_length=MAX_QUESTION_CHARS)]
Answer = Annotated[str, Field(min_length=1, max_length=MAX_ANSWER_CHARS)]
Phrasing = Annotated[str, Field(min_length=1, max_length=MAX_PHRASING_CHARS)]
Language = Annotated[str, Field(min_length=2, max_length=16, pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Tag = Annotated[str, Field(min_length=1, max_length=50, pattern="^[^,;]+$")]
Category = Annotated[str, Field(max_length=64, pattern=r"^[^,;\x00-\x1f]*$")]


class ArticleQuery(PageQuery):
    """Which articles."""

    language: Language | None = None
    tag: Tag | None = None
    category: Category | None = None
    text: str | None = Field(None, max_length=200, description="In key, question, answer or phrasings")


class NewArticle(Written):
    """An article to publish; key and language together name it."""

    key: Key
    question: Question
    answer: Answer
    phrasings: list[Phrasing] = Field([], max_length=1000)
    language: Language = "en"
    tags: list[Tag] = Field([], max_length=50)
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    enabled: bool = True
    category: Category = Field("", description="Where it stands among the others, such as Orders/Delivery")
    attachments: Attachments = Field([])

    def draft(self) -> ArticleDraft:
        """The article as the store takes it."""
        lists = {name: tuple(getattr(self, name)) for name in ("phrasings", "tags", "attachments")}
        return ArticleDraft(**(self.model_dump() | lists))


class ArticleChange(Written):
    """What is to change; what is left out stays."""

    question: Question | None = None
    answer: Answer | None = None
    phrasings: list[Phrasing] | None = Field(None, max_length=1000)
    tags: list[Tag] | None = Field(None, max_length=50)
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    enabled: bool | None = None
    category: Category | None = None
    attachments: Attachments | None = None

    def changes(self) -> dict[str, Any]:
        """Fields and their new values; null clears a date, and leaves everything else as it is."""
        named = self.model_dump(exclude_unset=True)
        found = {k: v for k, v in named.items() if v is not None or k in ("valid_from", "valid_until")}
        return {k: tuple(v) if isinstance(v, list) else v for k, v in found.items()}


class ArticleShown(Shown):
    """An article as it is live (or disabled)."""

    id: int
    key: str
    language: str
    question: str
    phrasings: list[str]
    answer: str
    tags: list[str]
    category: str
    attachments: list[str] = Field(description="Ids of the files that go along with the answer")
    valid_from: datetime | None
    valid_until: datetime | None
    enabled: bool
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, stored: StoredArticle) -> Self:
        """The stored article."""
        draft = {name: getattr(stored.draft, name) for name in ArticleDraft.__dataclass_fields__}
        row = {name: getattr(stored, name) for name in ("id", "version", "created_at", "updated_at")}
        return cls.model_validate(draft | row)


class VersionShown(Shown):
    """An article at one of its versions; content is null where that version is its deletion."""

    version: int
    changed_by: str
    changed_at: datetime
    content: dict[str, Any] | None

    @classmethod
    def of(cls, past: PastArticle) -> Self:
        """The past version."""
        names = ArticleDraft.__dataclass_fields__
        content = {name: getattr(past.draft, name) for name in names} if past.draft else None
        return cls(
            version=past.version, changed_by=past.changed_by, changed_at=past.changed_at, content=content
        )


class VersionsShown(Shown):
    """All versions, newest first."""

    items: list[VersionShown]


class VersionsQuery(Asked):
    """Which article, also one that was deleted."""

    key: Key
    language: Language = "en"


class WrongForShown(Shown):
    """A question that the article was given for, and did not answer."""

    question: str
    people: int
    """Whom it did not help."""
    confirmed: bool
    """Whether an agent says so, too: questions like it are not answered with this article alone any more."""
    last_at: datetime


class StandingShown(Shown):
    """What people said under an article's answers, and whether it may therefore answer alone."""

    helped: int
    not_helped: int
    lowest: float
    """How often it helps, at least, with 90 % certainty; a prior worth ten taps is counted in."""
    floor: float
    """Below this the article is offered in a list instead."""
    answers_alone: bool
    wrong_for: list[WrongForShown]
    """Most people first, 20 at most; of what only customers say, what they said since the article was changed."""


class RestoreBody(Written):
    """Which version is to be the newest."""

    key: Key
    language: Language = "en"
    version: int = Field(ge=1, le=2**31)


class ImportBody(Written):
    """A file of articles; it is taken whole or not at all."""

    format: Format
    data: str | None = Field(
        None, description="The file's text; of md.zip (a ZIP of Markdown files) its bytes in Base64"
    )
    file: FileId | None = Field(None, description="The id of a file that was handed in, in place of `data`")
    replace: bool = Field(False, description="Remove the articles that are not in the file")
    answer: str | None = Field(
        None, max_length=MAX_ANSWER_CHARS, description="For articles without one; {article} becomes the key"
    )

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.data is None) is (self.file is None):
            raise ValueError("give either data or file")
        return self


class ImportShown(Shown):
    """What the import did."""

    added: int
    changed: int
    removed: int
    notes: list[str]


class ExportQuery(Asked):
    """In which format."""

    format: Format = "csv"
