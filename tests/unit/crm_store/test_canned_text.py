"""Blanks in prepared words: filled where known, else by their default, else told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.canned_text import Filled, blanks_of, fill, first_name, typed_example, typed_values, unfilled

KNOWN = {"customer.first_name": "Anna", "order.number": "A-1", "agent.name": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello {customer.first_name|there}!", Filled("Hello Anna!")),
        ("Hello {Customer.First_Name}!", Filled("Hello Anna!")),
        ("I am {agent.name|from the shop}.", Filled("I am from the shop.")),
        ("I am {agent.name|}.", Filled("I am .")),
        ("I am {agent.name}.", Filled("I am {agent.name}.", ("agent.name",))),
        ("{day} and {place}, {day}", Filled("{day} and {place}, {day}", ("day", "place"))),
        ("order {order.number}", Filled("order A-1")),
        ("你好，{客户名|您好}", Filled("你好，您好")),
        ('{"json": 1} {} { } {{x}}', Filled('{"json": 1} {} { } {{x}}', ("x",))),
    ],
)
def test_blanks(text: str, expected: Filled) -> None:
    assert fill(text, KNOWN) == expected


@given(st.text())
def test_words_without_braces_stay_as_they_are(text: str) -> None:
    plain = text.replace("{", "(")
    assert fill(plain, KNOWN) == Filled(plain)


@given(st.text(alphabet=st.characters(exclude_characters="{}|\n"), min_size=1, max_size=50))
def test_what_is_filled_in_is_not_looked_at_again(value: str) -> None:
    assert fill("<{x}>", {"x": "{x}" + value}).text == "<{x}" + value + ">"


@pytest.mark.parametrize(
    ("name", "expected"), [("Anna Berg", "Anna"), ("王小明", "王小明"), (" ", None), (None, None)]
)
def test_first_names(name: str | None, expected: str | None) -> None:
    assert first_name(name) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("AB12; Monday", {"parcel": "AB12", "day": "Monday"}),
        ("parcel=AB12; day=Monday", {"parcel": "AB12", "day": "Monday"}),
        ("Day = Monday;AB12", {"parcel": "AB12", "day": "Monday"}),
        ("https://x.example?a=b; Monday", {"parcel": "https://x.example?a=b", "day": "Monday"}),
        ("AB12", None),
        ("parcel=AB12", None),
        ("parcel=; day=Monday", None),
        ("AB12; Monday; 10", None),
        ("", None),
    ],
)
def test_what_is_typed_behind_a_shortcode_fills_its_blanks(
    typed: str, expected: dict[str, str] | None
) -> None:
    assert typed_values(typed, ("parcel", "day")) == expected


def test_the_example_that_is_shown_is_understood() -> None:
    assert typed_example(("parcel", "day")) == "parcel=AB12; day=CD34"
    assert typed_values(typed_example(("parcel", "day")), ("parcel", "day")) == {
        "parcel": "AB12",
        "day": "CD34",
    }


@pytest.mark.parametrize(
    ("words", "brought", "left"),
    [
        ("your order {order.number}", (), ("{order.number}",)),
        ("your order { order.number}, {Order.Number|soon}", (), ("{Order.Number|soon}",)),
        ("write {a, b} or f{x} or […]", (), ()),
        ("Ref {parcel} and {day}", ("{parcel}",), ("{parcel}",)),
        ("Ref {Parcel}", ("{parcel|none}",), ("{Parcel}",)),
        ("Hello […], […] here", ("[…]",), ("[…]",)),
        ("Hello Ann", ("[…]", "{parcel}", ""), ()),
    ],
)
def test_what_prepared_words_left_open_is_found_and_honest_braces_are_not(
    words: str, brought: tuple[str, ...], left: tuple[str, ...]
) -> None:
    assert unfilled(words, brought) == left


def test_the_blanks_of_prepared_words_are_told_as_they_stand() -> None:
    assert blanks_of("{parcel}, {day|soon}, {parcel}, {1}") == ("{parcel}", "{day|soon}")
