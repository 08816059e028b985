"""Numbers agree with their words, and only where a sentence asks for it."""

import pytest

from crm_store.counted import filled


@pytest.mark.parametrize(("number", "told"), [
    (0, "0 minutes"), (1, "1 minute"), ("1", "1 minute"), (21, "21 minutes"), ("1,200", "1,200 minutes"),
])  # fmt: skip
def test_a_number_and_its_word(number: object, told: str) -> None:
    assert (
        filled("{who} waits {n:minute|minutes}.", {"who": "Zoe | Yan", "n": number})
        == f"Zoe | Yan waits {told}."
    )


def test_other_sentences_are_filled_as_ever() -> None:
    assert filled("{n} of {of:.1f}", {"n": 1, "of": 2.0}) == "1 of 2.0"
