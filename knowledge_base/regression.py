"""Bayesian logistic regression for a handful of weights."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.calibration import FloatMatrix

_ITERATIONS: Final = 30
_ZERO: Final = 1e-5


@dataclass(frozen=True, slots=True)
class Posterior:
    """The likeliest weights (bias last), and their covariance about them (Laplace's approximation)."""

    weights: FloatMatrix
    covariance: FloatMatrix


def sigmoid(values: FloatMatrix) -> FloatMatrix:
    """Log odds as probabilities."""
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))))


def with_bias(signals: FloatMatrix) -> FloatMatrix:
    """The signals with a last column of ones."""
    return np.hstack([signals, np.ones((len(signals), 1))])


def fit_logistic(
    signals: FloatMatrix,
    right: NDArray[np.bool_],
    weights: FloatMatrix,
    usual: FloatMatrix,
    spread: FloatMatrix,
    offset: FloatMatrix,
) -> Posterior:
    """What the texts (each counting `weights` times) make of a normal prior about the `usual` weights.

    `offset`: log odds that each text has beside those of its signals.

    None but the bias is negative: more of a signal never means less confidence, and where the texts seem
    to say so, they are too few.
    """
    usual, precision = usual.copy(), 1 / spread**2
    while True:
        fitted, curvature = newton(with_bias(signals), right, weights, usual, precision, offset)
        negative = np.append(fitted[:-1] < -_ZERO, False)
        if not negative.any():
            fitted = np.append(np.maximum(fitted[:-1], 0), fitted[-1])
            return Posterior(fitted, np.asarray(np.linalg.inv(curvature), np.float64))
        usual[negative], precision[negative] = 0, 1 / _ZERO**2


def newton(
    design: FloatMatrix,
    right: NDArray[np.bool_],
    weights: FloatMatrix,
    usual: FloatMatrix,
    precision: FloatMatrix,
    offset: FloatMatrix,
) -> tuple[FloatMatrix, FloatMatrix]:
    """The weights of largest posterior probability, and the curvature of its logarithm there."""
    current, curvature = usual.copy(), np.diag(precision)
    for _ in range(_ITERATIONS):
        expected = sigmoid(design @ current + offset)
        slope = design.T @ (weights * (expected - right)) + precision * (current - usual)
        curvature = (design.T * (weights * expected * (1 - expected))) @ design + np.diag(precision)
        step = np.linalg.solve(curvature, slope)
        # A step longer than this leaves the region where the quadratic fits.
        current = current - step / max(1.0, float(np.abs(step * np.sqrt(precision)).max()) / 5)
        if np.abs(step).max() < _ZERO:
            break
    return current, curvature
