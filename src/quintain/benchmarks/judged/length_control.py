"""Length as a covariate: the win rate that would remain if both responses had the same length."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_STEPS = 30
_PRIOR_ITEMS = 0.5
_RIDGE = 1.0


@dataclass(frozen=True)
class LengthFit:
    """A logistic regression of winning on the difference of lengths, one per draw of the items."""

    intercept: Numbers
    """Log-odds of a win at equal length. Shape (B,)."""
    slope: Numbers
    """What the bounded difference of lengths, in (-1, 1), adds to them. Shape (B,)."""

    @property
    def win_rate(self) -> Numbers:
        """Chance of a win at equal length. Shape (B,)."""
        return sigmoid(self.intercept)


def bounded_lengths(longer: Numbers) -> Numbers:
    """Differences of lengths in units of their spread, bounded so that no monster response decides.

    Args:
        longer: What the first response is longer. Shape (N,).

    Returns:
        tanh of the difference by its standard deviation, all 0 where lengths do not differ. Shape (N,).

    Source: AlpacaEval 2, length-controlled win rates, arXiv:2404.04475, section 3.
    """
    spread = float(np.std(longer))
    return np.tanh(longer / spread) if spread else np.zeros_like(longer)


def fit_length(values: Numbers, longer: Numbers, weights: Numbers) -> LengthFit:
    """Fit wins on lengths by Newton's method.

    AlpacaEval's model has a third term, the difficulty of an instruction, which it estimates from many models; two
    models alone cannot tell it. A prior of half a win and half a loss at equal length, and a unit normal one on the
    slope, keep a fit finite where one model wins everything or the longer response always does.

    Args:
        values: 1 for a win, 0.5 for a tie, 0 for a loss. Shape (N,).
        longer: Bounded differences of lengths. Shape (N,).
        weights: How often each draw took each item; one row of ones for the items as they are. Shape (B, N).

    Returns:
        The coefficients of each draw.
    """
    n_draws = len(weights)
    a, b = np.zeros(n_draws), np.zeros(n_draws)
    for _ in range(_STEPS):
        p = sigmoid(a[:, None] + b[:, None] * longer)  # (B, N)
        p0 = sigmoid(a)
        residual, curvature = weights * (values - p), weights * p * (1 - p)
        gradient_a = residual.sum(axis=1) + _PRIOR_ITEMS * (1 - 2 * p0)
        gradient_b = residual @ longer - _RIDGE * b
        aa = curvature.sum(axis=1) + 2 * _PRIOR_ITEMS * p0 * (1 - p0)
        ab, bb = curvature @ longer, curvature @ longer**2 + _RIDGE
        determinant = aa * bb - ab**2
        step_a = (bb * gradient_a - ab * gradient_b) / determinant
        step_b = (aa * gradient_b - ab * gradient_a) / determinant
        # A step from afar may overshoot; the log-odds of any real rate lie well within a step of two.
        a, b = a + np.clip(step_a, -2, 2), b + np.clip(step_b, -2, 2)
    return LengthFit(a, b)


def sigmoid(x: Numbers) -> Numbers:
    """Logistic function, without overflow. Equal shapes in and out."""
    return 0.5 * (1 + np.tanh(0.5 * x))
