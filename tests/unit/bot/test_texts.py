"""Every language says everything."""

import ast
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import admin_api
import bot
import crm_store
from bot.texts import SUPPORTED, best_language, find, load_locale, offset_of, render
from crm_store.queueing import Waiting, reasons
from crm_store.sentences import every_sentence


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", SUPPORTED)
def test_a_language_has_every_sentence_with_the_same_parameters(language: str) -> None:
    english, other = load_locale("en").sentences, load_locale(language).sentences
    assert other.keys() == english.keys()
    assert {key: placeholders(text) for key, text in other.items()} == {
        key: placeholders(text) for key, text in english.items()
    }
    assert all(text.strip() for text in other.values())


@pytest.mark.parametrize("language", SUPPORTED)
def test_every_sentence_the_store_has_said_has_its_words(language: str) -> None:
    told = {key: find(language, key) for key in every_sentence()}
    assert [key for key, words in told.items() if not words] == []


def test_nothing_means_a_sentence_but_by_its_name_in_the_table() -> None:
    """What writes an intent by hand could write one that nobody words."""
    makers = set()
    for package in (crm_store, bot, admin_api):
        for file in Path(package.__path__[0]).rglob("*.py"):
            makers |= {file.name for node in ast.walk(ast.parse(file.read_text("utf-8"))) if means(node)}
    assert makers == {"sentences.py", "ratings.py"}


def means(node: ast.AST) -> bool:
    """Whether it makes an intent that says something."""
    return isinstance(node, ast.Dict) and any(
        isinstance(key, ast.Constant) and key.value == "say" for key in node.keys
    )


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("zh-hans", "zh"),
        ("zh_CN", "zh"),
        ("de", None),
        ("", None),
        (None, None),
    ],
)
def test_a_platform_code_is_mapped_to_a_language(code: str | None, language: str | None) -> None:
    assert best_language(code) == language


@pytest.mark.parametrize("language", SUPPORTED)
def test_every_reason_of_the_queue_has_its_words_on_the_card(language: str) -> None:
    first = Waiting(1, datetime(2026, 5, 4, tzinfo=UTC), priority=2, is_repeat=True, value_index=80.0,
                    mood=-0.5, target=timedelta(minutes=15), is_overdue=True)  # fmt: skip
    names = {why.reason for one in (first, replace(first, is_next=True)) for why in reasons(one)}
    assert {"target", "overdue", "target_next", "overdue_next"} < names
    told = {name: find(language, f"desk.next_{name}") for name in ("waiting", *names)}
    assert None not in told.values()
    assert len(set(told.values())) == len(told)


def test_an_unknown_language_is_spoken_to_in_english() -> None:
    assert render("xx", "you_are_welcome") == render("en", "you_are_welcome")
    assert find("en", "aspect.colour") is None


@pytest.mark.parametrize(("zone", "month", "told"), [
    ("UTC", 1, "UTC"), ("Europe/Berlin", 1, "UTC+1"), ("Europe/Berlin", 7, "UTC+2"),
    ("America/St_Johns", 1, "UTC-3:30"), ("Asia/Kolkata", 1, "UTC+5:30"),
])  # fmt: skip
def test_a_zone_is_told_by_its_offset_at_that_moment(zone: str, month: int, told: str) -> None:
    assert offset_of(datetime(2026, month, 1, 9, tzinfo=ZoneInfo(zone))) == told
