"""What a customer's fields take, and what they say to the rest."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.customer_fields import LONGEST, clean, clean_email, clean_phone
from crm_store.errors import InvalidValue


@pytest.mark.parametrize(
    ("field", "given_value", "stored"),
    [
        ("name", "  Ada \t Lovelace\x00 ", "Ada Lovelace"),
        ("name", "王 小明", "王 小明"),
        ("name", "   ", None),
        ("email", " Ada@Example.COM ", "ada@example.com"),
        ("email", "用户@例子.中国", "用户@例子.中国"),
        ("email", "", None),
        ("phone", "+49 (30) 123-45.67", "+49301234567"),
        ("phone", "（０３０）１２３", "030123"),
        ("phone", "030 1234 ext 5", "0301234x5"),
        ("age", 0, 0),
        ("language", "zh-Hans", "zh-Hans"),
        ("attributes", {"tier": "gold", "since": 2020, "vip": True, "note": None}, None),
        ("profiling_allowed", False, False),
        ("referred_by_id", None, None),
    ],
)
def test_clean_values(field: str, given_value: Any, stored: Any) -> None:
    assert clean({field: given_value}) == {field: given_value if field == "attributes" else stored}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("id", 3, "no field 'id'"),
        ("version", 3, "no field 'version'"),
        ("name", 5, "must be a text"),
        ("name", "x" * 257, "longer than 256"),
        ("email", "ada", "name@example.com"),
        ("email", "ada@localhost", "name@example.com"),
        ("email", "a@b@c.com", "name@example.com"),
        ("email", "a b@c.com", "name@example.com"),
        ("email", "a" * 65 + "@example.com", "name@example.com"),
        ("phone", "call me", "write it like"),
        ("phone", "12", "write it like"),
        ("age", "36", "whole number"),
        ("age", True, "whole number"),
        ("age", -1, "whole number"),
        ("age", 151, "whole number"),
        ("language", "english please", "language code"),
        ("profiling_allowed", "yes", "true or false"),
        ("referred_by_id", 0, "id of a customer"),
        ("attributes", [], "an object"),
        ("attributes", {"a": {}}, "must be a text, a number"),
        ("attributes", {"": 1}, "1 to 64"),
        ("attributes", {"a": "x" * 1001}, "longer than 1000"),
        ("attributes", {str(n): n for n in range(51)}, "at most 50"),
    ],
)
def test_refused_values(field: str, value: Any, told: str) -> None:
    with pytest.raises(InvalidValue, match=told):
        clean({field: value})


@given(st.text(max_size=400))
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    for cleaner in (clean_email, clean_phone):
        try:
            once = cleaner(text)
        except InvalidValue:
            continue
        assert cleaner(once) == once


@given(st.sampled_from(["name", "gender", "address", "external_id"]), st.text())
def test_texts_fit_their_columns(field: str, text: str) -> None:
    try:
        stored = clean({field: text})[field]
    except InvalidValue:
        assert len(text) > LONGEST[field]
    else:
        assert stored is None or 0 < len(stored) <= LONGEST[field]
