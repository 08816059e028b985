"""The fields of an order file, pure: a field's text in, its value out, or Unusable with the reason."""

import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from crm_store.models.base import MONEY_UNIT

_LARGEST = 10_000_000
"""Of a quantity and of a price: their product still fits a 64-bit number of ten-thousandths."""
_MAX_CHARS = 64
_MAX_CUSTOMER_CHARS = 128
_MAX_TEXT_CHARS = 256
_US_TIME = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2,4}) (\d{1,2}):(\d{2})(?::(\d{2}))?")


class Reason(StrEnum):
    """Why a line could not be used."""

    FIELDS = "the number of fields differs from the header's"
    NO_CUSTOMER = "no customer"
    NO_NUMBER = "no order number"
    ACCOUNTING = "an accounting entry (number A...), neither purchase nor return"
    QUANTITY = "the quantity is not a whole number other than 0"
    PRICE = "the price is not a number of 0 or more"
    AMOUNT = "the amount is not a number"
    DATE = "the date is not like 2011-12-09 12:50 or 12/9/2011 12:50 (month first)"
    CURRENCY = "the currency is not three letters"
    TOO_LONG = "the number, customer, stock code or status is too long"
    CONTROL = "a control character"
    OTHER_CUSTOMER = "the order belongs to another customer"
    TWICE = "the order is in the file twice; the first one counts"


class Unusable(Exception):
    """A field that cannot be used."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason


def short_text(text: str, most: int = _MAX_CHARS) -> str:
    """A short printable text."""
    text = text.strip()
    if len(text) > most:
        raise Unusable(Reason.TOO_LONG)
    if not text.isprintable():
        raise Unusable(Reason.CONTROL)
    return text


def free_text(text: str) -> str | None:
    """Free text, cut to what the store keeps."""
    return text.strip().replace("\0", "")[:_MAX_TEXT_CHARS] or None


def order_number(text: str) -> str:
    """The order's number."""
    number = short_text(text)
    if not number:
        raise Unusable(Reason.NO_NUMBER)
    return number


@lru_cache(4_096)
def customer_id(text: str) -> str:
    """The customer's external id."""
    # Spreadsheets write a column of whole numbers with gaps as 17850.0.
    customer = re.sub(r"(?<=\d)\.0$", "", short_text(text, _MAX_CUSTOMER_CHARS))
    if not customer:
        raise Unusable(Reason.NO_CUSTOMER)
    return customer


@lru_cache(4_096)
def quantity(text: str) -> int:
    """A whole number other than 0."""
    number = _decimal(text, Reason.QUANTITY)
    whole = int(number)
    if whole == 0 or whole != number:
        raise Unusable(Reason.QUANTITY)
    return whole


def _decimal(text: str, reason: Reason) -> Decimal:
    """The number, rounded to what the store keeps."""
    try:
        number = Decimal(text.strip())
        if abs(number) > _LARGEST:
            raise Unusable(reason)
        return number.quantize(Decimal(1) / MONEY_UNIT)
    except ArithmeticError:  # no number, not a number (it cannot be compared), or out of all bounds
        raise Unusable(reason) from None


@lru_cache(4_096)
def price(text: str) -> Decimal:
    """An amount of 0 or more."""
    found = _decimal(text, Reason.PRICE)
    if found < 0:
        raise Unusable(Reason.PRICE)
    return found


def amount(text: str) -> Decimal:
    """An amount, negative for a return."""
    return _decimal(text, Reason.AMOUNT)


def status(text: str) -> str:
    """The word for the state of an order; empty where none is given."""
    return short_text(text, 32).lower()


@lru_cache(64)
def currency(text: str, default: str) -> str:
    """The three letters, or the default."""
    code = text.strip().upper() or default
    if not re.fullmatch("[A-Z]{3}", code):
        raise Unusable(Reason.CURRENCY)
    return code


@lru_cache(4_096)
def time_of(text: str, zone: tzinfo) -> datetime:
    """The moment in UTC."""
    try:
        if american := _US_TIME.fullmatch(text.strip()):
            month, day, year, hour, minute, second = (int(part or 0) for part in american.groups())
            moment = datetime(
                year + 2000 if year < 100 else year, month, day, hour, minute, second, tzinfo=zone
            )
        else:
            moment = datetime.fromisoformat(text.strip())
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unusable(Reason.DATE) from None
