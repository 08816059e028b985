"""What a failed call means for the message: one table from the library's errors to outcomes."""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.channels.base import DeliveryFailed, Outcome
from bot.channels.telegram.transport import NotSent, ServerAway
from crm_store.engine import is_outage

_OUTCOMES: tuple[tuple[type[TelegramError], Outcome], ...] = (
    # The first that fits; BadRequest and NotSent are NetworkErrors to the library.
    (RetryAfter, Outcome.NOT_SENT),
    (NotSent, Outcome.NOT_SENT),
    (ServerAway, Outcome.NOT_SENT),
    (Conflict, Outcome.NOT_SENT),
    (InvalidToken, Outcome.NOT_SENT),
    (Forbidden, Outcome.UNREACHABLE),
    (ChatMigrated, Outcome.REFUSED),
    (BadRequest, Outcome.REFUSED),
    # A time-out, a lost connection, a 504: the message may well have been delivered.
    (NetworkError, Outcome.AMBIGUOUS),
)
_GONE = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated", "chat_id_invalid")
TOPIC_GONE = ("message thread not found", "topic_deleted", "topic_id_invalid")
TOPIC_CLOSED = "topic_closed"
EDIT_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
UNFORMATTABLE = ("can't parse entities", "entity_", "entities_too_long")
NO_PHOTO = ("photo_", "image_process_failed")
"""Such as PHOTO_INVALID_DIMENSIONS: it may still go as a file."""
UNCHANGED = "message is not modified"


def says(error: TelegramError, *reasons: str) -> bool:
    """Whether the refusal gives one of these reasons; the server and the library differ in their capitals."""
    told = str(error).casefold()
    return any(reason in told for reason in reasons)


def delivery_failed(error: TelegramError) -> DeliveryFailed:
    """The error in delivery's own terms."""
    outcome = next((is_so for kind, is_so in _OUTCOMES if isinstance(error, kind)), Outcome.AMBIGUOUS)
    if isinstance(error, BadRequest) and says(error, *_GONE):
        outcome = Outcome.UNREACHABLE
    return DeliveryFailed(outcome, str(error)[:200], retry_after=retry_after(error))


def is_ours(error: BaseException) -> bool:
    """Whether neither the platform nor the store is to blame: the same work would fail again."""
    return not isinstance(error, TelegramError) and not is_outage(error)


def retry_after(error: TelegramError) -> timedelta | None:
    """How long the platform wants to be left alone."""
    if not isinstance(error, RetryAfter):
        return None
    wait = error.retry_after
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
