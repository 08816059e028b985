"""What bodies and queries take and refuse, without a server."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from admin_api.reading import _unfit
from admin_api.schemas.base import Moment, Written


class Body(Written):
    at: Moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
    ],
)
def test_moments_are_utc(text: str, moment: datetime) -> None:
    assert Body.model_validate_json(f'{{"at": "{text}"}}').at == moment
    assert TypeAdapter(Moment).validate_python(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        '"2026-01-31T12:00:00"',
        '"31.1.2026"',
        '"2026-02-30"',
        '"1700000000"',
        "1700000000",
        "1.5",
        "null",
        "true",
        '"0001-01-01"',
        '"9999-12-31T23:59:59-14:00"',
        '"2026-01-31T25:00:00Z"',
        '"2026-01-31 or so"',
    ],
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValidationError):
        Body.model_validate_json(f'{{"at": {text}}}')


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": {"b": ["x", "y\x00"]}}, "a.b.1"),
        ({"a": "\ud800"}, "a"),
        ({"a": [1, 2**63]}, "a.1"),
        ({"a": -(2**63) - 1}, "a"),
        ({"a\x00": 1}, ""),
    ],
)
def test_what_no_database_keeps_is_found_where_it_is(value: Any, place: str) -> None:
    assert [at for at, _ in _unfit(value)] == [place]


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_characters="\x00")), inner),
    max_leaves=20,
)


@given(_VALUES)
def test_everything_else_is_let_through(value: Any) -> None:
    assert list(_unfit(value)) == []
