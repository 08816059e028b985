"""What small talk is answered with: one short sentence, by the kinds of phrases that were said. Pure."""

from typing import Final

_REPLIES: Final[tuple[tuple[frozenset[str], str], ...]] = (
    # when all of these were said    this is the reply; the first that fits
    (frozenset({"how_are_you"}), "i_am_well"),
    (frozenset({"thanks", "farewell"}), "welcome_and_goodbye"),
    (frozenset({"farewell"}), "goodbye"),
    (frozenset({"thanks"}), "you_are_welcome"),
    (frozenset({"greeting"}), "greeting"),
    (frozenset({"sorry"}), "no_problem"),
    (frozenset({"praise"}), "glad_it_helped"),
    (frozenset({"yes"}), "go_ahead"),
    (frozenset({"laugh"}), "smile"),
    (frozenset(), "all_right"),
)
ASKING: Final = frozenset({"i_am_well", "greeting", "go_ahead"})
"""Replies that ask what the customer would like."""


def reply_to(kinds: frozenset[str], *, is_beginning: bool) -> str:
    """The sentence that answers it; who says hello and thank you at the beginning has not got anything yet."""
    if is_beginning and kinds >= {"greeting", "thanks"} and "farewell" not in kinds:
        return "greeting"
    return next(key for said, key in _REPLIES if said <= kinds)
