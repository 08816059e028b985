"""What the cards in a chat show, as far as this process drew them."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, NamedTuple

from bot.channels.telegram.desk.card import is_numbered
from crm_store.desk_cards import Card
from crm_store.desk_standing import WaitingCard
from crm_store.queueing import Reason

Json = dict[str, Any]


class Standing(NamedTuple):
    """What a card tells of the queue that changes while nothing happens to its own conversation."""

    place: int | None
    """None also for who stands further back than the card tells."""
    why: tuple[tuple[str, float | None], ...]
    meant_for: str | None
    meant_for_is_there: bool


MOST: Final = 2000
"""Cards remembered; the longest untouched are forgotten first."""
CHOOSING_S: Final = 60.0
"""So long an agent may look at the choices below a card before it is drawn anew for its place alone."""


class ShownCards:
    """By the card's message: its words, its buttons, and where in the queue it says the customer stands."""

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._choosing: dict[str, tuple[float, Json, Json]] = {}
        """Until when, the choices, and the buttons in whose place they stand."""
        self._cards: OrderedDict[str, tuple[str, Json, Standing]] = OrderedDict()
        self._below: OrderedDict[str, int] = OrderedDict()
        """Up to which message all was told right below a card."""

    def note(self, card_id: str, card: Card, text: str, buttons: Json) -> None:
        """The card shows this."""
        self._cards[card_id] = (text, buttons, standing(card))
        self._cards.move_to_end(card_id)
        if len(self._cards) > MOST:
            self._cards.popitem(last=False)

    def forget(self, card_id: str) -> None:
        """It is unknown what the card shows."""
        self._cards.pop(card_id, None)

    def tells_below(self, card_id: str, message_id: int) -> None:
        """All up to this message stands right below the card, where it is made anew."""
        self._below[card_id] = message_id
        if len(self._below) > MOST:
            self._below.popitem(last=False)

    def without_told(self, card_id: str, card: Card) -> Card:
        """The card without the last words that stand right below it."""
        below = self._below.get(card_id, 0)
        return replace(card, last_lines=tuple(one for one in card.last_lines if one.message_id > below))

    def offers(self, card_id: str, choices: Json, instead_of: Json) -> None:
        """Somebody is offered choices in the place of its buttons."""
        now = self._steady()
        self._choosing = {one: told for one, told in self._choosing.items() if told[0] > now}
        self._choosing[card_id] = (now + CHOOSING_S, choices, instead_of)
        self.forget(card_id)

    def offers_no_more(self, card_id: str) -> None:
        """Something was chosen, or its buttons are back."""
        self._choosing.pop(card_id, None)
        self.forget(card_id)

    def is_offering(self, card_id: str) -> bool:
        """Whether somebody may be choosing there."""
        return card_id in self._choosing and self._choosing[card_id][0] > self._steady()

    def choices(self, card_id: str, buttons: Json) -> Json | None:
        """What somebody may be choosing from there, while the card's buttons would be those it had before."""
        if not self.is_offering(card_id):
            return None
        _, choices, instead_of = self._choosing[card_id]
        return choices if buttons == instead_of else None

    def numbered(self) -> list[str]:
        """The cards that tell a number in the queue."""
        return [card_id for card_id, (_, _, told) in self._cards.items() if told.place is not None]

    def clear(self) -> None:
        """It is unknown of every card."""
        self._cards.clear()

    def is_same(self, card_id: str, text: str, buttons: Json) -> bool:
        """Whether it shows just this."""
        return self._cards.get(card_id, ("", {}, None))[:2] == (text, buttons)

    def stands(self, card_id: str, where: Standing) -> bool:
        """Whether it is known to tell just that."""
        return card_id in self._cards and self._cards[card_id][2] == where


def standing(one: Card | WaitingCard) -> Standing:
    """A place and what speaks for it, a wait in steps that double: a card is not drawn anew each minute."""
    meant = (one.meant_for, one.meant_for_is_there)
    if one.place is None or not is_numbered(one.place_here):
        return Standing(None, (), *meant)
    return Standing(
        one.place, tuple((f"{each.reason} {each.about or ''}", _step(each)) for each in one.why_next), *meant
    )


def _step(reason: Reason) -> float | None:
    if reason.reason in ("waiting", "skill") and reason.value is not None:
        return int(reason.value).bit_length()
    return reason.value
