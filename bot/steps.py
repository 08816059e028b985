"""A step of the dialogue: what it starts from, and what follows. Values only."""

from dataclasses import dataclass, field

from bot.events import Effect
from crm_store.lifecycle import Status


@dataclass(frozen=True, slots=True)
class Memory:
    """What the bot keeps in mind until somebody else holds the conversation."""

    misses: int = 0
    told_waiting: bool = False
    topic: str | None = None
    """The article answered last, which the next question may lean on."""
    language: str = ""
    """In which it was answered."""
    album: str | None = None
    """The album of which a part was answered already."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as the flow sees it."""

    status: Status
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from an event: the memory afterwards, and the effects in order."""

    memory: Memory
    effects: tuple[Effect, ...] = ()
