"""Amounts of money as people type them, read the same on the desk and in Telegram. Pure."""

import re
from decimal import Decimal

from crm_store.errors import InvalidValue

LARGEST = Decimal(10) ** 12
_WITH_POINT = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]{1,2}|[0-9]+(?:\.[0-9]{1,2})?")
_WITH_COMMA = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]{1,2}|[0-9]+,[0-9]{1,2}")
_CURRENCY = re.compile("[A-Z]{3}")


def parse_amount(text: str) -> Decimal:
    """12.50, 12,50, 1.234,50 or 1,234.50; raises InvalidValue, also for 1,234, which is two amounts to two people."""
    bare = re.sub(r"\s", "", text)
    if _WITH_POINT.fullmatch(bare):
        found = Decimal(bare.replace(",", ""))
    elif _WITH_COMMA.fullmatch(bare):
        found = Decimal(bare.replace(".", "").replace(",", "."))
    else:
        raise InvalidValue(f"'{text[:40]}' is no amount; write it like 1234.50")
    if found > LARGEST:
        raise InvalidValue(f"'{text[:40]}' is too large an amount")
    return found


def parse_currency(text: str) -> str:
    """The three letters of a currency, as EUR; raises InvalidValue."""
    code = text.strip().upper()
    if not _CURRENCY.fullmatch(code):
        raise InvalidValue(f"'{text[:40]}' is no currency; write its three letters, like EUR")
    return code


def typed(amount: Decimal | None) -> str:
    """The amount as somebody would type it: two digits, more where it has more; nothing for None."""
    if amount is None:
        return ""
    digits = -int(amount.normalize().as_tuple().exponent)
    return f"{amount:.{max(2, digits)}f}"
