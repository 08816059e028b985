"""Two published models of buying: how many orders will come (BG/NBD) and what each is worth (Gamma-Gamma).

Sources: Fader, Hardie and Lee, "Counting Your Customers the Easy Way", Marketing Science 24 (2005); Fader and
Hardie, "The Gamma-Gamma Model of Monetary Value", note of 2013. One unit of time throughout, the caller's choice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaincinv, betaln, expit, psi

from admin_api.scoring.arrays import Integers, Matrix, Vector, vector
from admin_api.scoring.errors import ScoringError

# Logarithms of the parameters are sought up to these: further out the models no longer change, and differences of
# gamma functions run out of digits. A shop with one price for all ends at the bounds of p and q, and rightly.
_WIDEST_BG_NBD: Final = (12.0, 12.0, 12.0, 12.0)
_WIDEST_GAMMA_GAMMA: Final = (6.0, 6.0, 12.0)
_FLAT_ENOUGH: Final = 1e-3

# Ten digits of the integral for the parameters shops have; blocks of rows keep its memory small.
_NODES: Final = 48
_BLOCK: Final = 20_000


@dataclass(frozen=True, slots=True)
class Buying:
    """One row per customer: orders after the first, time of the last one and age, both counted from the first."""

    repeats: Vector
    recency: Vector
    age: Vector

    def row(self, number: int) -> "Buying":
        """One customer's buying, by position."""
        return self.rows(np.array([number]))

    def rows(self, numbers: Integers) -> "Buying":
        """The buying of the customers at these positions."""
        return Buying(self.repeats[numbers], self.recency[numbers], self.age[numbers])


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Buying rates spread as Gamma(r, alpha), the chance to leave after an order as Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Order values spread as Gamma(p, ν) within a customer, ν as Gamma(q, v) between customers; v is money."""

    p: float
    q: float
    v: float

    @property
    def mean(self) -> float:
        """The average order value over all customers; it exists only for q > 1."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else float("inf")


def fit_bg_nbd(buying: Buying) -> BgNbd:
    """The parameters of greatest likelihood (equation 6 of the 2005 paper). ScoringError when there are none."""
    unit = float(buying.age.max()) if len(buying.age) else 0.0
    if unit <= 0:
        raise ScoringError(
            "Every customer came today: there is no time over which to learn how they come back."
        )
    found = _greatest(_BgNbdLoss(buying.repeats, buying.recency / unit, buying.age / unit), _WIDEST_BG_NBD)
    r, alpha, a, b = found
    return BgNbd(r=r, alpha=alpha * unit, a=a, b=b)


@dataclass(frozen=True, slots=True)
class _BgNbdLoss:
    """The mean negative log likelihood and its slope, by the logarithms of r, alpha, a and b.

    Differences of log gammas are sums of logarithms here: for the large a and b of shops that nobody leaves, the
    difference itself has fewer digits than the search needs.
    """

    x: Vector
    recency: Vector
    age: Vector

    def __call__(self, parameters: Vector) -> tuple[float, Vector]:
        r, alpha, a, b = np.exp(parameters)
        x, again = self.x, self.x > 0
        (rise_r, slope_r), (rise_b, slope_b), (rise_both, slope_both) = (
            _rise(start, x) for start in (r, b, a + b)
        )
        since_age, since_last = alpha + self.age, alpha + self.recency
        alive = -(r + x) * np.log(since_age)
        last = b + np.maximum(x, 1) - 1
        gone = np.log(a) - np.log(last) - (r + x) * np.log(since_last)
        left = np.where(again, expit(gone - alive), 0.0)
        log_likelihood = rise_r + r * np.log(alpha) + rise_b - rise_both
        log_likelihood += np.where(again, np.logaddexp(alive, gone), alive)
        slopes = (
            slope_r + np.log(alpha) - (1 - left) * np.log(since_age) - left * np.log(since_last),
            r / alpha - (r + x) * ((1 - left) / since_age + left / since_last),
            left / a - slope_both,
            slope_b - slope_both - left / last,
        )
        slope = np.array([np.mean(each) for each in slopes]) * (r, alpha, a, b)
        return -float(np.mean(log_likelihood)), -slope


def _rise(start: float, x: Vector) -> tuple[Vector, Vector]:
    """How much the log gamma function rises from `start` to `start + x`, for whole x, and that by `start`."""
    steps = start + np.arange(int(x.max()))
    which = x.astype(np.int64)
    return (
        np.concatenate([[0.0], np.cumsum(np.log(steps))])[which],
        np.concatenate([[0.0], np.cumsum(1 / steps)])[which],
    )


