"""Every language says everything."""

import string

import pytest

from bot.texts import SUPPORTED, best_language, find, load_locale, render


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
def test_a_language_knows_the_plain_wishes(language: str) -> None:
    phrases = load_locale(language).phrases
    assert phrases.keys() == {"greeting", "thanks"}
    assert not phrases["greeting"] & phrases["thanks"]


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


def test_an_unknown_language_is_spoken_to_in_english() -> None:
    assert render("xx", "you_are_welcome") == render("en", "you_are_welcome")
    assert find("en", "aspect.colour") is None
