"""What /case and the words behind it mean, in English and in Chinese."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.telegram.desk.case_command import (
    Listing,
    Opening,
    Updating,
    Verb,
    moment_of,
    money_and_words,
    read_case,
)
from bot.texts import SUPPORTED, render
from crm_store.case_states import CaseKind, CaseState
from crm_store.working_hours import parse

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOURS = parse("", "Europe/Berlin", "")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("", Listing()),
        ("refund", Opening(CaseKind.REFUND, "")),
        ("Refund 12.50 EUR  broken", Opening(CaseKind.REFUND, "12.50 EUR broken")),
        ("退款 破损", Opening(CaseKind.REFUND, "破损")),
        ("follow up call her", Opening(CaseKind.FOLLOW_UP, "call her")),
        ("follow-up", Opening(CaseKind.FOLLOW_UP, "")),
        ("ref-1", Updating("REF-1", Verb.SHOW)),
        ("REP-7 sent back by post", Updating("REP-7", Verb.STEP, "by post", CaseState.SENT_BACK)),
        ("REP-7 已寄回", Updating("REP-7", Verb.STEP, "", CaseState.SENT_BACK)),
        ("REF-1 mine", Updating("REF-1", Verb.MINE)),
        ("REF-1 owner Bob Lee", Updating("REF-1", Verb.OWNER, "Bob Lee")),
        ("REF-1 期限 3d", Updating("REF-1", Verb.DUE, "3d")),
    ],
)
def test_what_is_meant(words: str, meant: object) -> None:
    assert read_case(words) == meant


@pytest.mark.parametrize(
    "words", ["gift", "refunds", "REF-0", "REF-1 frobnicate", "REF-1 owner", "REF-1 due", "12"]
)
def test_what_is_not_understood(words: str) -> None:
    assert read_case(words) is None


@pytest.mark.parametrize("language", SUPPORTED)
def test_every_kind_and_state_is_understood_as_the_group_is_told_it(language: str) -> None:
    for kind in CaseKind:
        assert read_case(render(language, f"desk.case_kind_{kind}")) == Opening(kind, "")
    for state in CaseState:
        named = render(language, f"desk.case_state_{state}")
        assert read_case(f"REF-1 {named} because") == Updating("REF-1", Verb.STEP, "because", state)


def test_an_amount_stands_before_the_reason() -> None:
    assert money_and_words("12,50 eur broken lamp") == ("12.50", "EUR", "broken lamp")
    assert money_and_words("12,50 EUR") == ("12.50", "EUR", "")
    assert money_and_words("12.500 kwd broken lamp") == ("12.500", "KWD", "broken lamp")
    for words in ("broken lamp", "12 of 13 broke", "1,234 EUR broken", ""):
        assert money_and_words(words) == (None, None, words)


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("3d", NOW + timedelta(days=3)),
        ("2026-04-01 12:00", datetime(2026, 4, 1, 10, tzinfo=UTC)),
        ("2026-04-01", datetime(2026, 4, 1, 21, 59, tzinfo=UTC)),
        ("2026-03-01", None),
        ("9999-01-01", None),
        ("soon", None),
    ],
)
def test_when_it_is_due(words: str, moment: datetime | None) -> None:
    assert moment_of(words, NOW, HOURS) == moment


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai", "UTC"])
@pytest.mark.parametrize(
    "words", ["9999-12-31 23:59", "9999-12-31", "0001-01-01 00:00", "0001-01-01", "99999d", "9999999999d"]
)
def test_what_no_calendar_holds_is_no_moment(words: str, zone: str) -> None:
    assert moment_of(words, NOW, parse("", zone, "")) is None
