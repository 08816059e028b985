"""HTML parse mode as the own Bot API server reads it."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.botapi.entities import command_entities, parse_html, utf16_length
from tests.botapi.errors import ApiError

CASES = [
    ("plain & simple", "plain & simple", []),
    ("&lt;&amp;&gt;&quot;&#65;&nbsp;", '<&>"A&nbsp;', []),
    ("<b>a</b><i>b</i>", "ab", [("bold", 0, 1), ("italic", 1, 1)]),
    ("<STRONG>a</STRONG>", "a", [("bold", 0, 1)]),
    ("<b></b>x", "x", []),
    ('<span class="tg-spoiler">s</span>', "s", [("spoiler", 0, 1)]),
    ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
    ('<pre><code class="language-py">x</code></pre>', "x", [("pre", 0, 1)]),
    ("<code>x</code>", "x", [("code", 0, 1)]),
    ("<a>no address</a>", "no address", []),
]


@pytest.mark.parametrize(("source", "text", "expected"), CASES)
def test_tags_become_entities(source: str, text: str, expected: list[tuple[str, int, int]]) -> None:
    plain, entities = parse_html(source)
    assert plain == text
    assert [(one["type"], one["offset"], one["length"]) for one in entities] == expected


@given(st.text())
def test_escaped_text_comes_back_unchanged(text: str) -> None:
    assert parse_html(html.escape(text, quote=False)) == (text, [])


@given(st.text(), st.text(min_size=1))
def test_an_entity_covers_what_its_tags_enclosed(before: str, inside: str) -> None:
    source = f"{html.escape(before, quote=False)}<b>{html.escape(inside, quote=False)}</b>"
    text, (entity,) = parse_html(source)
    units = text.encode("utf-16-le", "surrogatepass")
    start, end = entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2
    assert units[start:end].decode("utf-16-le", "surrogatepass") == inside


@given(st.text())
def test_any_text_is_parsed_or_refused(source: str) -> None:
    refusal = None
    text = ""
    try:
        text, _entities = parse_html(source)
    except ApiError as error:
        refusal = error
    assert utf16_length(text) <= utf16_length(source)
    assert refusal is None or (refusal.status == 400 and "can't parse entities" in refusal.description)


def test_commands_are_found_where_telegram_finds_them() -> None:
    entities = command_entities("😀 /start x /help@frontdesk_bot and/or")
    assert [(one["offset"], one["length"]) for one in entities] == [(3, 6), (12, 19)]
