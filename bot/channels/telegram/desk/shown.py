"""What the cards in a chat show, as far as this process drew them."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from crm_store.desk_cards import Card
from crm_store.queueing import Reason

Standing: TypeAlias = tuple[int | None, tuple[tuple[str, float | None], ...]]
MOST: Final = 2000
"""Cards remembered; the longest untouched are forgotten first."""
CHOOSING_S: Final = 60.0
"""So long an agent may look at the choices below a card before it is drawn anew for its place alone."""


class ShownCards:
    """By the card's message: its words, its buttons, and where in the queue it says the customer stands."""

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._choosing: dict[str, float] = {}
        self._cards: OrderedDict[str, tuple[str, dict[str, Any], Standing]] = OrderedDict()

    def note(self, card_id: str, card: Card, text: str, buttons: dict[str, Any]) -> None:
        """The card shows this."""
        self._cards[card_id] = (text, buttons, standing(card.place, card.why_next))
        self._cards.move_to_end(card_id)
        if len(self._cards) > MOST:
            self._cards.popitem(last=False)

    def forget(self, card_id: str) -> None:
        """It is unknown what the card shows."""
        self._cards.pop(card_id, None)

    def offers(self, card_id: str) -> None:
        """Somebody is offered choices in the place of its buttons."""
        now = self._steady()
        self._choosing = {one: until for one, until in self._choosing.items() if until > now}
        self._choosing[card_id] = now + CHOOSING_S
        self.forget(card_id)

    def offers_no_more(self, card_id: str) -> None:
        """Its buttons are back."""
        self._choosing.pop(card_id, None)
        self.forget(card_id)

    def is_offering(self, card_id: str) -> bool:
        """Whether somebody may be choosing there."""
        return self._choosing.get(card_id, 0.0) > self._steady()

    def clear(self) -> None:
        """It is unknown of every card."""
        self._cards.clear()

    def is_same(self, card_id: str, text: str, buttons: dict[str, Any]) -> bool:
        """Whether it shows just this."""
        return self._cards.get(card_id, ("", {}, None))[:2] == (text, buttons)

    def stands(self, card_id: str, where: Standing) -> bool:
        """Whether it says that its customer stands there."""
        return card_id in self._cards and self._cards[card_id][2] == where


def standing(place: int | None, why_next: Sequence[Reason]) -> Standing:
    """A place and what speaks for it, a wait in steps that double: a card is not drawn anew each minute."""
    return place, tuple((one.reason, _step(one)) for one in why_next)


def _step(reason: Reason) -> float | None:
    if reason.reason == "waiting" and reason.value is not None:
        return int(reason.value).bit_length()
    return reason.value
