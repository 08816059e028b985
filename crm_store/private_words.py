"""What makes words of one conversation private, taken out before they become everybody's article. Pure.

Rules of thumb, made to take out too much rather than too little; a person reads the result before it is published.
"""

import re
from collections.abc import Iterable

from crm_store.masking import MASK

GONE = "[…]"

_NAME_EN = r"[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2}"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+",  # an e-mail address
        r"https?://\S*\d{4,}\S*",  # a link with a number in it: a parcel's, an order's
        r"(?<!\w)@\w{4,32}",  # a user name
        r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?!\w)",  # IBAN (ISO 13616)
        r"(?<!\w)(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9-]{8,}(?!\w)",  # tracking numbers
        r"\+\d[\d ()/.\-]{6,}\d",  # a telephone number with its country
        rf"[\d{MASK}][\d{MASK} \-]{{6,}}[\d{MASK}]",  # cards, telephone numbers
        r"(?i)(?<!\w)#?(?:[a-z]{1,5}[-_]?)?\d{4,}(?:[-_/]\w+)*(?!\w)",  # orders, tickets, years
        r"(?<!\w)#\d+",
    )
)
_SAID_NAMES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<=[Mm]y name is ){_NAME_EN}",
        rf"(?<=[Tt]his is ){_NAME_EN}",
        rf"(?:(?<=\bDear )|(?<=\bHi )|(?<=\bHello )|(?<=\bMr\. )|(?<=\bMrs\. )|(?<=\bMs\. )|(?<=\bMr )|(?<=\bMs ))"
        rf"(?!There\b|Sir\b|Madam\b|Again\b|Team\b){_NAME_EN}",
        r"(?<=我叫)[\u4e00-\u9fff]{2,4}|(?<=我是)[\u4e00-\u9fff]{2,3}(?=[，,。])",
        r"[\u4e00-\u9fff]{1,3}(?=先生|女士|小姐)",
    )
)
_SHORTEST_NAME = {True: 2, False: 3}
"""By whether it is Chinese: shorter words are too often ordinary ones."""
_GAPS = re.compile(r"(?:\s*\[…\][\s,，]*)+")


def without_private(text: str, names: Iterable[str | None] = (), *, mark: str = GONE) -> str:
    """The text with `mark` for e-mail addresses, numbers, links to orders, user names and these people's names."""
    for pattern in (*_PATTERNS, *_SAID_NAMES):
        text = pattern.sub(GONE, text)
    for name in sorted(_words_of(names), key=len, reverse=True):
        # A pattern for each person costs most of the time, and hardly anybody names themselves.
        if text.isascii() and name.isascii() and name.lower() not in text.lower():
            continue
        edge = "" if _is_chinese(name) else r"\b"
        flags = re.IGNORECASE if len(name) > _SHORTEST_NAME[False] else re.NOFLAG
        text = re.sub(rf"{edge}{re.escape(name)}{edge}", GONE, text, flags=flags)
    if mark == GONE:
        return text.strip()
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
