"""The order numbers in a customer's words: those of their own orders, and those that are not. Pure.

Nothing is known here of anybody else's orders, so that what is said of a number tells nothing of them.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from bot.case_asked import case_numbers
from crm_store.own_facts import OwnOrder

MOST_CHARS: Final = 2000
"""No number is looked for behind these."""
_FORM = r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*"
_WORDS = re.compile(rf"(?<![A-Za-z0-9_•*@+:/.,€$£¥-])[#№]?({_FORM})(?![A-Za-z0-9_@•*:-]|[./,]\d)")
_ORDER = (
    r"\b(?:orders?|parcels?|packages?|shipments?|numbers?|bestellung|bestellnummer|auftrag|commande|pedido|ordine)|"
    r"订单|单号|包裹|快递|编号"
)
_BETWEEN = r"(?:\b(?:numbers?|no|nr|id|is|was|called|number\s+is)\b|[号是为的码]|[\s:：.#№\"“(（])"
_CUED = re.compile(rf"(?:{_ORDER}){_BETWEEN}{{0,12}}$", re.IGNORECASE)
_OTHER = re.compile(
    r"(?:phone|mobile|\btel\b|\bcall me|\bcard|电话|手机|卡号?)[^A-Za-z]{0,20}$|\+[\d ()-]{0,16}$|•[\s-]?$",
    re.IGNORECASE,
)
"""Before a telephone number, or what is left of a card's."""
_GLUED = re.compile(r"\b(orders?|number|no|nr)(?=\d)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{1,2}(?:-\d{1,2})?|\d{1,2}-\d{1,2}(?:-\d{2,4})?|1[3-9]\d{9}|(?:19|20)\d\d")
"""Dates, years, and mobile numbers as they are in China."""
_UNIT = (
    r"st|nd|rd|th|[xhgmlkd]|hrs?|hours?|min(?:ute)?s?|am|pm|days?|weeks?|months?|years?|kg|ml|cm|mm|km|eur|euros?|usd|"
    r"gbp|cny|rmb|dollars?|pounds?|yuan|pcs|pieces?|items?"
)
_AMOUNT = re.compile(rf"\d+(?:{_UNIT})", re.IGNORECASE)
_MEASURED = re.compile(rf"\s{{0,2}}(?:(?:{_UNIT})\b|[€$£¥%天日周个件月年元块点次楼栋室路])", re.IGNORECASE)
_ENDS = re.compile(r"\s*(?:$|[^\sA-Za-z])")
_ONLY = re.compile(
    rf"\W*(?:(?:it'?s|that'?s|it|that|this|is|was|my|the|for|about|and|order|number|no|nr|id)\b\W*|"
    rf"(?:订单|单号|编号|号码|我的|是|的|那|号)\W*)*({_FORM})\W*(?:呢\W*)?",
    re.IGNORECASE,
)
_SHORT: Final = 3
_FEWEST: Final = 4
"""Fewer digits, with nothing that says they are a number, count something."""
_MOST: Final = 12


def named(
    said: str, orders: Sequence[OwnOrder], chosen: str | None = None
) -> tuple[list[OwnOrder], tuple[str, ...]]:
    """The orders that are `chosen` or that the words name, and the numbers there that are none of these orders'."""
    if chosen is not None:
        own = [each for each in orders if each.number == chosen or _is(chosen, each, orders)]
        return own, () if own else (chosen,)
    plain = _plain(said[:MOST_CHARS])
    found = [match for match in _WORDS.finditer(plain) if any(map(str.isdigit, match[1]))]
    own = [
        each
        for each in orders
        if _stands_in(plain, each.number) or any(_is(match[1], each, orders) for match in found)
    ]
    shapes = {_shape(each.number) for each in orders} - {"9"}
    strange = [
        match[1]
        for match in found
        if not any(_is(match[1], each, orders) for each in own)
        and not case_numbers(match[1])
        and _is_number(plain, match, shapes)
    ]
    return own, tuple(dict.fromkeys(strange))


def only_number(said: str) -> str | None:
    """The order number that is all these words say; else None."""
    found = _ONLY.fullmatch(_plain(said.strip())) if len(said) <= 60 else None
    return found[1] if found and any(map(str.isdigit, found[1])) else None


def _plain(said: str) -> str:
    return _GLUED.sub(r"\1 ", unicodedata.normalize("NFKC", said))


def _is(token: str, order: OwnOrder, orders: Iterable[OwnOrder]) -> bool:
    """Whether this is the order's number, or its tracking number, or all the digits that tell it from the others."""
    bare, own = _bare(token), _bare(order.number)
    if bare == own or (len(bare) > _MOST // 2 and bare in _bare(order.tracking or "")):
        return True
    same = [each for each in orders if re.sub(r"\D", "", each.number) == bare]
    return len(bare) >= _SHORT and bare.isdigit() and [each.number for each in same] == [order.number]


def _is_number(said: str, match: "re.Match[str]", shapes: set[str]) -> bool:
    """Whether this word with digits is meant as the number of an order."""
    token, before = match[1], said[max(0, match.start() - 40) : match.start()]
    if match[0] != token:
        return True  # with a sign before it that says so
    if _AMOUNT.fullmatch(token) or (token.isdigit() and _MEASURED.match(said, match.end())):
        return False
    if _CUED.search(before):
        is_plain = token.isdigit() and len(token) < _SHORT
        return not is_plain or bool(_ENDS.match(said, match.end()))
    if _DATE.fullmatch(token) or _OTHER.search(before):
        return False
    digits = sum(map(str.isdigit, token))
    if token.isdigit():
        return _FEWEST <= digits <= _MOST
    looks_so = token[0].isalpha() and digits >= _SHORT and ("-" in token or token.isupper())
    return looks_so or _shape(token) in shapes


def _stands_in(said: str, number: str) -> bool:
    """Whether a number of any form stands in the words by itself."""
    form = rf"(?<![A-Za-z0-9_-]){re.escape(number)}(?![A-Za-z0-9_-])"
    return bool(re.search(form, said, re.IGNORECASE))


def _bare(number: str) -> str:
    return re.sub(r"[^a-z0-9]", "", number.casefold())


def _shape(number: str) -> str:
    """Runs of letters and of digits: A-100 and FD-2 are built alike."""
    return re.sub(r"\d+", "9", re.sub(r"[A-Za-z]+", "A", number))
