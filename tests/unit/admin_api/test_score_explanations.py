"""Why a score is what it is."""

import json
from dataclasses import asdict

import pytest

from admin_api.scoring.customers import Scores, score_customers, stored_rows
from admin_api.scoring.errors import ScoringError
from admin_api.scoring.explanations import explain, explain_row
from admin_api.scoring.formulas import FORMULAS, SCORES, VERSIONS
from tests.unit.admin_api.scoring_facts import AS_OF, bought, facts, rated


@pytest.fixture(scope="module")
def scores() -> Scores:
    return score_customers(
        facts(
            bought(9, 100, 2, days_ago=1, **rated(100, None, 50)),
            bought(1, 900, 2, days_ago=90, referred_by=1, **rated(50, 75, 100)),
            bought(4, 400, 2, days_ago=30, survey_count=3),
            {"return_count": 1, "amount": -10},
        ),
        AS_OF,
    )


def test_it_tells_inputs_time_version_and_the_strongest_part_first(scores: Scores) -> None:
    why = explain(scores, 1, "loyalty")
    assert (why.as_of, why.window_days, why.version) == (AS_OF, 365, "loyalty-1")
    assert why.formula == "(frequency + amount + variety) / 3"
    assert why.raw == 37.0
    assert [(part.name, part.value) for part in why.parts] == [
        ("frequency", 9),
        ("amount", 100),
        ("variety", 2),
    ]
    assert [part.moved for part in why.parts] == pytest.approx([12.5, -12.5 / 3, 12.5 / 3])
    assert why.flags == ()


@pytest.mark.parametrize("score", ["loyalty", "value", "rfm"])
@pytest.mark.parametrize("customer", [1, 2, 3, 4])
def test_the_parts_add_up_to_the_distance_from_the_middle(scores: Scores, score: str, customer: int) -> None:
    why = explain(scores, customer, score)
    assert why.index is not None
    assert 50 + sum(part.moved for part in why.parts) == pytest.approx(why.index)


def test_satisfaction_is_told_against_the_aspects_usual_rating(scores: Scores) -> None:
    why = explain(scores, 1, "satisfaction")
    assert why.index == 75
    # Usual: product 75, price 75; two aspects answered, so each weighs a half.
    assert {part.name: (part.value, part.moved) for part in why.parts} == {
        "product_quality": (100, 12.5),
        "price": (50, -12.5),
        "service_quality": (None, 0.0),
    }


def test_who_rated_nothing_has_no_satisfaction_and_says_so(scores: Scores) -> None:
    why = explain(scores, 4, "satisfaction")
    assert (why.raw, why.index) == (None, None)
    assert why.flags == ("no_orders", "only_returns", "not_rated")
    assert {part.moved for part in why.parts} == {0.0}


def test_a_missing_recency_is_none(scores: Scores) -> None:
    parts = {part.name: part.value for part in explain(scores, 4, "rfm").parts}
    assert parts == {"recency": None, "frequency": 0, "monetary": -10}


@pytest.mark.parametrize("score", SCORES)
def test_a_stored_row_explains_itself_as_before(scores: Scores, score: str) -> None:
    stored = [json.loads(json.dumps(row, allow_nan=False)) for row in stored_rows(scores)]
    for row in stored:
        assert explain_row(row, score, scores.context) == explain(scores, row["customer_id"], score)


def test_an_explanation_is_plain_values(scores: Scores) -> None:
    told = asdict(explain(scores, 2, "spend"))
    assert json.loads(json.dumps(told, default=str))["raw"] == 900.0


def test_unknown_score_and_unknown_customer(scores: Scores) -> None:
    with pytest.raises(ScoringError, match="Choose one of: satisfaction"):
        explain(scores, 1, "churn")
    with pytest.raises(ScoringError, match="Customer 9 was not among"):
        explain(scores, 9, "loyalty")


def test_every_formula_has_its_own_version_and_source() -> None:
    assert len(set(VERSIONS.values())) == len(VERSIONS)
    assert all(formula.source for formula in FORMULAS.values())
