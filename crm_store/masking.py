"""What must not be kept: card numbers, masked before a text is stored. Pure."""

import re

_DIGITS = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
KEPT = 4
"""The last digits stay, so that customer and agent can tell which card is meant (PCI DSS 3.4 allows it)."""


def mask(text: str) -> str:
    """The text with every card number reduced to its last four digits."""
    return _DIGITS.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found.group())
    if not is_card_number(digits):
        return found.group()
    return "•" * (len(digits) - KEPT) + digits[-KEPT:]


def is_card_number(digits: str) -> bool:
    """Whether the digits pass the Luhn check (ISO/IEC 7812-1, annex B) and are not one digit repeated."""
    doubled = [int(d) * (2 if n % 2 else 1) for n, d in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
