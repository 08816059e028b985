"""What a batch of customers' messages works on: the senders as the store knows them, and drafts of new rows.

Drafts refer to each other as objects; `writer.write` takes row numbers for all of them first, so that every table
is filled by one executemany.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from crm_store.case_states import OwnCases
from crm_store.lifecycle import Status
from crm_store.needs import Need
from crm_store.unserved import Why

Address = tuple[str, str]
"""(channel, address on it)"""


@dataclass(slots=True)
class Held:
    """A conversation as a batch sees and changes it."""

    status: Status
    language: str
    memory: dict[str, Any] = field(default_factory=dict)
    id: int = 0
    agent_id: int | None = None
    queued_at: datetime | None = None
    handoff_reason: str | None = None
    last_message_at: datetime | None = None
    resolved_at: datetime | None = None
    team: str | None = None
    away_told_at: datetime | None = None
    served_at: datetime | None = None
    """When a person took it, or wrote, last; None where none has it."""
    is_new: bool = False
    identity_id: int = 0
    """At whose address it stood when it was read."""


@dataclass(slots=True)
class OpenRequest:
    """A rating request that may still be answered."""

    id: int
    conversation_id: int
    state: str
    expires_at: datetime
    given: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Person:
    """A sender: their identity, their customer, and what is open with them."""

    channel: str
    address: str
    display_name: str | None = None
    username: str | None = None
    language: str | None = None
    """What their platform says."""
    chosen_language: str | None = None
    is_reachable: bool = True
    identity_id: int = 0
    customer_id: int = 0
    banned_at: datetime | None = None
    """Since when nothing they write is answered, nor kept unless they are shadow-banned."""
    is_shadow_banned: bool | None = None
    unchecked_since: datetime | None = None
    """Since when they owe the press of a button (first contact)."""
    conversation: Held | None = None
    last_resolved: Held | None = None
    closed_waiting: Held | None = None
    """Of who has none open: the one that was closed with many a moment ago while they waited for a person in it."""
    request: OpenRequest | None = None
    is_new: bool = False
    secret_hash: str | None = None
    lane: str = field(init=False)
    """Where their messages leave, in order."""

    def __post_init__(self) -> None:
        self.lane = f"{self.channel}:{self.address}"


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A customer's link (see `customer_links`) that still works."""

    id: int
    customer_id: int
    language: str | None
    """The one the customer chose."""


@dataclass(frozen=True, slots=True)
class Known:
    """One of our messages that a customer pressed a button of, or one of theirs they edited."""

    id: int
    conversation_id: int
    lane: str | None
    text: str
    intent: dict[str, Any] | None
    article_key: str | None
    settled_at: datetime | None
    created_at: datetime
    reply_to_id: int | None
    kind: str
    attachment: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Edit:
    """A customer's message as it was, and as it is now: other words, what is meant beyond them, another file."""

    known: Known
    new: Known


@dataclass(slots=True)
class MessageDraft:
    """A message to be written."""

    person: Person
    conversation: Held
    author: str
    text: str
    kind: str = "text"
    intent: dict[str, Any] | None = None
    attachment: dict[str, Any] | None = None
    article_key: str | None = None
    article_language: str = ""
    """Not kept with it but in what an answer means (`intent`)."""
    confidence: float | None = None
    decision: str | None = None
    platform_id: str | None = None
    reply_to: "MessageDraft | int | None" = None
    outgoing: bool = False
    answers: str = ""
    """The customer's words that it answers, all of them; not kept with it."""
    id: int = 0


class ForStaff(NamedTuple):
    """A post to the staff's chats, about a message or none."""

    person: Person
    held: Held
    kind: str
    draft: MessageDraft | None = None
    text: str = ""


