"""The only place of the bot that reads the clock; everything else is given the time."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present as an aware UTC time."""


def system_clock() -> datetime:
    """The present."""
    return datetime.now(UTC)
