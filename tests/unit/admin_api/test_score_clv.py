"""BG/NBD and Gamma-Gamma against the published CDNOW figures, and against their own simulation."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import hyp2f1

from admin_api.scoring import clv
from admin_api.scoring.errors import ScoringError

CDNOW = Path(__file__).parents[3].parent / "shared" / "data" / "cdnow"

needs_cdnow = pytest.mark.skipif(not CDNOW.is_dir(), reason="the CDNOW data set is not beside the checkout")

# Fader, Hardie and Lee (2005), and Fader and Hardie (2013), both on CDNOW, in weeks and dollars.
PUBLISHED = clv.BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
PUBLISHED_VALUES = clv.GammaGamma(p=6.25, q=3.74, v=15.44)


def buying(*rows: tuple[float, float, float]) -> clv.Buying:
    repeats, recency, age = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return clv.Buying(repeats, recency, age)


@needs_cdnow
def test_bg_nbd_gives_the_published_parameters() -> None:
    with (CDNOW / "cdnow_customers_summary.csv").open() as lines:
        rows = [(float(r["frequency"]), float(r["recency"]), float(r["T"])) for r in csv.DictReader(lines)]
    found = clv.fit_bg_nbd(buying(*rows))
    assert found.r == pytest.approx(0.243, abs=5e-4)
    assert found.alpha == pytest.approx(4.414, abs=5e-4)
    assert found.a == pytest.approx(0.793, abs=5e-4)
    assert found.b == pytest.approx(2.426, abs=5e-4)


@needs_cdnow
def test_gamma_gamma_gives_the_published_parameters() -> None:
    orders = pd.read_csv(
        CDNOW / "CDNOW_sample.txt", sep=r"\s+", header=None, names=["master", "id", "day", "cds", "spent"]
    )
    days = orders[orders["day"] <= 19970930].groupby(["id", "day"], as_index=False)["spent"].sum()
    repeats = days[days.groupby("id").cumcount() > 0].groupby("id")["spent"].agg(["count", "mean"])
    found = clv.fit_gamma_gamma(repeats["count"].to_numpy("float64"), repeats["mean"].to_numpy("float64"))
    assert (found.p, found.q, found.v) == pytest.approx((6.25, 3.74, 15.44), abs=5e-3)


def test_published_expectation_of_one_customer() -> None:
    # The authors' note on BG/NBD in Excel: x = 2, t_x = 30.43, T = 38.86 expects 1.226 orders in 39 weeks.
    assert clv.expected_orders(PUBLISHED, buying((2, 30.43, 38.86)), 39) == pytest.approx([1.226], abs=1e-3)


def test_simulation_agrees_with_the_expectations() -> None:
    rows = buying((2, 30.43, 38.86), (0, 0, 38.86), (12, 35, 38), (5, 30, 38))
    mean_value = np.array([30.0, 10, 80, 45])
    drawn = clv.simulate_spend(PUBLISHED, PUBLISHED_VALUES, rows, mean_value, 39, draws=40_000, seed=3)
    expected = clv.expected_orders(PUBLISHED, rows, 39) * clv.expected_value(
        PUBLISHED_VALUES, rows.repeats + 1, mean_value
    )
    assert drawn.shape == (4, 40_000)
    assert drawn.mean(axis=1) == pytest.approx(expected, rel=0.05)


def test_silence_after_many_orders_means_gone_and_one_order_says_nothing() -> None:
    alive = clv.probability_alive(PUBLISHED, buying((20, 10, 200), (20, 199, 200), (0, 0, 200)))
    assert alive[0] < 0.001
    assert alive[1] > 0.8
    assert alive[2] == 1.0


def test_hundreds_of_orders_stay_finite() -> None:
    rows = buying((900, 300, 301), (900, 1, 5000), (0, 0, 0))
    orders = clv.expected_orders(PUBLISHED, rows, 52)
    assert np.isfinite(orders).all()
    assert (orders >= 0).all()
    assert orders[0] > 100
    assert orders[1] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("model", [PUBLISHED, clv.BgNbd(1.3, 8, 0.2, 3), clv.BgNbd(0.5, 2, 2.5, 1.5)])
def test_expectation_agrees_with_the_closed_form(model: clv.BgNbd) -> None:
    rows = buying((2, 30.43, 38.86), (0, 0, 38.86), (12, 35, 38), (1, 3, 70), (40, 60, 61))
    r, alpha, a, b, x = model.r, model.alpha, model.a, model.b, rows.repeats
    z = 39 / (alpha + rows.age + 39)
    power = hyp2f1(r + x, b + x, a + b + x - 1, z) * (1 - z) ** (r + x)
    closed = (a + b + x - 1) / (a - 1) * (1 - power) * clv.probability_alive(model, rows)
    assert clv.expected_orders(model, rows, 39) == pytest.approx(closed, rel=1e-9)


@pytest.mark.parametrize(("a", "b"), [(1.0, 2.4), (475.6, 2711.3), (1e-5, 3.0), (1e-5, 1e5)])
def test_expectation_holds_where_the_closed_form_breaks(a: float, b: float) -> None:
    rows = buying((2, 38, 38), (900, 38, 38))
    orders = clv.expected_orders(clv.BgNbd(0.243, 4.414, a, b), rows, 39)
    nobody_leaves = 39 * (0.243 + rows.repeats) / (4.414 + rows.age)
    assert (orders > 0).all()
    assert (orders <= nobody_leaves * (1 + 1e-9)).all()
    if a < 1e-4:
        assert orders == pytest.approx(nobody_leaves, rel=0.02)


def test_the_next_order_lies_between_ones_own_and_everybodys_average() -> None:
    everybody = PUBLISHED_VALUES.mean
    values = clv.expected_value(PUBLISHED_VALUES, np.array([0.0, 1, 100, 3]), np.array([0.0, 200, 200, -50]))
    assert values[0] == pytest.approx(everybody)
    assert everybody < values[1] < values[2] < 200
    assert 0 < values[3] < everybody


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(ScoringError, match="came today"):
        clv.fit_bg_nbd(buying((0, 0, 0), (0, 0, 0)))
    with pytest.raises(ScoringError, match="positive average order value"):
        clv.fit_gamma_gamma(np.array([1.0]), np.array([-5.0]))


@pytest.mark.parametrize("seed", range(12))
def test_shops_that_hardly_anybody_leaves_are_learned(seed: int) -> None:
    # Leaving chances near nothing make a and b huge, where the likelihood is all but flat.
    generator = np.random.default_rng(seed)
    age = generator.uniform(30, 500, 200)
    repeats = generator.poisson(generator.gamma(0.5, 0.02, 200) * age).astype(float)
    recency = np.where(repeats > 0, age * generator.beta(np.maximum(repeats, 1), 1), 0.0)

    found = clv.fit_bg_nbd(clv.Buying(repeats, recency, age))

    assert found.a / (found.a + found.b) < 0.2
    expected = clv.expected_orders(found, clv.Buying(np.zeros(1), np.zeros(1), np.zeros(1)), 100)
    assert expected[0] == pytest.approx(100 * found.r / found.alpha, rel=0.5)


def test_many_orders_of_one_customer_are_learned_from() -> None:
    generator = np.random.default_rng(2)
    age = generator.uniform(300, 500, 150)
    repeats = np.floor(generator.gamma(0.5, 400, 150))
    recency = np.where(repeats > 0, age * generator.uniform(0.5, 1, 150), 0.0)

    found = clv.fit_bg_nbd(clv.Buying(repeats, recency, age))

    assert found.r / found.alpha == pytest.approx(0.5 * 400 / 400, rel=0.6)
