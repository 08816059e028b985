"""Scores of all customers at once: the same figures as the formulas alone, nobody dropped, no clock read."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from admin_api.scoring.customer_segments import NO_ORDERS, segment_customers
from admin_api.scoring.customers import ScoringRules, score_customers, stored_rows
from admin_api.scoring.errors import ScoringError
from admin_api.scoring.loyalty import loyalty_index
from admin_api.scoring.value import value_index
from tests.unit.admin_api.scoring_facts import AS_OF, bought, facts, rated


def test_worked_examples_for_whole_customers() -> None:
    frame = score_customers(
        facts(
            bought(10, 1000, 5, **rated(75, 100, 75)),
            bought(5, 500, 3, referred_by=1, survey_count=10, **rated(50, 75, 50)),
        ),
        AS_OF,
    ).frame
    assert frame["loyalty_raw"].tolist() == pytest.approx([338.3333, 169.3333], abs=5e-5)
    assert frame["loyalty_index"].tolist() == [75, 25]
    assert frame["satisfaction_index"].tolist() == pytest.approx([83.3333, 58.3333], abs=5e-5)
    assert frame["value_raw"].tolist() == pytest.approx([(1000 + 500) / 3, (500 + 50) / 3])
    assert frame["spend_raw"].tolist() == [10_000, 2500]
    assert frame["spend_rank"].tolist() == [1, 2]
    assert frame["recency_days"].tolist() == [10, 10]


def test_indexes_are_those_of_the_formulas() -> None:
    generator = np.random.default_rng(7)
    rows = [
        bought(int(n), float(n * 7 % 50), int(n % 4), referred_by=1 + n % 9)
        for n in generator.integers(1, 9, 40)
    ]
    frame = score_customers(facts(*rows), AS_OF).frame
    columns = {
        name: frame[name].to_numpy()
        for name in ("order_count", "amount", "variety", "referral", "information")
    }
    assert frame["loyalty_index"].to_numpy() == pytest.approx(
        loyalty_index(columns["order_count"], columns["amount"], columns["variety"])
    )
    assert frame["value_index"].to_numpy() == pytest.approx(
        value_index(columns["amount"], columns["referral"], columns["information"])
    )


def test_nobody_is_dropped() -> None:
    scores = score_customers(
        facts(bought(3, 90, 2), {}, {"return_count": 2, "amount": -25}, rated(100, None, None)), AS_OF
    )
    frame = scores.frame
    assert frame["customer_id"].tolist() == [1, 2, 3, 4]
    assert frame["no_orders"].tolist() == [False, True, True, True]
    assert frame["only_returns"].tolist() == [False, False, True, False]
    assert frame["not_rated"].tolist() == [True, True, True, False]
    assert frame["order_count"].tolist() == [3, 0, 0, 0]
    assert frame["rfm_recency"].tolist() == [3, 1, 1, 1]
    assert scores.overall_satisfaction == 100
    assert scores.context.aspect_means == {"product_quality": 100, "service_quality": None, "price": None}


def test_weights_and_worth_are_the_owners() -> None:
    rules = ScoringRules(
        weights={"product_quality": 3, "service_quality": 0, "price": 1},
        worth={"rating": 0, "comment": 0, "confirmed_answer": 0, "survey": 7},
    )
    frame = score_customers(
        facts({**rated(100, 0, 20), "survey_count": 2, "comment_count": 5}), AS_OF, rules
    ).frame
    assert frame["satisfaction_raw"].tolist() == [80]
    assert frame["information"].tolist() == [14]


def test_a_referrer_outside_the_facts_gets_nothing() -> None:
    frame = score_customers(
        facts(bought(1, 50, 1, referred_by=77), bought(1, 60, 1, referred_by=1)), AS_OF
    ).frame
    assert frame["referral"].tolist() == [60, 0]


def test_the_same_facts_give_the_same_scores_in_any_order() -> None:
    table = facts(*(bought(1 + n % 4, n * 3.5, n % 5, days_ago=n + 1) for n in range(60)))
    one, other = score_customers(table, AS_OF), score_customers(table.sample(frac=1, random_state=2), AS_OF)
    expected = one.frame.set_index("customer_id")
    found = other.frame.set_index("customer_id").loc[expected.index]
    pd.testing.assert_frame_equal(found, expected)
    assert segment_customers(other).segments == segment_customers(one).segments


def test_no_customers_at_all() -> None:
    scores = score_customers(facts(), AS_OF)
    assert len(scores.frame) == 0
    assert scores.overall_satisfaction is None
    assert segment_customers(scores).segments == ()
    assert list(stored_rows(scores)) == []


def test_customers_without_orders_are_their_own_segment() -> None:
    table = facts(
        bought(9, 900, 9, days_ago=1), {}, bought(1, 5, 1, days_ago=300), {"amount": -4, "return_count": 1}
    )
    found = segment_customers(score_customers(table, AS_OF), 2)
    assert found.members["segment"].tolist()[1::2] == [NO_ORDERS, NO_ORDERS]
    assert [one.size for one in found.segments] == [1, 1, 2]
    assert found.segments[0].centroid == {"recency_days": 1.0, "order_count": 9.0, "amount": 900.0}
    assert found.segments[2].centroid == {"recency_days": None, "order_count": 0.0, "amount": -2.0}
    assert found.k == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda table: table.drop(columns=["variety", "aspect_price"]),
            "lack these columns: variety, aspect_price",
        ),
        (lambda table: table.assign(customer_id=1), "comes twice"),
        (lambda table: table.assign(order_count=[1.0, np.nan]), "order_count is missing or negative"),
        (lambda table: table.assign(variety=-1.0), "variety is missing or negative"),
        (lambda table: table.assign(amount=np.nan), "amount is missing"),
        (lambda table: table.assign(order_count=0.0), "disagree"),
        (lambda table: table.assign(first_order_at=pd.to_datetime([None, None], utc=True)), "disagree"),
        (
            lambda table: table.assign(last_order_at=table["last_order_at"].dt.tz_localize(None)),
            "no time zone",
        ),
        (
            lambda table: table.assign(last_order_at=table["last_order_at"] + timedelta(days=11)),
            "lies after as_of",
        ),
        (
            lambda table: table.assign(first_order_at=table["first_order_at"] - timedelta(days=400)),
            "before the window",
        ),
        (lambda table: table.assign(aspect_price=101.0), "outside the scale"),
    ],
)
def test_facts_that_cannot_be_are_refused(change: object, says: str) -> None:
    table = facts(bought(1, 10, 1), bought(2, 20, 1))
    with pytest.raises(ScoringError, match=says):
        score_customers(change(table), AS_OF)  # type: ignore[operator]


def test_times_and_windows_that_cannot_be_are_refused() -> None:
    with pytest.raises(ScoringError, match="as_of has no time zone"):
        score_customers(facts({}), AS_OF.replace(tzinfo=None))
    with pytest.raises(ScoringError, match="longer than zero"):
        score_customers(facts({}), AS_OF, ScoringRules(window=timedelta(0)))
