"""Whose contact a customer shared, and which number it gives."""

from typing import Any

import pytest

from bot.channels.base import Inbound, Kind
from bot.own_contact import own_phone

MINE = {"type": "contact", "phone_number": "+49 170 1234567", "first_name": "Zoe", "user_id": 5}


@pytest.mark.parametrize(
    ("changed", "phone"),
    [
        ({}, "+491701234567"),
        ({"phone_number": "491701234567"}, "+491701234567"),
        ({"phone_number": "+86 138-0013-8000"}, "+8613800138000"),
        ({"user_id": 6}, None),
        ({"user_id": None}, None),
        ({"type": "location"}, None),
        ({"phone_number": "call me"}, None),
        ({"phone_number": None}, None),
    ],
)
def test_only_the_senders_own_number_counts(changed: dict[str, Any], phone: str | None) -> None:
    shared = Inbound("telegram:1", "1", "telegram", "5", Kind.CONTACT, attachment=MINE | changed)
    assert own_phone(shared) == phone


@pytest.mark.parametrize("attachment", [None, MINE])
def test_words_share_nothing(attachment: dict[str, Any] | None) -> None:
    assert own_phone(Inbound("telegram:1", "1", "telegram", "5", Kind.TEXT, attachment=attachment)) is None
