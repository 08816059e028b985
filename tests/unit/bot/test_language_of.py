"""Which language a customer is answered in."""

import pytest

from bot.channels.base import Inbound, Kind
from bot.understanding import language_of
from crm_store.batch import Held, Person
from crm_store.lifecycle import Status


@pytest.mark.parametrize(
    ("text", "status", "spoken", "platform", "expected"),
    [
        # A new customer: the script, then the platform.
        ("怎么付款", None, None, "en", "zh"),
        ("how do I pay", None, None, "zh-Hans", "en"),
        ("12345", None, None, "zh-Hans", "zh"),
        ("12345", None, None, None, "en"),
        # With the bot each message speaks for itself.
        ("how do I pay", Status.BOT, "zh", "zh-Hans", "en"),
        # ... but a command and what has no letters say nothing of one.
        ("/human", Status.BOT, "zh", "en", "zh"),
        ("12345 ?", Status.BOT, "zh", "en", "zh"),
        ("/human", None, None, "zh-Hans", "zh"),
        # Waiting, or served: a number, a name, a picture's emoji change nothing ...
        ("DHL JD0141", Status.QUEUED, "zh", "en", "zh"),
        ("12345", Status.ASSIGNED, "zh", "en", "zh"),
        ("👍", Status.WAITING_CUSTOMER, "en", "zh-Hans", "en"),
        # ... and sentences do.
        ("could you please answer in English", Status.QUEUED, "zh", "zh-Hans", "en"),
        ("请用中文", Status.SNOOZED, "en", "en", "zh"),
    ],
)
def test_the_language(
    text: str, status: Status | None, spoken: str | None, platform: str | None, expected: str
) -> None:
    held = Held(status, spoken or "en") if status is not None else None
    person = Person("web", "v1", conversation=held)
    inbound = Inbound("web:1", "1", "web", "v1", Kind.TEXT, text, language=platform)
    assert language_of(inbound, text, person) == expected


def test_what_was_chosen_goes_before_all_and_a_button_changes_nothing() -> None:
    held = Held(Status.BOT, "zh")
    pressed = Inbound("web:1", "1", "web", "v1", Kind.PRESSED, "Yes, that helped", language="en")
    assert language_of(pressed, pressed.text, Person("web", "v1", conversation=held)) == "zh"
    chosen = Person("web", "v1", chosen_language="en", conversation=held)
    assert language_of(pressed, pressed.text, chosen) == "en"
    said = Inbound("web:2", "2", "web", "v1", Kind.TEXT, "怎么付款")
    assert language_of(said, said.text, chosen) == "en"
