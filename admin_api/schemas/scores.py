"""Scores and segments."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from admin_api.schemas.base import Shown, Written

ScoreName = Literal["satisfaction", "loyalty", "value", "spend", "rfm", "segments", "statistics"]


class PreviewBody(Written):
    """Values to compute a score from, by the same code that scores customers."""

    score: str = Field(max_length=64, description="satisfaction, loyalty, value, spend, segments, ...")
    rows: list[list[float | None]] = Field(max_length=50_000, description="One list of numbers per customer")
    weights: list[float] | None = Field(None, max_length=1000)
    scale: str = Field("0-100", max_length=16, description="Of satisfaction: 0-100, or stars (1-5)")
    k: int | Literal["auto"] | None = Field(None, description="Number of segments")


class PreviewShown(Shown):
    """The score of each row, in the order given, and what belongs to all rows together."""

    model_config = ConfigDict(extra="allow")

    score: str


Values = dict[str, Any]
