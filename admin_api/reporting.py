"""Figures from a report's rows: shares, and times people waited. Pure."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import ceil
from statistics import median

from admin_api.schemas.reports import RatingsReport, Times
from admin_api.scoring.satisfaction import SATISFIED_FROM
from crm_store.reports import RatedResolution


def share(part: int, whole: int) -> float | None:
    """Of 1; None where there is nothing to have a share of."""
    return part / whole if whole else None


def times(spans: Iterable[timedelta]) -> Times:
    """Median, and the time nine of ten stayed within (nearest rank)."""
    seconds = sorted(span.total_seconds() for span in spans)
    if not seconds:
        return Times(measured=0, median=None, p90=None)
    return Times(measured=len(seconds), median=median(seconds), p90=seconds[ceil(0.9 * len(seconds)) - 1])


def rated(asked: int, found: Sequence[RatedResolution], satisfaction: float | None) -> RatingsReport:
    """CSAT beside the satisfaction; the tolerance keeps a mean of exactly four stars satisfied."""
    satisfied = sum(one.mean >= SATISFIED_FROM - 1e-9 for one in found)
    return RatingsReport(
        asked=asked,
        rated=len(found),
        response_rate=share(len(found), asked),
        csat=share(satisfied, len(found)),
        satisfaction=satisfaction,
    )
