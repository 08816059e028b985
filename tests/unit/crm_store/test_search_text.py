"""Tokens of messages and the marking of hits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.search_text import INSIDE, SIGNS, TOGETHER, Part, marked, tokens, wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Where is my Café order #A-17?",
            ["where", "is", "my", "cafe", "order", "a", "17", f"{TOGETHER}a17"],
        ),
        ("DE12345", ["de12345", f"{INSIDE}12345", f"{INSIDE}2345"]),
        ("12345", ["12345", f"{INSIDE}2345"]),
        ("SKU-12/3.", ["sku", "12", "3", f"{TOGETHER}sku123", f"{TOGETHER}123"]),
        ("C++, R&D", ["c", "r", "d", f"{TOGETHER}rd", "c" + 2 * SIGNS["+"]]),
        ("退款", ["退", "款", "退款"]),
        ("我要退款 now", ["我", "要", "退", "款", "我要", "要退", "退款", "now"]),
        ("", []),
        ("!!! 👍", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Refund CAFÉ", ["refund", "cafe"]),
        ("退款", ["退款"]),
        ("要退款", ["要退", "退款"]),
        ("退", ["退"]),
        ('" OR *', ["or"]),
        ("SKU-12/3 now", [f"{TOGETHER}sku123", "now"]),
        ("c++ or F#", ["c" + 2 * SIGNS["+"], "or", "f" + SIGNS["#"]]),
        ("e-mail don’t", [f"{TOGETHER}email", f"{TOGETHER}dont"]),
        ("refund+parcel yes/and", ["refund", "parcel", "yes", "and"]),
        ("anna@example.com", ["anna", "example", "com"]),
    ],
)
def test_what_is_asked_for(query: str, expected: list[str]) -> None:
    assert wanted(query) == expected


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Refunds take days", "refund", [("Refunds", True), (" take days", False)]),
        ("Nothing here", "refund", [("Nothing here", False)]),
        ("我要退款了", "退款", [("我要", False), ("退款", True), ("了", False)]),
        (
            "Two words two",
            "two wor",
            [("Two", True), (" ", False), ("words", True), (" ", False), ("two", True)],
        ),
        ("it is 20391557.", "391557", [("it is ", False), ("20391557", True), (".", False)]),
        ("a SKU-12/3 lamp", "sku-12/3", [("a ", False), ("SKU-12/3", True), (" lamp", False)]),
        ("C or C++?", "c++", [("C or ", False), ("C++", True), ("?", False)]),
    ],
)
def test_hits_are_marked(text: str, query: str, expected: list[tuple[str, bool]]) -> None:
    assert marked(text, query) == [Part(*each) for each in expected]


def test_a_long_text_is_shown_around_the_first_hit() -> None:
    parts = marked("x " * 500 + "refund" + " y" * 500, "refund")
    assert [part.text for part in parts if part.is_hit] == ["refund"]
    assert parts[0].text == parts[-1].text[-1] == "…"
    assert sum(len(part.text) for part in parts) < 200


@given(st.text(max_size=300), st.text(max_size=20))
def test_the_parts_are_the_text(text: str, query: str) -> None:
    joined = "".join(part.text for part in marked(text, query, length=1000))
    assert joined.strip("…") in text


@given(st.text(alphabet="ab退款 了é", min_size=1, max_size=30))
def test_a_text_is_found_by_itself(text: str) -> None:
    found = set(tokens(text))
    assert all(any(token.startswith(each) for token in found) for each in wanted(text))
