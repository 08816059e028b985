"""Ratings, and updates that were set aside."""

from datetime import datetime

from admin_api.paging import PageQuery
from admin_api.schemas.base import RowId, Shown


class RatingQuery(PageQuery):
    """Which ratings."""

    customer_id: RowId | None = None
    agent_id: RowId | None = None


class RatingShown(Shown):
    """One aspect's rating, 0-100, with the comment given beside it."""

    id: int
    customer_id: int
    conversation_id: int | None
    agent_id: int | None
    aspect: str
    score: float
    stars: float
    comment: str | None
    rated_at: datetime


class RatingRequestShown(Shown):
    """A request for stars; `agent_id` is whom they are about."""

    id: int
    conversation_id: int
    customer_id: int
    agent_id: int | None
    state: str
    asked_at: datetime
    expires_at: datetime


class ParkedShown(Shown):
    """An update whose handling failed. Its content may be personal and is not shown."""

    id: int
    source: str
    update_id: str
    error: str
    parked_at: datetime
    asked_at: datetime | None
    """When a replay was asked for that no running bot has taken up yet."""
