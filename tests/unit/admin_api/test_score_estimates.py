"""Satisfaction with few ratings: drawn to the team's mean, its interval, who did not answer; and told by period."""

from datetime import UTC, date, datetime, timedelta
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_api.satisfying import Rules, begin, overall, satisfaction_report
from admin_api.scoring.errors import ScoringError
from admin_api.scoring.estimates import estimate, spread
from crm_store.reports import AskedRating

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
RATINGS = st.lists(st.floats(0, 100), min_size=1, max_size=30)
RULES = Rules({"speed": 1.0, "price": 3.0}, 5.0)


def test_worked_example() -> None:
    """Two ratings of 100 in a team at 70 with k = 5: (200 + 350) / 7; z(90 %) = 1.645, 26 / √7 = 9.83."""
    found = estimate([100, 100], asked=4, spread=26, towards=70, k=5)
    assert (found.mean, found.satisfaction) == (100, pytest.approx(550 / 7))
    assert found.low == pytest.approx(550 / 7 - 1.6449 * 26 / 7**0.5, abs=0.01)
    assert found.high == pytest.approx(550 / 7 + 1.6449 * 26 / 7**0.5, abs=0.01)
    assert found.response_rate == 0.5


@given(ratings=RATINGS, towards=st.floats(0, 100), k=st.floats(0, 50))
def test_it_lies_between_what_was_given_and_the_team_and_within_its_interval(
    ratings: list[float], towards: float, k: float
) -> None:
    found = estimate(ratings, asked=len(ratings), spread=spread(ratings), towards=towards, k=k)
    mean = fmean(ratings)
    assert found.satisfaction is not None
    assert found.low is not None
    assert found.high is not None
    assert min(mean, towards) - 1e-9 <= found.satisfaction <= max(mean, towards) + 1e-9
    assert 0 <= found.low <= found.satisfaction + 1e-9
    assert found.satisfaction - 1e-9 <= found.high <= 100


@given(rating=st.floats(40, 60), towards=st.floats(40, 60))
def test_the_more_ratings_the_less_it_is_drawn_and_the_narrower_it_is(rating: float, towards: float) -> None:
    founds = [estimate([rating] * n, asked=n, spread=10, towards=towards, k=5) for n in (1, 5, 50)]
    away = [abs((one.satisfaction or 0) - rating) for one in founds]
    width = [(one.high or 0) - (one.low or 0) for one in founds]
    assert away[0] >= away[1] - 1e-9 >= away[2] - 2e-9
    assert width == sorted(width, reverse=True)  # none of them is cut at 0 or 100


def test_without_ratings_there_is_no_figure_and_with_many_the_spread_is_the_usual_one() -> None:
    none = estimate([], asked=3, spread=spread([]), towards=70, k=5)
    assert (none.satisfaction, none.low, none.high, none.response_rate) == (None, None, None, 0.0)
    assert estimate([], asked=0, spread=1).response_rate is None
    many = [0.0, 50.0, 100.0] * 200
    assert spread(many) == pytest.approx(stdev(many), rel=0.01)
    assert spread([80.0]) == pytest.approx(100 / 12**0.5)


def test_more_answers_than_asked_is_an_error() -> None:
    with pytest.raises(ScoringError):
        estimate([1, 2], asked=1, spread=1)


@pytest.mark.parametrize(
    ("day", "week", "month"),
    [
        (date(2026, 3, 8), date(2026, 3, 2), date(2026, 3, 1)),
        (date(2026, 3, 9), date(2026, 3, 9), date(2026, 3, 1)),
    ],
)
def test_periods_begin(day: date, week: date, month: date) -> None:
    assert (begin(day, "day"), begin(day, "week"), begin(day, "month")) == (day, week, month)


def test_the_report_tells_agents_weeks_and_aspects_with_those_who_were_silent() -> None:
    rows = [
        AskedRating(1, 1, NOON, {"speed": 100.0, "price": 100.0}),
        AskedRating(2, 1, NOON + timedelta(days=7), {}),
        AskedRating(3, 2, NOON, {"speed": 100.0, "price": 0.0}),
        AskedRating(4, None, NOON, {"price": 50.0}),
    ]
    told = satisfaction_report(rows, {1: "Ann", 2: "Bob"}, RULES, "week")
    assert (told.team.asked, told.team.rated, told.team.mean) == (4, 3, pytest.approx(175 / 3))
    assert overall(rows, RULES) == told.team.satisfaction
    ann, bob, gone = told.agents
    assert (ann.name, ann.asked, ann.rated, ann.mean) == ("Ann", 2, 1, 100.0)
    assert ann.satisfaction == pytest.approx((100 + 5 * 175 / 3) / 6)
    assert (bob.mean, gone.name, gone.mean) == (25.0, None, 50.0)
    assert [(one.begins_on, one.asked, one.rated) for one in told.periods] == [
        ("2026-03-02", 3, 3),
        ("2026-03-09", 1, 0),
    ]
    assert [(one.aspect, one.weight, one.rated, one.mean) for one in told.aspects] == [
        ("speed", 1.0, 2, 100.0),
        ("price", 3.0, 3, 50.0),
    ]
