"""Blanks in answers: known ones only, filled or said otherwise."""

import pytest

from knowledge_base.articles import Article, faults
from knowledge_base.blanks import KNOWN, faults_in, filled, names_in


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_known_blank_may_be_published(name: str) -> None:
    assert faults(Article("a", "A?", (), f"It is {{{name}}}, or {{{name}|so}}.")) == []


@pytest.mark.parametrize("name", ["order.colour", "customer.password", "shop.hours"])
def test_an_unknown_one_is_refused_with_those_there_are(name: str) -> None:
    [fault] = faults_in(f"It is {{{name}}}.")
    assert name in fault
    assert "{order.status}" in fault


@pytest.mark.parametrize(
    "text", ['Send {"a": 1}', "{}", "{order}", "{ order.status }", "a { b", "{Order.Status}"]
)
def test_other_braces_are_ordinary_text(text: str) -> None:
    assert names_in(text) == frozenset()
    assert filled(text, str.upper, "?") == text


def test_what_is_said_when_nothing_is_known() -> None:
    answer = "Hi {customer.first_name|there}, {order.status}, {order.tracking|}."
    assert filled(answer, lambda name: "", "unknown") == "Hi there, unknown, ."
    assert (
        filled(answer, lambda name: name.upper(), "")
        == "Hi CUSTOMER.FIRST_NAME, ORDER.STATUS, ORDER.TRACKING."
    )
