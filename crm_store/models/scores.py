"""Scores and segments as they were computed, with their as-of time."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.models.base import Base, Id


class ScoreRun(Base):
    """One computation over all customers."""

    __tablename__ = "score_run"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    as_of: Mapped[datetime] = mapped_column(index=True)
    window_days: Mapped[int]
    computed_at: Mapped[datetime]
    versions: Mapped[dict[str, Any]]
    """Formula name to its version."""
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What they were computed with: rules, the mean of each aspect, overall satisfaction."""
    segments: Mapped[list[Any] | None]
    """[{name, size, centroid}] when the run clustered."""


class CustomerScore(Base):
    """All scores of one customer in one run."""

    __tablename__ = "customer_score"
    __table_args__ = (Index("ix_customer_score_run_id_segment", "run_id", "segment"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("score_run.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    values: Mapped[dict[str, Any]]
    """{satisfaction, loyalty, value, spend, rfm, ...}: raw, index and inputs of each."""
    segment: Mapped[str | None] = mapped_column(String(64))
