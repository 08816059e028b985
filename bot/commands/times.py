"""Times as people type them."""

from datetime import UTC, datetime

from bot.commands.shell import BAD_INPUT, fail


def moment(text: str) -> datetime:
    """An ISO date or time as aware UTC; a bare date is its first moment, as everywhere in the API."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fail(f"'{text}' is no date; write it like 2026-05-31 or 2026-05-31T12:00:00+00:00", BAD_INPUT)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
