"""Card numbers are masked, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.masking import is_card_number, mask

CARDS = [
    "4111111111111111",
    "5555 5555 5555 4444",
    "3782-822463-10005",
    "6011 0009 9013 9424",
]  # test numbers


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_keeps_its_last_four_digits(card: str) -> None:
    digits = "".join(c for c in card if c.isdigit())
    masked = mask(f"my card {card}, please")
    assert digits[:-4] not in masked
    assert masked == f"my card {'•' * (len(digits) - 4)}{digits[-4:]}, please"


@pytest.mark.parametrize(
    "text",
    [
        "order 4111111111111112",
        "+49 151 2345 6789 01",
        "0000 0000 0000 0000",
        "1234",
        "invoice 20240115000123",
        "",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == text


@given(st.text(alphabet=st.characters(exclude_categories=("Nd",)), max_size=200))
def test_a_text_without_digits_is_left_alone(text: str) -> None:
    assert mask(text) == text


@given(st.lists(st.integers(0, 9), min_size=12, max_size=18))
def test_any_number_with_a_right_check_digit_is_masked(digits: list[int]) -> None:
    body = "".join(map(str, digits))
    number = next(body + str(n) for n in range(10) if _luhn(body + str(n)))
    if len(set(number)) > 1:
        assert is_card_number(number)
        assert mask(number) == "•" * (len(number) - 4) + number[-4:]


def _luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(map(int, number[::-1])):
        total += sum(divmod(digit * 2, 10)) if place % 2 else digit
    return total % 10 == 0
