"""What the knowledge base says about a text: matches, and what to do with them."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["answer", "suggest", "unknown"]
Reason = Literal[
    "no_articles",
    "nothing_known",
    "exact_in_several",
    "exact_phrasing",
    "unwanted",
    "confident",
    "near_phrasing",
    "not_believed",
    "possible",
    "too_unlike",
    "article_gone",
    "helped_too_few",
    "newly_published",
    "said_wrong",
]
"""Names of rules that decide; reasons.py tells them in words, the desk in its languages."""


@dataclass(frozen=True, slots=True)
class Match:
    """One article that may answer: raw `score`, calibrated `confidence` (0–1), and its nearest phrasing.

    `language` is that phrasing's, so that a key's variants in several languages can be told apart.
    """

    article_key: str
    score: float
    confidence: float
    phrasing: str
    language: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Answer with the first match, offer the matches as a list, or admit not knowing.

    `confidence` is that of the first match being right; `reason` names the rule that decided.
    """

    kind: Kind
    matches: tuple[Match, ...]
    confidence: float
    reason: Reason
