"""Blanks in an answer that the customer's own facts fill: {order.status}, {customer.first_name|there}.

What stands after the bar is said when the fact is not known. Braces around anything else are ordinary text.
"""

import re
from collections.abc import Callable
from typing import Final

KNOWN: Final[dict[str, str]] = {
    "customer.first_name": "the first word of the customer's name",
    "customer.name": "the customer's name",
    "order.number": "the number of the order asked about",
    "order.status": "where that order stands",
    "order.tracking": "its tracking number or link",
    "order.placed_on": "the day it was placed",
    "refund.state": "where the newest return or refund stands",
    "refund.amount": "how much it is about",
}
ABOUT_CUSTOMER: Final = "customer."
ABOUT_ORDERS: Final = "order."
ABOUT_REFUNDS: Final = "refund."
_BLANK: Final = re.compile(r"\{([a-z_]+\.[a-z_]+)(?:\|([^{}\n]{0,200}))?\}")


def names_in(answer: str) -> frozenset[str]:
    """The names of all blanks in the answer, known or not."""
    return frozenset(found[1] for found in _BLANK.finditer(answer)) if "{" in answer else frozenset()


def faults_in(answer: str) -> list[str]:
    """A sentence for each blank nobody can fill, saying what to do."""
    known = ", ".join(f"{{{name}}}" for name in KNOWN)
    return [
        f"The blank {{{name}}} in the answer is unknown: correct it or remove it. There are {known}; "
        "after a bar stands what is said when it is not known, such as {customer.first_name|there}."
        for name in sorted(names_in(answer) - KNOWN.keys())
    ]


def filled(answer: str, fact: Callable[[str], str], otherwise: str) -> str:
    """The answer with its blanks filled: by the fact, else by what stands after the bar, else by `otherwise`."""

    def fill(found: re.Match[str]) -> str:
        default = found[2]
        return fact(found[1]) or (otherwise if default is None else default)

    return _BLANK.sub(fill, answer)


def lacking(answer: str, fact: Callable[[str], str]) -> tuple[str, ...]:
    """The blanks that nothing fills: their facts are not known, and nothing stands after a bar; each once, in order."""
    blanks = _BLANK.finditer(answer) if "{" in answer else ()
    return tuple(dict.fromkeys(found[1] for found in blanks if found[2] is None and not fact(found[1])))


def without_blanks(answer: str) -> str:
    """The answer with nothing where its blanks are."""
    return _BLANK.sub(" ", answer) if "{" in answer else answer
