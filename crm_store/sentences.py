"""What the house says by itself: the store keeps which sentence is meant, the bot and the desk word it."""

from enum import StrEnum
from typing import Any

from crm_store.models.staff import Agent


class Sentence(StrEnum):
    """Every sentence that the store has said, to a customer or in a note; each has words wherever it is shown."""

    PERSON_JOINED = "person_joined"
    KEPT_FOR = "kept_for"
    KEPT_FOR_BUSY = "kept_for_busy"
    RESOLVED = "resolved"
    PASSED_ON = "passed_on"
    BACK_IN_QUEUE = "back_in_queue"
    OPEN_AGAIN = "open_again"
    STILL_WAITING = "still_waiting"
    CLOSED_IDLE = "closed_idle"
    BANNED = "banned"
    BANNED_UNTIL = "banned_until"
    ASK_RATING = "ask_rating"
    RATING_REMINDER = "rating_reminder"
    MERGED_IN = "merged_in"
    MERGE_UNDONE = "merge_undone"
    WRITES_FROM = "writes_from"


OF_AN_AGENT = (Sentence.PERSON_JOINED, Sentence.KEPT_FOR, Sentence.KEPT_FOR_BUSY, Sentence.RESOLVED)
"""These name an agent, and are said otherwise of one whose name customers are not told."""
UNNAMED = "_unnamed"


def every_sentence() -> tuple[str, ...]:
    """All that may stand in a message's intent, those of unnamed agents too."""
    return (*Sentence, *(f"{one}{UNNAMED}" for one in OF_AN_AGENT))


def meant(key: Sentence, **params: str) -> dict[str, Any]:
    """The intent of a message that says this."""
    return {"say": key.value, "params": params}


def system_intent(key: Sentence, agent: Agent | None) -> dict[str, Any]:
    """What a sentence of OF_AN_AGENT means; the bot words it in the customer's language when it is sent."""
    if agent is None or agent.public_name is None:
        return {"say": f"{key}{UNNAMED}", "params": {}}
    return meant(key, agent=agent.public_name)
