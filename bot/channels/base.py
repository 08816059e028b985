"""What every channel speaks: `Inbound` towards the house, `Outgoing` towards the customer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from bot.windows import Window


class Kind(StrEnum):
    """What a customer did on a channel."""

    TEXT = "text"
    EDITED = "edited"
    PRESSED = "button"
    PHOTO = "photo"
    FILE = "file"
    VOICE = "voice"
    VIDEO = "video"
    AUDIO = "audio"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    POLL = "poll"
    OTHER = "other"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button: the `index`-th choice of our message `message_id`; nothing in it is trusted."""

    message_id: int
    index: int


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing a customer did, whatever the channel.

    `source` and `update_id` together are unique for ever: a repeat of the pair is a no-op.
    """

    source: str
    update_id: str
    channel: str
    address: str
    kind: Kind
    text: str = ""
    press: Press | None = None
    attachment: dict[str, Any] | None = None
    platform_id: str | None = None
    reply_to_platform_id: str | None = None
    display_name: str | None = None
    username: str | None = None
    language: str | None = None
    """What the platform says of the sender; a choice made with us counts more."""
    marks: list[dict[str, Any]] | None = None
    """Formatting of `text`: {type, offset, length, url?, language?}, in UTF-16 units."""
    edited_kind: Kind | None = None
    """What an edited message is now; None where the edit is no message by itself."""
    is_late: bool = False
    """It was handed in after what came later, so its message may have been edited already."""
    secret_hash: str | None = field(default=None, repr=False)
    """SHA-256 of what the sender proves their address with; kept with an address that is new."""

    @property
    def lane(self) -> str:
        """channel:address, as message rows name it."""
        return f"{self.channel}:{self.address}"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message row, ready for a channel to draw."""

    message_id: int
    conversation_id: int
    channel: str
    address: str
    author: str
    text: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    """Labels of the buttons, in the order that `Press.index` counts."""
    question: str = ""
    """What the buttons ask ("Did this help?"), where the text itself does not."""
    is_rating: bool = False
    """The buttons are stars."""
    asks_phone: str = ""
    """The label of a button that shares the customer's phone number; drawn where the platform knows such buttons."""
    attachment: dict[str, Any] | None = None
    signed: str = ""
    """The name of the agent whose words they are; empty where customers are told none."""
    marks: tuple[dict[str, Any], ...] = ()
    """As in `Inbound`."""
    reply_to_platform_id: str | None = None
    reply_to_id: int | None = None
    """The row of the message that an agent answers."""
    created_at: datetime | None = None
    at_most_once: bool = False


class Outcome(StrEnum):
    """How a sending that failed, failed; delivery decides by this alone."""

    NOT_SENT = "not_sent"
    """Surely did not arrive: try again freely."""
    AMBIGUOUS = "ambiguous"
    """May have arrived: an answer is sent once more, a rating request never."""
    UNREACHABLE = "unreachable"
    """The customer blocked us or is gone."""
    REFUSED = "refused"
    """The platform will never take this message."""


class DeliveryFailed(Exception):
    """A channel could not send; `retry_after` is the platform's own wish."""

    def __init__(self, outcome: Outcome, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
        self.retry_after = retry_after


class CannotServe(Exception):
    """Something cannot be served as it is set up; the text says what to do."""


class Channel(Protocol):
    """A way to customers."""

    name: str

    async def send(self, outgoing: Outgoing) -> str | None:
        """Send, and give the platform's id of the message; raises DeliveryFailed."""
        ...


class Receiver(Protocol):
    """Who takes what customers do; returns once it is committed."""

    async def receive(self, inbounds: Sequence[Inbound]) -> None:
        """Take these in order; on return their effects (or their parking) are committed."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """What a channel's platform allows; None is no limit."""

    overall_per_s: float | None = None
    per_chat_per_s: float | None = None
    per_group_per_min: float | None = None
    groups: frozenset[str] = field(default_factory=frozenset)
    shared: Window | None = field(default=None, compare=False)
    """The overall limit, where more than this channel counts towards it."""
    weigh: Callable[[Outgoing], int] | None = field(default=None, compare=False)
    """As how many messages the platform counts one of ours; without it each is one."""
