"""Card numbers and secrets do not get into the store; other numbers and words do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.masking import KEPT, MASK, is_card_number, mask

TOKEN = "123456789:" + "AAbb_-7" * 5
# Test numbers that payment companies publish.
CARDS = ["4111111111111111", "5555555555554444", "378282246310005", "30569309025904", "6212341111111111116"]


def dots(count: int) -> str:
    return MASK * count


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("around", ["{}", "my card {} please", "卡号{}谢谢", "card:{}.", "1.{}"])
def test_a_card_number_keeps_its_last_four_digits(card: str, around: str) -> None:
    assert mask(around.format(card)) == around.format(dots(len(card) - KEPT) + card[-KEPT:])


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111 1111 1111 1111", f"{dots(4)} {dots(4)} {dots(4)} 1111"),
        ("4111-1111-1111-1111", f"{dots(4)}-{dots(4)}-{dots(4)}-1111"),
        ("3782 822463 10005", f"{dots(4)} {dots(6)} {dots(1)}0005"),
        ("12 4111 1111 1111 1111", f"12 {dots(4)} {dots(4)} {dots(4)} 1111"),
        ("4111 1111 1111 1111 12 27", f"{dots(4)} {dots(4)} {dots(4)} 1111 12 27"),
        (
            "4111 1111 1111 1111 5555 5555 5555 4444",
            " ".join([dots(4)] * 3 + ["1111"] + [dots(4)] * 3 + ["4444"]),
        ),
        ("４１１１１１１１１１１１１１１１", dots(12) + "１１１１"),
        (f"token {TOKEN}", f"token {dots(len(TOKEN))}"),
        (f"sk_live_{'a1' * 12} it is", f"{dots(32)} it is"),
        (f"key AKIA{'A1' * 8}", f"key {dots(20)}"),
        (f"ghp_{'a1' * 18}", dots(40)),
        ("so eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeK!", f"so {dots(38)}!"),
        ("-----BEGIN PRIVATE KEY-----abc-----END PRIVATE KEY-----.", f"{dots(55)}."),
        ("my password: Tr0ub4dor&3", f"my password: {dots(11)}"),
        ("密码是 abc12345", f"密码是 {dots(8)}"),
        ("CVV: 123", f"CVV: {dots(3)}"),
    ],
)
def test_what_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "order 4111111111111112",  # the check digit is wrong
        "0000000000000000",
        "+49 30 1234567",
        "2026-11-20 09:00:00",
        "9876543210987654321098765432109876",
        "password: how do I change it?",
        "my password is wrong",
        "http://shop.example/sk_live",
    ],
)
def test_what_stays(text: str) -> None:
    assert mask(text) == text


@given(st.text())
def test_masking_keeps_the_length_and_is_done_once(text: str) -> None:
    once = mask(text)
    assert len(once) == len(text)
    assert mask(once) == once


@given(st.integers(12, 18), st.data())
def test_every_number_that_passes_the_check_is_masked(length: int, data: st.DataObject) -> None:
    digits = str(data.draw(st.integers(2, 6))) + data.draw(
        st.text("0123456789", min_size=length - 1, max_size=length - 1)
    )
    number = next(digits + last for last in "0123456789" if is_card_number(digits + last) or last == "9")
    assert (mask(number) != number) is is_card_number(number)


@pytest.mark.parametrize(
    "piece", ["4", "4 ", "4-1", "1 ", "password:a", "eyJ", "eyJaaaaaaaa.", "-----BEGIN ", "4111 1111 "]
)
def test_the_longest_texts_are_masked_too(piece: str) -> None:
    text = (piece * 4096)[:4096]
    assert len(mask(text)) == 4096
