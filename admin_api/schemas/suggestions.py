"""Replies that may fit."""

from typing import Literal

from pydantic import Field

from admin_api.schemas.article_files import FileShown
from admin_api.schemas.base import Shown


class SuggestionShown(Shown):
    """A reply that may fit, and why."""

    kind: Literal["article", "past"]
    text: str
    missing: list[str] = Field(
        default_factory=list, description="Blanks that still stand in `text`: nobody knows what fills them"
    )
    blanks: list[str] = Field(
        default_factory=list,
        description="As they stand in `text`: `missing` in braces, and gaps where something private was taken out",
    )
    title: str = Field(description="The article's question, or the question that was answered so")
    likeness: float = Field(
        description="0 to 1: the confidence in an article, or how alike the questions are"
    )
    why: list[str] = Field(description="The phrasing that matched, or the words in common")
    article_key: str | None = None
    files: list[FileShown] = Field(
        default_factory=list, description="What goes along with the article's answer"
    )
    conversation_id: int | None = Field(None, description="Where it was said")
    agent_name: str | None = None


class SuggestionList(Shown):
    """Replies that may fit the customer's last words, the best first."""

    question: str
    items: list[SuggestionShown]
