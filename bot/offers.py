"""Articles that may answer, which part of a message each is for, and the buttons that offer. Values only."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that may answer."""

    article_key: str
    question: str
    score: float
    confidence: float
    language: str = ""
    """The article's."""


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a message, and an article that may answer it."""

    text: str
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Doubt:
    """One question of a message that is not answered, with the articles that may answer it, if any."""

    text: str
    candidates: tuple[Candidate, ...] = ()
    read_as: str = ""
    """The words it is understood by, where its own lean on others of the message."""

    @property
    def asked(self) -> str:
        """The words that say what is asked."""
        return self.read_as or self.text


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: the text's key (or the label itself) and what pressing it means."""

    label: str
    action: dict[str, Any]
    literal: bool = False
