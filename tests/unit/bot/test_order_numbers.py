"""Order numbers in a customer's words: their own, and those that are not."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.order_numbers import named, only_number
from crm_store.own_facts import OwnOrder


def order(number: str, tracking: str | None = None) -> OwnOrder:
    return OwnOrder(
        number, "purchase", "shipped", tracking, datetime(2026, 3, 2, tzinfo=UTC), Decimal(20), "EUR"
    )


OWN = [order("5001", "1Z999AA10123"), order("FD-2231")]


@pytest.mark.parametrize(
    ("said", "own", "strange"),
    [
        ("Where is my order 9999?", (), ("9999",)),
        ("where is my order A-100", (), ("A-100",)),
        ("where is order #77", (), ("77",)),
        ("where is order 12", (), ("12",)),
        ("where is order9999", (), ("9999",)),
        ("SO12345?", (), ("SO12345",)),
        ("where is AB-1", (), ("AB-1",)),
        ("订单9999到哪了", (), ("9999",)),
        ("我的订单号是 8888", (), ("8888",)),
        ("订单９９９９", (), ("9999",)),
        ("where are orders 5001 and 9999", ("5001",), ("9999",)),
        ("where is my order 5001", ("5001",), ()),
        ("订单5001到哪了", ("5001",), ()),
        ("where is fd 2231", ("FD-2231",), ()),
        ("and fd2231?", ("FD-2231",), ()),
        ("parcel 1z999aa10123", ("5001",), ()),
        ("where is 15001", (), ("15001",)),
        ("where is my order", (), ()),
        ("where is my order of 3 lamps", (), ()),
        ("where is order 12 lamps", (), ()),
        ("I ordered 14 days ago, where is it", (), ()),
        ("my order of 2026-03-01", (), ()),
        ("ordered in 2026 where is it", (), ()),
        ("it cost 1500 EUR, where is my order", (), ()),
        ("it was €1500.00, where is my order", (), ()),
        ("my 2nd order, 20kg, at 10:30", (), ()),
        ("my phone is 13800138000, where is my order", (), ()),
        ("call me on +49 30 1234567 about my order", (), ()),
        ("card •••• 4242, where is my order", (), ()),
        ("my iphone15 has not come", (), ()),
        ("x" * 3000 + " order 9999", (), ()),
    ],
)
def test_the_numbers_that_are_named(said: str, own: tuple[str, ...], strange: tuple[str, ...]) -> None:
    meant, others = named(said, OWN)
    assert (tuple(each.number for each in meant), others) == (own, strange)


@pytest.mark.parametrize(("chosen", "own", "strange"), [("5001", ["5001"], ()), ("77", [], ("77",))])
def test_one_that_was_chosen_is_the_only_one(chosen: str, own: list[str], strange: tuple[str, ...]) -> None:
    meant, others = named("FD-2231 · 2026-03-02", OWN, chosen)
    assert ([each.number for each in meant], others) == (own, strange)


def test_digits_that_several_numbers_share_name_none_of_them() -> None:
    assert named("order 2231", [order("A-2231"), order("B-2231")]) == ([], ("2231",))


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("5001", "5001"),
        ("#77", "77"),
        ("it's A-1!", "A-1"),
        ("my order number is FD-22", "FD-22"),
        ("and 9999?", "9999"),
        ("订单号5001", "5001"),
        ("那9999呢", "9999"),
        ("where is order 5001", None),
        ("do you sell 2 lamps", None),
        ("lamps", None),
        ("", None),
    ],
)
def test_a_number_that_is_all_that_was_said(said: str, number: str | None) -> None:
    assert only_number(said) == number
