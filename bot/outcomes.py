"""What becomes of a message that could not be sent, by how it failed. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.channels.base import DeliveryFailed, Outcome
from crm_store.outbox import LONGEST_WAIT, Claimed, Unsent

GIVE_UP_AFTER = timedelta(hours=24)
"""An answer that could not leave for so long is no longer wanted."""
GIVE_UP_TRIES = 3
"""... if it was tried so often: a clock that is a day ahead gives nothing up by itself."""

OUTCOMES: dict[tuple[Outcome, bool], str] = {
    # (how it failed, at most once) -> the message's next state; 'pending' is tried again
    (Outcome.NOT_SENT, False): "pending",
    (Outcome.NOT_SENT, True): "pending",
    (Outcome.AMBIGUOUS, False): "pending",  # once; see state_after
    (Outcome.AMBIGUOUS, True): "ambiguous",
    (Outcome.UNREACHABLE, False): "dead",
    (Outcome.UNREACHABLE, True): "dead",
    (Outcome.REFUSED, False): "dead",
    (Outcome.REFUSED, True): "dead",
}


def state_after(message: Claimed, outcome: Outcome, age: timedelta) -> str:
    """The table's word; but what is ambiguous a second time stays so, and nothing is tried for ever."""
    if outcome is Outcome.AMBIGUOUS and message.doubted_at is not None:
        return "ambiguous"
    state = OUTCOMES[outcome, message.at_most_once]
    is_too_old = age > GIVE_UP_AFTER and message.attempts >= GIVE_UP_TRIES
    return "dead" if state == "pending" and is_too_old else state


def failed(message: Claimed, failure: DeliveryFailed, wait: timedelta, now: datetime) -> Unsent:
    """What is written down of a sending that failed; `wait` is how long it rests before a new try."""
    state = state_after(message, failure.outcome, now - message.created_at)
    is_doubted = failure.outcome is Outcome.AMBIGUOUS and state == "pending"
    is_gone = failure.outcome is Outcome.UNREACHABLE
    return Unsent(
        message.id,
        state,
        failure.reason,
        message.attempts,
        retry_at=now + min(wait, LONGEST_WAIT) if state == "pending" else None,
        doubted_at=now if is_doubted else message.doubted_at,
        unreachable=(message.channel, message.address) if is_gone else None,
        claim=message.attempts,
    )


def put_back(message: Claimed, wait: timedelta, now: datetime) -> Unsent:
    """It never left, so this was no attempt."""
    return Unsent(
        message.id,
        "pending",
        "",
        message.attempts - 1,
        retry_at=now + min(wait, LONGEST_WAIT) if wait else None,
        doubted_at=message.doubted_at,
        claim=message.attempts,
    )


def wait_less(unsent: Unsent, by: timedelta, now: datetime) -> Unsent:
    """The same, planned by a clock that was set back by so much since."""
    if unsent.retry_at is None:
        return unsent
    return replace(unsent, retry_at=max(now, unsent.retry_at - by))
