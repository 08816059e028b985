"""Satisfaction with few ratings: drawn to the team's mean, its interval, who did not answer; and told by period."""

from datetime import UTC, date, datetime, timedelta
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_api.satisfying import Rules, begin, overall, satisfaction_report
from admin_api.scoring.errors import ScoringError
from admin_api.scoring.estimates import estimate, pull, spread
from crm_store.reports import AskedRating

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
RATINGS = st.lists(st.floats(0, 100), min_size=1, max_size=30)
RULES = Rules({"speed": 1.0, "price": 3.0}, 5.0)


def test_worked_example() -> None:
    """Two ratings of 50 in a team at 70 with k = 5, beside 20 ratings of another: (100 + 350) / 7; z(90 %) = 1.645.

    They tell 2·5/7 + 20·5/25 = 5.43 of the mean; the margin is 1.645 · 26 · √(1/7 + (5/7)²/5.43) = 20.8.
    """
    found = estimate([50, 50], asked=4, spread=26, pull=pull(70, 5, [2, 20, 0]))
    assert (found.mean, found.satisfaction) == (50, pytest.approx(450 / 7))
    assert found.low == pytest.approx(450 / 7 - 20.8, abs=0.05)
    assert found.high == pytest.approx(450 / 7 + 20.8, abs=0.05)
    assert found.response_rate == 0.5


@given(ratings=RATINGS, towards=st.floats(0, 100), k=st.floats(0, 50))
def test_it_lies_between_what_was_given_and_the_team_and_within_its_interval(
    ratings: list[float], towards: float, k: float
) -> None:
    drawn = pull(towards, k, [len(ratings), 7])
    found = estimate(ratings, asked=len(ratings), spread=spread(ratings), pull=drawn)
    mean = fmean(ratings)
    assert found.satisfaction is not None
    assert found.low is not None
    assert found.high is not None
    assert min(mean, towards) - 1e-9 <= found.satisfaction <= max(mean, towards) + 1e-9
    assert 0 <= found.low <= found.satisfaction + 1e-9
    assert found.satisfaction - 1e-9 <= found.high <= 100


@given(rating=st.floats(40, 60), towards=st.floats(40, 60))
def test_the_more_ratings_the_less_it_is_drawn_and_the_narrower_it_is(rating: float, towards: float) -> None:
    founds = [estimate([rating] * n, asked=n, spread=10, pull=pull(towards, 5, [n, 100])) for n in (1, 5, 50)]
    away = [abs((one.satisfaction or 0) - rating) for one in founds]
    width = [(one.high or 0) - (one.low or 0) for one in founds]
    assert away[0] >= away[1] - 1e-9 >= away[2] - 2e-9
    assert width == sorted(width, reverse=True)  # none of them is cut at 0 or 100


def test_without_ratings_there_is_no_figure_and_with_many_the_spread_is_the_usual_one() -> None:
    none = estimate([], asked=3, spread=spread([]), pull=pull(70, 5, [0, 3]))
    assert (none.satisfaction, none.low, none.high, none.response_rate) == (None, None, None, 0.0)
    assert estimate([], asked=0, spread=1).response_rate is None
    many = [0.0, 50.0, 100.0] * 200
    assert spread(many) == pytest.approx(stdev(many), rel=0.01)
    assert spread([80.0]) == pytest.approx(100 / 12**0.5)


@given(ratings=RATINGS, k=st.floats(0.1, 50))
def test_an_agent_alone_is_known_as_well_as_the_team_and_no_better(ratings: list[float], k: float) -> None:
    whole = estimate(ratings, asked=len(ratings), spread=spread(ratings))
    drawn = pull(fmean(ratings), k, [len(ratings)])
    alone = estimate(ratings, asked=len(ratings), spread=spread(ratings), pull=drawn)
    assert (alone.low, alone.satisfaction, alone.high) == (
        pytest.approx(whole.low, abs=1e-6),
        pytest.approx(whole.satisfaction, abs=1e-6),
        pytest.approx(whole.high, abs=1e-6),
    )


def test_nothing_is_drawn_where_the_owner_wants_it_or_nobody_rated() -> None:
    assert pull(70, 0, [3, 4]) is None
    assert pull(70, 5, []) is None
    with pytest.raises(ScoringError):
        pull(70, -1, [3])


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


def test_an_aspect_counts_only_those_who_were_asked_for_it() -> None:
    old, new = ("speed", "price"), ("warmth", "price")
    rows = [
        AskedRating(1, 1, NOON, {"speed": 100.0, "price": 50.0}, old),
        AskedRating(2, 1, NOON, {}, old),
        AskedRating(3, 1, NOON, {"warmth": 75.0}, new),
        AskedRating(4, 1, NOON, {"speed": 0.0}, new),
    ]
    rules = Rules({"warmth": 1.0, "price": 2.0, "never asked": 5.0}, 0.0)
    told = satisfaction_report(rows, {}, rules, "week").aspects
    assert [(one.aspect, one.weight, one.asked, one.rated) for one in told] == [
        ("warmth", 1.0, 2, 1),
        ("price", 2.0, 4, 1),
        ("speed", 1.0, 3, 2),
    ]
    assert satisfaction_report([], {}, rules, "week").aspects == []
