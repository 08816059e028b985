"""How honest the bot's confidence is, as the index in force knows it."""

from typing import Self

from pydantic import Field

from admin_api.schemas.base import Shown
from knowledge_base.calibration import LITTLE_EVIDENCE, Caveat
from knowledge_base.curves import Bin, Point
from knowledge_base.shelf import Shelf
from knowledge_base.text import Script


class BinShown(Shown):
    """Phrasings of like confidence: its mean, the share that was right with its 90 % interval, how many they are."""

    confidence: float
    right: float
    low: float
    high: float
    count: int


class PointShown(Shown):
    """With the threshold at `confidence`, the share answered, and of these wrong."""

    confidence: float
    answered: float
    wrong: float


class ShelfConfidence(Shown):
    """One script's part of the knowledge base: what was promised, and the evidence for it."""

    script: Script = Field(description="alphabetic, or cjk (Chinese, Japanese, Korean)")
    articles: int
    budget: float = Field(description="Share of answers that may be wrong")
    answer_at: float = Field(description="Confidence an answer needs; it rises while traffic is strange")
    wrong: float = Field(description="Share of answers expected to be wrong")
    wrong_low: float
    wrong_high: float
    answered: float = Field(description="Share of the questions expected to be answered alone")
    evidence_count: int = Field(
        description="Phrasings held out and asked; 0: other knowledge bases' experience"
    )
    learned_from_log: int = Field(
        description="Questions of customers, read by nobody, that made it better; 0: none did"
    )
    caveats: list[Caveat] = Field(
        description=f"little_evidence: fewer than {LITTLE_EVIDENCE} phrasings were held out, so the interval rests on "
        "other knowledge bases' experience; over_budget: more is expected to be wrong than the budget allows"
    )
    reliability: list[BinShown]
    risk: list[PointShown]

    @classmethod
    def of(cls, script: Script, shelf: Shelf) -> Self:
        """The shelf's calibration."""
        calibration = shelf.calibration
        promise, curves = calibration.promise, calibration.curves
        return cls(
            script=script,
            articles=len(shelf.keys),
            budget=promise.budget,
            answer_at=calibration.answer_at,
            wrong=promise.wrong,
            wrong_low=promise.wrong_low,
            wrong_high=promise.wrong_high,
            answered=promise.answered,
            evidence_count=promise.evidence_count,
            learned_from_log=shelf.learned_from_log,
            caveats=list(promise.caveats),
            reliability=[_bin(each) for each in curves.reliability],
            risk=[_point(each) for each in curves.risk],
        )


class ConfidenceShown(Shown):
    """Every script that any article is written in."""

    items: list[ShelfConfidence]


def _bin(each: Bin) -> BinShown:
    return BinShown(
        confidence=each.confidence, right=each.right, low=each.low, high=each.high, count=each.count
    )


def _point(each: Point) -> PointShown:
    return PointShown(confidence=each.confidence, answered=each.answered, wrong=each.wrong)