@dataclass(slots=True)
class Batch:
    """What one batch does to the store."""

    now: datetime
    people: dict[Address, Person] = field(default_factory=dict)
    known: dict[int, Known] = field(default_factory=dict)
    last_said: dict[int, Known] = field(default_factory=dict)
    """What was said last to who may have typed what a button says, by conversation."""
    cases: dict[int, OwnCases] = field(default_factory=dict)
    """Of who names a case or asks about one, by customer."""
    stored: dict[tuple[str, str], Known] = field(default_factory=dict)
    """Messages of customers by (lane, platform id), as far as they were asked for."""
    seen: set[tuple[str, str]] = field(default_factory=set)
    new_seen: list[tuple[str, str]] = field(default_factory=list)
    touched: dict[Address, Person] = field(default_factory=dict)
    conversations: list[tuple[Person, Held]] = field(default_factory=list)
    dirty: dict[int, Held] = field(default_factory=dict)
    messages: list[MessageDraft] = field(default_factory=list)
    changes: list[tuple[Held, dict[str, Any]]] = field(default_factory=list)
    handoffs: list[tuple[Held, str]] = field(default_factory=list)
    needs: list[tuple[Held, Need | None]] = field(default_factory=list)
    """Which skill is needed where something is handed over."""
    handoffs_cancelled: list[Held] = field(default_factory=list)
    reopened: list[Held] = field(default_factory=list)
    """Closed conversations whose customers wait in them again."""
    settled: list[int] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    feedback: list[tuple[Person, dict[str, Any]]] = field(default_factory=list)
    gaps: list[tuple[Held, MessageDraft | int | None, dict[str, Any]]] = field(default_factory=list)
    gaps_answered: list[tuple[int, str]] = field(default_factory=list)
    """Questions, by message and words, that got a list from which something was chosen."""
    labels: list[tuple[Person, Held, dict[str, Any]]] = field(default_factory=list)
    """What was said of articles and questions (see `question_labels`)."""
    wishes: list[tuple[Person, Held]] = field(default_factory=list)
    """Who wants to hear when there is an answer to what they asked last in that conversation."""
    unwished: list[Person] = field(default_factory=list)
    """Who wants to hear of no answer any more."""
    ratings: list[dict[str, Any]] = field(default_factory=list)
    requests: dict[int, dict[str, Any]] = field(default_factory=dict)
    given: dict[int, datetime] = field(default_factory=dict)
    """When to look at what was given to a rating request."""
    timers: list[tuple[str, Held, datetime]] = field(default_factory=list)
    desk_posts: list[ForStaff] = field(default_factory=list)
    edit_posts: list[tuple[Person, Held, int]] = field(default_factory=list)
    """Messages the staff see that their customers have edited."""
    languages: list[tuple[Person, str]] = field(default_factory=list)
    """Who chose which language."""
    checked: list[Person] = field(default_factory=list)
    """Who has pressed the button that strangers are asked to press."""
    phones: list[tuple[Person, str]] = field(default_factory=list)
    """Who shared which number as their own, as `customer_fields` cleans it."""
    placed: list[tuple[MessageDraft, Callable[[int, Why], str]]] = field(default_factory=list)
    """Messages that are to tell a place in the queue, which is known once that is ordered, and the words for it."""
    busy_lanes: set[str] = field(default_factory=set)
    """Lanes of these people where something is still to be sent."""
    links: dict[str, OpenLink] = field(default_factory=dict)
    """By the hash of the token; a link leaves when it is used."""
    used_links: list[tuple[OpenLink, Person]] = field(default_factory=list)
    starts: list[tuple[Held, str]] = field(default_factory=list)
    """Payloads of /start that are no links."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """What may be sent as soon as it is committed: so many messages by channel, no channel with none."""

    places: Mapping[str, int] = field(default_factory=dict)
    process: int | None = None
    """Who sends them, where there may be several processes."""


NOTHING_AT_ONCE = Outlet()


@dataclass(frozen=True, slots=True)
class Question:
    """What a batch of inbound messages needs to know."""

    updates: list[Address]
    """(source, update id) of each."""
    addresses: set[Address]
    pressed: list[int]
    """Messages whose buttons were pressed."""
    stored: set[Address]
    """(lane, platform id) of what was edited, or may have been before it came."""
    foretold: Mapping[Address, Address] = field(default_factory=dict)
    """The same of what was edited before it came if this (source, mark) stands among the seen updates."""
    typed: set[Address] = field(default_factory=set)
    """Who may have typed what a button says."""
    of_cases: set[Address] = field(default_factory=set)
    """Who names a case or asks about one."""
    case_numbers: set[str] = field(default_factory=set)
    """What they name."""
    link_hashes: set[str] = field(default_factory=set)
    """Hashes of the tokens of links that were opened."""
