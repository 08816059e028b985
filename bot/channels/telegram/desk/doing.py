"""An agent does something with a conversation: whose it is, what an act is given, how it is refused."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.texts import find, render
from crm_store.models.conversations import Message
from crm_store.models.staff import Agent
from crm_store.session import Session
from crm_store.settings import StoreSettings


class Refused(Exception):
    """Nothing was done; `key` is the sentence that says why."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key, self.params = key, params

    def text(self, language: str, *, is_command: bool = False, **params: object) -> str:
        """Why, in words; a command has those of its own where others would speak of a message."""
        own = f"{self.key}_command"
        key = own if is_command and find(language, own) else self.key
        return render(language, key, **(self.params | params))


@dataclass(frozen=True, slots=True)
class Doing:
    """An agent does something with a conversation; `argument` is what a button or a command adds to its name."""

    session: Session
    conversation_id: int
    agent: Agent
    now: datetime
    settings: StoreSettings
    argument: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom the words are for."""

    customer_id: int
    conversation_id: int | None
    status: str | None = None
    channel: str | None = None
    answered: Message | None = None
    """What of this customer's is replied to."""


Action = Callable[[Doing], Awaitable[object]]
"""Its result is what the agent is told, where that is a text and not what the table below says."""