def fit_gamma_gamma(orders: Vector, mean_value: Vector) -> GammaGamma:
    """The parameters of greatest likelihood (equation 1a of the 2013 note), from customers with a positive mean.

    `orders` is how many order values each mean was taken over. ScoringError when there are none.
    """
    known = (orders > 0) & (mean_value > 0)
    if not known.any():
        raise ScoringError(
            "No customer has a positive average order value: there is nothing to learn values from."
        )
    x, unit = orders[known], float(mean_value[known].mean())
    z = mean_value[known] / unit

    def loss(parameters: Vector) -> tuple[float, Vector]:
        p, q, v = np.exp(parameters)
        px, seen = p * x, np.log(x * z + v)
        terms = -betaln(px, q) + q * np.log(v) + (px - 1) * np.log(z) + px * np.log(x) - (px + q) * seen
        both = psi(px + q)
        slopes = (
            x * (both - psi(px) + np.log(z) + np.log(x) - seen),
            both - psi(q) + np.log(v) - seen,
            q / v - (px + q) / (x * z + v),
        )
        return -float(np.mean(terms)), -np.array([np.mean(each) for each in slopes]) * (p, q, v)

    p, q, v = _greatest(loss, _WIDEST_GAMMA_GAMMA)
    return GammaGamma(p=p, q=q, v=v * unit)


def _greatest(loss: Callable[[Vector], tuple[float, Vector]], widest: Sequence[float]) -> list[float]:
    found = minimize(
        loss,
        np.zeros(len(widest)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-bound, bound) for bound in widest],
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7},
    )
    # The search may stop at the last digit of the likelihood and call that a failure: judge by the slope instead.
    slope = np.where(np.abs(found.x) < np.array(widest), np.abs(found.jac), 0.0)
    if not np.isfinite(found.fun) or slope.max() > _FLAT_ENOUGH:
        raise ScoringError(
            "The model of buying does not settle on these orders. Try again with more customers."
        )
    return [float(parameter) for parameter in np.exp(found.x)]


def probability_alive(model: BgNbd, buying: Buying) -> Vector:
    """The chance that the customer still buys here (2008 note by the same authors); 1 after a single order."""
    x = buying.repeats
    ratio = (model.r + x) * (np.log(model.alpha + buying.age) - np.log(model.alpha + buying.recency))
    # Beyond e^700 a double overflows; the chance is 0 long before.
    odds = model.a / (model.b + np.maximum(x, 1) - 1) * np.exp(np.minimum(ratio, 700.0))
    return vector(np.where(x > 0, 1 / (1 + odds), 1.0))


def expected_orders(model: BgNbd, buying: Buying, horizon: float) -> Vector:
    """The mean number of orders in the next `horizon`: equation 10 of the 2005 paper, as the integral it solves.

    A customer with buying rate λ and leaving chance p who is alive will order (1 - e^(-λpt)) / p times on average.
    The mean over λ is a power, the mean over p is taken by Gauss-Legendre on the quantiles of its Beta
    distribution. (The closed form's hypergeometric function overflows when a and b are large.)
    """
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    s = (nodes + 1) / 2
    # The quantile function bends sharply at 0 and 1; this step, flat at both ends, takes the bend out.
    share, weights = s**3 * (10 - 15 * s + 6 * s**2), 15 * s**2 * (1 - s) ** 2 * weights
    different, which = np.unique(buying.repeats, return_inverse=True)
    leaving = betaincinv(model.a, model.b + different[:, None], share)
    leaving = np.maximum(leaving, np.finfo(np.float64).tiny)
    later = horizon / (model.alpha + buying.age)
    if_alive = np.empty(len(later))
    for start in range(0, len(later), _BLOCK):
        rows = slice(start, start + _BLOCK)
        p = leaving[which[rows]]
        still = np.log1p(p * later[rows, None]) * (model.r + buying.repeats[rows, None])
        if_alive[rows] = -np.expm1(-still) / p @ weights
    return if_alive * probability_alive(model, buying)


def expected_value(model: GammaGamma, orders: Vector, mean_value: Vector) -> Vector:
    """The mean value of a customer's next order: his own average drawn towards everybody's (2013 note, equation 5).

    Without orders it is everybody's average; a negative average (more returned than bought) counts as 0.
    """
    seen = orders * np.maximum(mean_value, 0.0)
    return vector(model.p * (model.v + seen) / (model.p * orders + model.q - 1))


def simulate_spend(
    purchases: BgNbd,
    values: GammaGamma,
    buying: Buying,
    mean_value: Vector,
    horizon: float,
    draws: int,
    seed: int,
) -> Matrix:
    """Spend in the next `horizon`, drawn from both models given what each customer did; (customers, draws)."""
    generator = np.random.default_rng(seed)
    shape = (len(buying.repeats), draws)
    x = buying.repeats[:, None]
    alive = generator.random(shape) < probability_alive(purchases, buying)[:, None]
    rate = generator.gamma(purchases.r + x, 1.0, shape) / (purchases.alpha + buying.age[:, None])
    leaving = np.maximum(generator.beta(purchases.a, purchases.b + x, shape), 1e-12)
    orders = np.minimum(generator.poisson(rate * horizon), generator.geometric(leaving)) * alive
    seen = (x + 1) * np.maximum(mean_value, 0.0)[:, None]
    scale = generator.gamma(values.p * (x + 1) + values.q, 1.0, shape) / (values.v + seen)
    return np.asarray(generator.gamma(values.p * orders, 1.0) / scale, dtype=np.float64)
