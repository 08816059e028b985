"""Roles, versions, cursors and shares: the small pure parts."""

from datetime import UTC, datetime, timedelta

import pytest

from admin_api.access import ANONYMOUS, ROLES, Access, Caller
from admin_api.cursors import Cursors
from admin_api.problems import ApiError, translate
from admin_api.reporting import rated, share, times
from admin_api.versions import IfMatch, check, etag
from crm_store.errors import Conflict, IllegalTransition, InvalidValue, NotFound, StoreUnusable
from crm_store.reports import RatedResolution
from crm_store.sign_in import LockedOut
from crm_store.staff import Role

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def test_stronger_roles_may_all_that_weaker_ones_may() -> None:
    assert ROLES[Access.ADMIN] < ROLES[Access.LEAD] < ROLES[Access.WORK] < ROLES[Access.READ]
    assert Role.ANALYST not in ROLES[Access.WORK]


def test_the_weaker_of_two_roles_decides() -> None:
    both = Caller("k", frozenset({Role.ADMIN, Role.AGENT}))
    assert both.may(Access.WORK)
    assert not both.may(Access.LEAD)
    assert not ANONYMOUS.may(Access.READ)
    assert ANONYMOUS.may(Access.PUBLIC)


@pytest.mark.parametrize(
    ("condition", "passes"),
    [
        (None, True),
        ("*", True),
        ('"3"', True),
        ('"1", "3"', True),
        ('"2"', False),
        ("3", False),
        ('W/"3"', False),
    ],
)
def test_conditions_of_a_change(condition: str | None, passes: bool) -> None:
    assert etag(3) == {"ETag": '"3"'}
    if passes:
        check(IfMatch(if_match=condition), 3)
    else:
        with pytest.raises(ApiError, match="version 3") as refusal:
            check(IfMatch(if_match=condition), 3)
        assert refusal.value.status == 412


def test_a_cursor_belongs_to_its_list_and_its_installation() -> None:
    cursors = Cursors("a")
    cursor = cursors.sign("orders.of_customer", ["2026-01-01T00:00:00+00:00", 7])
    assert cursors.read("orders.of_customer", cursor) == ["2026-01-01T00:00:00+00:00", 7]
    for reader, listing in ((cursors, "customers.listing"), (Cursors("b"), "orders.of_customer")):
        with pytest.raises(ApiError, match="begin again"):
            reader.read(listing, cursor)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("x"), 404),
        (Conflict("x"), 409),
        (IllegalTransition("x"), 409),
        (InvalidValue("x"), 422),
        (StoreUnusable("x"), 503),
        (LockedOut(timedelta(minutes=2)), 429),
    ],
)
def test_errors_and_their_statuses(error: Exception, status: int) -> None:
    told = translate(error)
    assert told is not None
    assert told.status == status
    assert ("Retry-After" in told.headers) is (status in (429, 503))


def test_a_fault_of_ours_has_no_status() -> None:
    assert translate(ValueError("x")) is None


def test_times_and_shares() -> None:
    spans = [timedelta(seconds=n) for n in range(1, 11)]
    found = times(spans)
    assert (found.measured, found.median, found.p90) == (10, 5.5, 9.0)
    assert times([]).median is None
    assert (share(1, 4), share(0, 0)) == (0.25, None)


def test_four_stars_on_average_are_satisfied() -> None:
    means = (75.0, 75.0 - 1e-12, 74.9, 100.0)
    found = rated(8, [RatedResolution(n, n, None, "web", NOW, mean) for n, mean in enumerate(means)], 50.0)
    assert (found.rated, found.response_rate, found.csat) == (4, 0.5, 0.75)
    assert rated(0, [], None).csat is None
