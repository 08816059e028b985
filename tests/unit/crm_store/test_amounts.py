"""Amounts of money as people type them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.amounts import DECIMALS, checked_amount, decimals_of, parse_amount, parse_currency, typed
from crm_store.errors import InvalidValue


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", "12"), ("12.5", "12.5"), ("12,50", "12.50"), ("1 234.50", "1234.50"), ("1234", "1234"),
        ("1,234.50", "1234.50"), ("1.234,50", "1234.50"), ("1.234.567,8", "1234567.8"), ("0", "0"),
    ],
)  # fmt: skip
def test_what_is_meant_is_read(text: str, amount: str) -> None:
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["", "-1", "1,234", "1.234", "1.234.567", "12.345", "1e3", "NaN", "12€", "1,23,4", "9" * 13, "١٢"]
)
def test_what_could_be_something_else_is_not(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_amount(text)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("12.500", "KWD", "12.5"), ("0.125", "BHD", "0.125"), ("12.5", "KWD", "12.5"), ("12,5", "KWD", "12.5"),
        ("1,234.567", "KWD", "1234.567"), ("1.234,567", "KWD", "1234.567"), ("1234,567", "TND", "1234.567"),
        ("0,125", "TND", "0.125"), ("1.2345", "CLF", "1.2345"), ("1,2345", "CLF", "1.2345"), ("12", "KWD", "12"),
        ("1500", "JPY", "1500"), ("12.50", "EUR", "12.50"),
    ],
)  # fmt: skip
def test_what_is_meant_in_a_currency_is_read(text: str, currency: str, amount: str) -> None:
    assert parse_amount(text, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12,500", "IQD"), ("1,234", "KWD"), ("1,234,567", "KWD"), ("12.5000", "KWD"), ("12.345", "EUR"),
        ("1.234", "CLF"), ("1,234", "CLF"), ("1.234", "JPY"), ("12.500", None), ("12.500", "??"),
    ],
)  # fmt: skip
def test_what_could_be_something_else_in_a_currency_is_not(text: str, currency: str | None) -> None:
    """Of a comma and three digits nobody knows whether it parts thousands, wherever there are three decimals."""
    with pytest.raises(InvalidValue):
        parse_amount(text, currency)


@given(
    amount=st.integers(min_value=1, max_value=10**9),
    currency=st.sampled_from([*DECIMALS, "EUR"]),
)
def test_what_is_written_can_be_typed(amount: int, currency: str) -> None:
    """The forms are filled with what is known."""
    known = Decimal(amount).scaleb(-decimals_of(currency))
    assert parse_amount(typed(known, currency), currency) == known


def test_currencies_are_three_letters() -> None:
    assert parse_currency(" eur ") == "EUR"
    for text in ("", "EURO", "€", "E1R", "ÄÖÜ"):
        with pytest.raises(InvalidValue):
            parse_currency(text)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(None, ""), ("12.5", "12.50"), ("12", "12.00"), ("100", "100.00"), ("0.0625", "0.0625")],
)
def test_an_amount_is_written_as_it_could_be_typed(amount: str | None, text: str) -> None:
    assert typed(None if amount is None else Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "currency", "kind"),
    [
        ("0", "EUR", "amount_zero"), ("-1", "EUR", "amount_zero"), ("1.234", "EUR", "amount_decimals"),
        ("1.5", "JPY", "amount_decimals"), ("1.2345", "KWD", "amount_decimals"), ("1.234", None, "amount_decimals"),
        ("0.01", "EUR", None), ("12.50", "EUR", None), ("1.234", "KWD", None), ("1500.00", "JPY", None),
    ],
)  # fmt: skip
def test_an_amount_is_one_that_can_be_paid(amount: str, currency: str | None, kind: str | None) -> None:
    if kind is None:
        assert checked_amount(Decimal(amount), currency) == Decimal(amount)
        return
    with pytest.raises(InvalidValue) as refused:
        checked_amount(Decimal(amount), currency)
    assert refused.value.kind == kind


@pytest.mark.parametrize(
    ("amount", "currency", "text"), [("12.5", "EUR", "12.50"), ("12", "JPY", "12"), ("12.5", "KWD", "12.500")]
)
def test_an_amount_has_its_currencys_decimals(amount: str, currency: str, text: str) -> None:
    assert typed(Decimal(amount), currency) == text
