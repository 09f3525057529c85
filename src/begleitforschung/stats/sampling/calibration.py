r"""Weights that reproduce known totals and move as little as possible from the design weights.

:math:`w_i = d_i F(x_i'\lambda)` with :math:`\sum_i w_i x_i = t`, where F is 1 + u (linear, the
regression estimator), exp u (raking ratio) or a logistic curve between two bounds (Deville &
Särndal 1992, Journal of the American Statistical Association 87, 376-382, section 2); linear and
raking may be cut off at bounds. λ is found by Newton steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats

Distance = Literal["linear", "raking", "logit"]
DISTANCES: tuple[Distance, ...] = get_args(Distance)
Bounds = tuple[float, float]


class CalibrationError(ValueError):
    """The totals cannot be met, or not within the bounds.

    Parameters
    ----------
    message : str
        What failed.
    errors : numpy.ndarray, shape (p,)
        Relative distance of each total from its target.
    """

    def __init__(self, message: str, errors: Floats) -> None:
        super().__init__(message)
        self.errors = errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """Calibrated weights and how they came about.

    Parameters
    ----------
    weights : numpy.ndarray, shape (n,)
        The weights.
    g : numpy.ndarray, shape (n,)
        Their ratio to the weights before; 1 where both are 0.
    iterations : int
        Steps taken.
    error : float
        Largest relative distance of a total from its target.
    at_bounds : int
        Rows whose ratio lies at a bound.
    """

    weights: Floats
    g: Floats
    iterations: int
    error: float
    at_bounds: int


def calibrate_weights(
    x: ArrayLike,
    totals: ArrayLike,
    weights: ArrayLike,
    *,
    distance: Distance = "linear",
    bounds: Bounds | None = None,
    tolerance: float = 1e-12,
    max_iterations: int = 200,
) -> Calibrated:
    """Calibrate weights to totals.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Calibration variables, without NaN; with a column of 1 (or classes that add up to it) the
        weights also sum to a known total. Columns that depend on others are allowed if their
        totals agree.
    totals : array_like, shape (p,)
        Known totals of the population.
    weights : array_like, shape (n,)
        Weights before, at least 0.
    distance : {"linear", "raking", "logit"}
        How distance from the weights before is measured.
    bounds : (float, float), optional
        Smallest and largest ratio of new to old weight, below and above 1; needed for ``logit``.
    tolerance : float
        Largest relative distance from a total, relative to 1 + its size.
    max_iterations : int
        Newton steps before the attempt is given up.

    Returns
    -------
    Calibrated
        Weights and diagnostics.

    Raises
    ------
    CalibrationError
        If the totals are not met.
    ValueError
        If shapes do not fit, a value is missing or the bounds do not hold 1 between them.

    Examples
    --------
    >>> x = [[1, 0], [1, 1], [1, 1]]
    >>> calibrate_weights(x, [6, 3], [1, 1, 1]).weights.round(6).tolist()
    [3.0, 1.5, 1.5]
    """
    matrix, target, d = _checked(x, totals, weights)
    curve = _curve(distance, bounds)
    norm = column_norms(matrix, d)  # euros beside a column of 1 must not lose either of them
    size = (1 + np.abs(target)) / norm
    matrix, target = matrix / norm, target / norm
    multiplier = np.zeros(matrix.shape[1])
    g, slope = curve(matrix @ multiplier)
    miss = target - matrix.T @ (d * g)
    error, step = float(np.max(np.abs(miss) / size, initial=0)), 0
    while error > tolerance and step < max_iterations:
        step += 1
        change = np.linalg.pinv((matrix * (d * slope)[:, None]).T @ matrix, rcond=5e-14) @ miss
        multiplier, g, slope = _walk(curve, matrix, multiplier, change)
        miss = target - matrix.T @ (d * g)
        error = float(np.max(np.abs(miss) / size))
    if not error <= tolerance:
        _give_up(error, miss / size, bounds)
    cut = 0 if bounds is None else int(((d > 0) & ((g <= bounds[0]) | (g >= bounds[1]))).sum())
    return Calibrated(weights=d * g, g=g, iterations=step, error=error, at_bounds=cut)


def column_norms(x: Floats, weights: Floats) -> Floats:
    """Return the weighted length of each column.

    Parameters
    ----------
    x : numpy.ndarray, shape (n, p)
        Calibration variables.
    weights : numpy.ndarray, shape (n,)
        Weights.

    Returns
    -------
    numpy.ndarray, shape (p,)
        Root of the weighted sum of squares; 1 for a column of 0.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    squares = weights @ x**2
    return np.sqrt(np.where(squares > 0, squares, 1.0))


def _checked(x: ArrayLike, totals: ArrayLike, weights: ArrayLike) -> tuple[Floats, Floats, Floats]:
    matrix = np.asarray(x, dtype=np.float64)
    target, d = np.asarray(totals, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape != (d.size, target.size):
        raise ValueError("calibration needs one row of x per weight and one column per total")
    if not all(np.isfinite(a).all() for a in (matrix, target, d)):
        raise ValueError("calibration variables, totals and weights must be finite")
    return matrix, target, d


def _walk(
    curve: Callable[[Floats], tuple[Floats, Floats]], x: Floats, start: Floats, change: Floats
) -> tuple[Floats, Floats, Floats]:
    """Take a step, halved until the ratios are finite."""
    for _ in range(60):
        g, slope = curve(x @ (start + change))
        if np.isfinite(g).all() and np.isfinite(slope).all():
            break
        change = change / 2
    return start + change, g, slope


def _give_up(error: float, misses: Floats, bounds: Bounds | None) -> None:
    """Say that the totals were not met and what may be the reason."""
    why = "the bounds are too narrow" if bounds else "the totals contradict each other"
    message = f"calibration did not converge (largest relative error {error:.2g}): perhaps {why}"
    raise CalibrationError(message, misses)


def _curve(distance: Distance, bounds: Bounds | None) -> Callable[[Floats], tuple[Floats, Floats]]:
    """Return F and its derivative as a function of u."""
    if distance not in DISTANCES:
        raise ValueError(f"distance must be one of {DISTANCES}, not {distance!r}")
    low, high = bounds if bounds is not None else (-np.inf, np.inf)
    if not low < 1 < high:
        raise ValueError("the lower bound must be below 1 and the upper bound above it")
    if distance == "logit":
        if not (np.isfinite(low) and np.isfinite(high)):
            raise ValueError("the distance 'logit' needs two bounds")
        return lambda u: _logistic(u, low, high)

    def cut(u: Floats) -> tuple[Floats, Floats]:
        with np.errstate(over="ignore"):
            free = 1 + u if distance == "linear" else np.exp(u)
        slope = np.ones_like(u) if distance == "linear" else free
        return np.clip(free, low, high), np.where((free > low) & (free < high), slope, 0.0)

    return cut


def _logistic(u: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """Return the logistic curve from ``low`` to ``high`` through 1 with slope 1 at u = 0."""
    steep = (high - low) / ((high - 1) * (1 - low))
    with np.errstate(over="ignore"):
        odds = (1 - low) / (high - 1) * np.exp(steep * u)
        share = 1 - 1 / (1 + odds)
    return low + (high - low) * share, (high - low) * steep * share * (1 - share)
