r"""What each part contributes to a mean: exact decompositions of aggregations.

The aggregations here grow in proportion with their values, so that by Euler's theorem
:math:`f(x) = \sum_k x_k\, \partial f / \partial x_k`. A gain is that derivative, a contribution
gain times value; contributions add up to the score. Along a tree gains multiply.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.indices.elements import Floats, elements


def arithmetic_gains(x: ArrayLike, w: ArrayLike) -> Floats:
    """Return the gains of the arithmetic mean: the weights, re-normalised over what is there.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the parts, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0.

    Returns
    -------
    numpy.ndarray, shape (n, k)
        Gains; 0 where missing.

    Raises
    ------
    ValueError
        If shapes do not fit or a weight is not >= 0.
    """
    return power_gains(x, w, p=1.0)


def power_gains(x: ArrayLike, w: ArrayLike, *, p: float) -> Floats:
    r"""Return the gains of the power mean, :math:`w_k (M / x_k)^{1 - p}`.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the parts, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0.
    p : float
        Exponent: 1 arithmetic, 0 geometric (a part contributes its share of weight), -1 harmonic.

    Returns
    -------
    numpy.ndarray, shape (n, k)
        Gains; 0 where missing, and where a part of value 0 contributes nothing.

    Raises
    ------
    ValueError
        If shapes do not fit or a weight is not >= 0.
    """
    part = elements(x, w)
    found = np.zeros(np.shape(x))
    if p == 1:
        found[:, part.columns] = part.shares
        return found
    filled = np.where(part.there, part.values, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        if p == 0:
            mean = np.exp(np.einsum("ij,ij->i", part.shares, np.log(filled)))
        else:
            mean = np.einsum("ij,ij->i", part.shares, filled**p) ** (1.0 / p)
        gains = part.shares * (mean[:, None] / filled) ** (1.0 - p)
    found[:, part.columns] = np.where(np.isfinite(gains), gains, 0.0)
    return found


def minimum_gains(x: ArrayLike, w: ArrayLike) -> Floats:
    """Return the gains of the minimum: all to the smallest part, shared among equal ones.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the parts, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0; only whether they are zero matters.

    Returns
    -------
    numpy.ndarray, shape (n, k)
        Gains; 0 where missing.

    Raises
    ------
    ValueError
        If shapes do not fit or a weight is not >= 0.
    """
    part = elements(x, w)
    least = part.there & (part.values == part.lowest()[:, None])
    found = np.zeros(np.shape(x))
    found[:, part.columns] = least / np.maximum(least.sum(axis=1, keepdims=True), 1)
    return found


def mean_min_gains(x: ArrayLike, w: ArrayLike, *, alpha: float = 0.5, beta: float = 1.0) -> Floats:
    r"""Return the gains of the mean-min function; its deduction is shared as the distance is.

    With :math:`d = M - m` the deduction is :math:`P = \alpha(\sqrt{d^2 + \beta^2} - \beta)`, and
    the gains are those of the mean minus P / d times those of d (Aumann & Shapley 1974, Values of
    Non-Atomic Games, along the diagonal).

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the parts, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0.
    alpha, beta : float
        As for `begleitforschung.stats.indices.penalties.mean_min`.

    Returns
    -------
    numpy.ndarray, shape (n, k)
        Gains; 0 where missing.

    Raises
    ------
    ValueError
        If shapes do not fit or a weight is not >= 0.
    """
    part = elements(x, w)
    distance = part.mean() - np.where(part.empty, 0.0, part.lowest())
    deduction = alpha * (np.hypot(distance, beta) - beta)
    share = np.divide(deduction, distance, out=np.zeros_like(distance), where=distance > 0)
    mean = arithmetic_gains(x, w)
    return np.asarray(mean - share[:, None] * (mean - minimum_gains(x, w)))


def penalty_gains(
    x: ArrayLike, w: ArrayLike, *, penalty: str = "down", spread: str = "population"
) -> Floats:
    r"""Return the gains of the (adjusted) Mazziotta-Pareto index :math:`M \mp S^2 / M`.

    :math:`w_k \big(1 \mp [2 c (x_k - M) / M - S^2 / M^2]\big)` with c = 1, for the sample
    m / (m - 1).

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the parts, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0.
    penalty : {"down", "up"}
        Sign of the penalty.
    spread : {"sample", "population"}
        Standard deviation with m - 1 or m.

    Returns
    -------
    numpy.ndarray, shape (n, k)
        Gains; 0 where missing.

    Raises
    ------
    ValueError
        If shapes do not fit or a weight is not >= 0.
    """
    part = elements(x, w)
    mean = part.mean()[:, None]
    mean = np.where(mean == 0, 1.0, mean)
    m = part.there.sum(axis=1, keepdims=True)
    factor = np.where(m > 1, m / np.maximum(m - 1, 1), 0.0) if spread == "sample" else 1.0
    away = np.where(part.there, part.values - mean, 0.0)
    variance = factor * np.einsum("ij,ij->i", part.shares, away**2)[:, None]
    inner = 2 * factor * away / mean - variance / mean**2
    sign = -1.0 if penalty == "down" else 1.0
    found = np.zeros(np.shape(x))
    found[:, part.columns] = part.shares * (1 + sign * inner)
    return found


def owa_gains(x: ArrayLike, w: ArrayLike, *, order: ArrayLike) -> Floats:
    """Return the gains of the ordered weighted average: the weight of each part's place.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the parts, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0.
    order : array_like, shape (places,)
        Weights of the places, the best first.

    Returns
    -------
    numpy.ndarray, shape (n, k)
        Gains; 0 where missing.

    Raises
    ------
    ValueError
        If shapes do not fit or a weight is not >= 0.
    """
    part = elements(x, w)
    places = np.asarray(order, np.float64)
    ranked = np.argsort(np.where(part.there, -part.values, np.inf), axis=1, kind="stable")
    ends = np.minimum(np.cumsum(np.take_along_axis(part.shares, ranked, axis=1), axis=1), 1.0)
    ends = np.concatenate([np.zeros((len(ends), 1)), ends], axis=1)
    knots = np.concatenate([[0.0], np.cumsum(places)]) / places.sum()
    quantifier = np.interp(ends, np.linspace(0.0, 1.0, len(knots)), knots)
    gains = np.empty(part.values.shape)
    np.put_along_axis(gains, ranked, np.diff(quantifier, axis=1), axis=1)
    found = np.zeros(np.shape(x))
    found[:, part.columns] = gains
    return found


def geometric_gains(x: ArrayLike, w: ArrayLike) -> Floats:
    """Return the gains of the geometric mean; see `power_gains`.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values > 0 of the parts, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0.

    Returns
    -------
    numpy.ndarray, shape (n, k)
        Gains; 0 where missing.

    Raises
    ------
    ValueError
        If shapes do not fit or a weight is not >= 0.
    """
    return power_gains(x, w, p=0.0)


def harmonic_gains(x: ArrayLike, w: ArrayLike) -> Floats:
    """Return the gains of the harmonic mean; see `power_gains`.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values > 0 of the parts, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0.

    Returns
    -------
    numpy.ndarray, shape (n, k)
        Gains; 0 where missing.

    Raises
    ------
    ValueError
        If shapes do not fit or a weight is not >= 0.
    """
    return power_gains(x, w, p=-1.0)


GAINS: Mapping[str, Callable[..., Any]] = {
    "arithmetic": arithmetic_gains,
    "geometric": geometric_gains,
    "harmonic": harmonic_gains,
    "power": power_gains,
    "minimum": minimum_gains,
    "mean_min": mean_min_gains,
    "mpi": penalty_gains,
    "ampi": penalty_gains,
    "owa": owa_gains,
}
