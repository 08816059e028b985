"""Why a customer's words are decided as they are."""

from pydantic import Field

from admin_api.schemas.base import Shown
from knowledge_base.matches import Kind, Reason


class WordShown(Shown):
    """A word, and what it adds to a score (negative: takes away)."""

    word: str
    weight: float


class NearestShown(Shown):
    """An article, and its phrasing that comes nearest to the words."""

    article_key: str
    phrasing: str
    language: str = Field(description="The phrasing's")
    confidence: float
    score: float


class ThenShown(Shown):
    """What was decided when the customer wrote."""

    decision: str | None = Field(description="answer, suggest, unknown, several, or what else the words were")
    article_key: str | None
    confidence: float | None


class WhyShown(Shown):
    """What the articles in force today say to a customer's words, read by themselves, and why."""

    message_id: int
    conversation_id: int
    question: str
    decision: Kind
    rule: Reason = Field(description="The rule that decides")
    because: str = Field(description="The rule in words")
    confidence: float = Field(description="That the best article is the right one, 0 to 1")
    threshold: float = Field(description="The confidence that an answer needs")
    best: NearestShown | None
    words_for: list[WordShown] = Field(description="What each word adds to its score, the strongest first")
    runner_up: NearestShown | None
    words_against: list[WordShown] = Field(description="What each word adds to the gap over the runner-up")
    gap: float = Field(description="The best article's score less the runner-up's")
    unknown_words: list[str] = Field(description="Words that no phrasing has")
    then: ThenShown
    differs: bool | None = Field(
        description="Whether today's decision is another than that of then: the articles, or what people said of "
        "them, have changed, or the words were read beside the topic before them. Null where the two cannot be "
        "compared, as for words that were read as several questions, or that an agent answered"
    )
