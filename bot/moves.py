"""What all events and effects (events.py) are, and those about cases. Values only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Something a customer did, understood."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Something the shell does in the store."""


@dataclass(frozen=True, slots=True)
class AskedCase(Event):
    """Named a case, or asked how far theirs is."""

    told: str
    """What there is to tell of it, in their language."""
    is_question: bool = True


@dataclass(frozen=True, slots=True)
class TellCase(Effect):
    """What there is to tell of a case, in the customer's language."""

    told: str
