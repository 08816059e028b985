"""What makes words of one conversation private, taken out before they become everybody's article. Pure.

Rules of thumb, made to take out too much rather than too little; a person reads the result before it is published.
"""

import re
from collections.abc import Iterable
from typing import Final

from crm_store import private_numbers, private_people, private_places
from crm_store.private_rules import may_match

GONE = "[…]"
RULES: Final = (
    *private_places.RULES,
    *private_numbers.ACCOUNTS,
    *private_people.RULES,
    *private_numbers.BARE,
)
"""What says what follows goes before bare numbers: a row is tried after the rows before it."""
_SHORTEST_NAME = {True: 2, False: 3}
"""By whether it is Chinese: shorter words are too often ordinary ones."""
_TWICE = re.compile(r"\[…\](?:\s*\[…\])+")
_GAPS = re.compile(r"(?:\s*\[…\][\s,，]*)+")


def without_private(text: str, names: Iterable[str | None] = (), *, mark: str = GONE) -> str:
    """The text with `mark` for e-mail addresses, numbers, links to orders, user names and these people's names."""
    for each in may_match(RULES, text):
        text = each.without(text, GONE, with_leads=mark == GONE)
    for name in sorted(_words_of(names), key=len, reverse=True):
        # A pattern for each person costs most of the time, and hardly anybody names themselves.
        if text.isascii() and name.isascii() and name.lower() not in text.lower():
            continue
        edge = "" if _is_chinese(name) else r"\b"
        flags = re.IGNORECASE if len(name) > _SHORTEST_NAME[False] else re.NOFLAG
        text = re.sub(rf"{edge}{re.escape(name)}{edge}", GONE, text, flags=flags)
    if mark == GONE:
        return _TWICE.sub(GONE, text).strip()
    return (
        re.sub(r"\s+([,.?!;:，。？！；：])", r"\1", _GAPS.sub(f" {mark} ", text))
        .strip(" ,，")
        .replace("  ", " ")
    )


def _words_of(names: Iterable[str | None]) -> set[str]:
    """Whole names and their parts; a short one without a capital is an ordinary word."""
    found: set[str] = set()
    for name in names:
        whole = (name or "").strip()
        found |= {word for word in (whole, *whole.split()) if _is_telling(word)}
    return found


def _is_telling(word: str) -> bool:
    shortest = _SHORTEST_NAME[_is_chinese(word)]
    return len(word) > shortest or (len(word) == shortest and (_is_chinese(word) or word[0].isupper()))


def _is_chinese(word: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in word)
