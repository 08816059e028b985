"""Amounts of money as people type them, read the same on the desk and in Telegram. Pure."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from crm_store.errors import InvalidValue

LARGEST = Decimal(10) ** 12
_CURRENCY = re.compile("[A-Z]{3}")
_THOUSANDS = re.compile("[1-9][0-9]{0,2},[0-9]{3}")
"""What somebody else reads as a whole number: 12,500 IQD is twelve thousand."""

_USUAL_DECIMALS = 2
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
DECIMALS: Mapping[str, int] = {
    code: n for n, codes in ((0, _NONE), (3, _THREE), (4, _FOUR)) for code in codes.split()
}
"""Currencies whose amounts have other than two decimals (ISO 4217, table A.1, "minor unit")."""


def decimals_of(currency: str | None) -> int:
    """How many decimals amounts of this currency have."""
    return DECIMALS.get(currency or "", _USUAL_DECIMALS)


def checked_amount(amount: Decimal, currency: str | None) -> Decimal:
    """The amount, if it can be paid in this currency; raises InvalidValue for nothing, and for parts of a cent."""
    if amount <= 0:
        raise InvalidValue("an amount is more than 0; leave it out where there is none", kind="amount_zero")
    decimals = decimals_of(currency)
    if amount != round(amount, decimals):
        named = currency or "an amount without a currency"
        told = f"{named} has {decimals} decimals; {amount.normalize():f} has more"
        raise InvalidValue(told, kind="amount_decimals", n=decimals, currency=currency or "–")
    return amount


def parse_amount(text: str, currency: str | None = None) -> Decimal:
    """12.50, 12,50, 1.234,50 or 1,234.50; raises InvalidValue, also for 1,234, which is two amounts to two people.

    With the currency's decimals where those are more: 12.500 KWD, written with a point as it is shown.
    """
    bare = re.sub(r"\s", "", text)
    with_point, with_comma = _ways(decimals_of(currency))
    if with_point.fullmatch(bare):
        found = Decimal(bare.replace(",", ""))
    elif with_comma.fullmatch(bare) and not _THOUSANDS.fullmatch(bare):
        found = Decimal(bare.replace(".", "").replace(",", "."))
    else:
        raise InvalidValue(f"'{text[:40]}' is no amount; write it like 1234.50")
    if found > LARGEST:
        raise InvalidValue(f"'{text[:40]}' is too large an amount")
    return found


@cache
def _ways(decimals: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """An amount with a decimal point, and one with a comma; up to two digits after it, or all that there may be."""
    part = "[0-9]{1,2}" if decimals <= _USUAL_DECIMALS else f"(?:[0-9]{{1,2}}|[0-9]{{{decimals}}})"
    with_point = rf"[0-9]{{1,3}}(?:,[0-9]{{3}})+\.{part}|[0-9]+(?:\.{part})?"
    with_comma = rf"[0-9]{{1,3}}(?:\.[0-9]{{3}})+,{part}|[0-9]+,{part}"
    return re.compile(with_point), re.compile(with_comma)


def parse_currency(text: str) -> str:
    """The three letters of a currency, as EUR; raises InvalidValue."""
    code = text.strip().upper()
    if not _CURRENCY.fullmatch(code):
        raise InvalidValue(f"'{text[:40]}' is no currency; write its three letters, like EUR")
    return code


def typed(amount: Decimal | None, currency: str | None = None) -> str:
    """The amount as somebody would type it: the currency's decimals, more where it has more; nothing for None."""
    if amount is None:
        return ""
    digits = -int(amount.normalize().as_tuple().exponent)
    return f"{amount:.{max(decimals_of(currency), digits)}f}"
