"""What of one conversation must not become everybody's article."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.private_words import GONE, without_private


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("Hi Ada, your parcel is on its way.", ("Ada Byron",), f"Hi {GONE}, your parcel is on its way."),
        ("Write to ada.b@example.org please", (), f"Write to {GONE} please"),
        ("Order A-10293 left today", (), f"Order {GONE} left today"),
        ("Order #77 left today", (), f"Order {GONE} left today"),
        ("Call +49 30 1234567 or me", (), f"Call {GONE} or me"),
        ("Pay to DE89 3704 0044 0532 0130 00.", (), f"Pay to {GONE}."),
        ("card •••• •••• •••• 4242 was charged", (), f"card {GONE} was charged"),
        ("You have 30 days, and it costs 4.50.", (), "You have 30 days, and it costs 4.50."),
        ("see https://shop.example/track/12345678", (), f"see {GONE}"),
        ("see https://shop.example/returns", (), "see https://shop.example/returns"),
        ("ask @ada_lovelace", (), f"ask {GONE}"),
        ("the sky", ("the admin",), "the sky"),
        ("您好王小明，订单 20260101 已发货", ("王小明",), f"您好{GONE}，订单 {GONE} 已发货"),
        ("我叫李雷，要退货", (), f"我叫{GONE}，要退货"),
        ("tracking RX123456789DE is stuck", (), f"tracking {GONE} is stuck"),
    ],
)
def test_what_is_private_is_marked(text: str, names: tuple[str, ...], left: str) -> None:
    assert without_private(text, names) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("where is my order 12345?", "where is my order?"),
        ("my name is Ada Byron, can I pay by card", "can I pay by card"),
        ("订单 88888888 到哪了？", "订单 到哪了？"),
        ("12345678", ""),
    ],
)
def test_a_phrasing_is_left_without_marks(text: str, left: str) -> None:
    assert without_private(text, mark="") == left


@given(st.text(max_size=80), st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.org", fullmatch=True))
def test_an_address_never_stays(text: str, address: str) -> None:
    assert address not in without_private(f"{text} {address}")


@given(st.text(max_size=200))
def test_it_is_done_once(text: str) -> None:
    once = without_private(text)
    assert without_private(once) == once
