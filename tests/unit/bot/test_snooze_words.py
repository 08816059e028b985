"""Until when a conversation is put aside, in the words agents type."""

from datetime import UTC, datetime

import pytest

from bot.channels.telegram.desk.choices import snoozed_until
from crm_store.working_hours import ALWAYS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(("typed", "same"), [("明天", "tomorrow"), ("下周", "week")])
def test_days_are_named_in_chinese_too(typed: str, same: str) -> None:
    until = snoozed_until(typed, NOON, ALWAYS)
    assert until is not None
    assert until == snoozed_until(same, NOON, ALWAYS)
    assert snoozed_until("昨天", NOON, ALWAYS) is None
