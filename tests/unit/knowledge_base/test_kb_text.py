"""Normalised, tokenised, stemmed; and nothing heavy imported before a word is stemmed."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.text import MAX_CHARS, language_of, normalise, script_of, stem, tokenise


@given(st.text(max_size=200))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)

    assert normalise(once) == once


@pytest.mark.parametrize("text", ["a" * 1_000_000, "ﷺ" * 1_000_000, "İ" * 10_000])
def test_a_long_text_is_cut_before_and_after_it_unfolds(text: str) -> None:
    assert len(normalise(text)) <= MAX_CHARS


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Where's my CARD?", ["wheres", "my", "card"]),
        ("ｆｕｌｌ　ｗｉｄｔｈ", ["full", "width"]),
        ("zero\u200bwidth soft\u00adhyphen", ["zerowidth", "softhyphen"]),
        ("怎么开level2权限", ["怎", "么", "开", "level2", "权", "限"]),
        ("snake_case e-mail", ["snake", "case", "e", "mail"]),
        ("Straße ÉTÉ", ["strasse", "été"]),
        ("🎉?!", []),
        ("", []),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert tokenise(normalise(text)) == tokens


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("where is my card", "alphabetic"),
        ("où est ma carte", "alphabetic"),
        ("怎么取消", "cjk"),
        ("如何取消 Netflix 订阅", "cjk"),
        ("how do I say 你 in English", "alphabetic"),
        ("カードはどこ", "cjk"),
        ("", "alphabetic"),
        ("123?", "alphabetic"),
    ],
)
def test_script(text: str, script: str) -> None:
    assert script_of(normalise(text)) == script


def test_a_text_in_chinese_characters_is_taken_for_chinese() -> None:
    assert [language_of("怎么付款"), language_of("How to pay")] == ["zh", "en"]


@pytest.mark.parametrize(
    ("word", "language", "stemmed"),
    [
        ("refunded", "en", "refund"),
        ("refunded", "en-GB", "refund"),
        ("karten", "de", "kart"),
        ("refunded", "xx", "refunded"),
    ],
)
def test_stems(word: str, language: str, stemmed: str) -> None:
    assert stem(word, language) == stemmed


def test_articles_and_their_files_load_without_the_heavy_libraries() -> None:
    code = (
        "import sys, knowledge_base.articles, knowledge_base.exchange, knowledge_base.samples;"
        "knowledge_base.samples.load_sample('shop_en');"
        "print([name for name in ('sklearn', 'nltk', 'scipy', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
