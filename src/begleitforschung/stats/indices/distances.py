"""Scores by distance to the best (and worst) values: Hellwig's Wroclaw taxonomy and TOPSIS.

Signature and rule for missing values are those of `means`. Both depend on the other units, unless
`reference` fixes the data from which the ideal and the scale are taken.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.indices.elements import Elements, Floats, elements


def wroclaw(x: ArrayLike, w: ArrayLike, *, reference: ArrayLike | None = None) -> Floats:
    r"""Return Hellwig's measure of development, :math:`1 - d_i / d_0`; more is better.

    :math:`d_i` is the Euclidean distance to the ideal unit, which has the maximum of each element,
    weighted and relative to the weight that is there, and :math:`d_0` the mean plus two standard
    deviations (with n - 1) of all distances (Hellwig 1968, Przegląd Statystyczny 15). Compind
    returns :math:`d_i / d_0`, of which less is better.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Normalised values of the elements, more is better, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0, re-normalised over the values that are there.
    reference : array_like, shape (m, k), optional
        Units from which ideal and :math:`d_0` are taken (a base year); `x` by default.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Scores, 1 for the ideal, 0 for a unit at distance :math:`d_0`; 1 for all if all units are
        ideal. NaN where nothing is there or all reference units but not this one are ideal.

    Raises
    ------
    ValueError
        If shapes do not fit, a weight is not >= 0 or (`BadCells`) a value is infinite.

    Examples
    --------
    >>> wroclaw([[0.0], [2.0]], [1]).round(3).tolist()
    [0.478, 1.0]
    """
    part = elements(x, w)
    base = part if reference is None else elements(reference, w)
    ideal = _ideal(base)
    distances, others = _distances(part, ideal), _distances(base, ideal)[~base.empty]
    if not others.size:
        return part.finish(np.full(len(distances), np.nan))
    limit = others.mean() + (2 * others.std(ddof=1) if len(others) > 1 else 0.0)
    if limit == 0:
        return part.finish(np.where(distances == 0, 1.0, np.nan))
    return part.finish(1.0 - distances / limit)


def topsis(x: ArrayLike, w: ArrayLike, *, reference: ArrayLike | None = None) -> Floats:
    r"""Return the closeness to the ideal, :math:`d^-_i / (d^+_i + d^-_i)`; more is better.

    :math:`d^+` and :math:`d^-` are the Euclidean distances of the weighted values to the best and
    the worst value of each element (Hwang & Yoon 1981, Multiple Attribute Decision Making). Weights
    enter before squaring, as in the original; normalise `x` before.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Normalised values of the elements, more is better, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0, re-normalised over the values that are there.
    reference : array_like, shape (m, k), optional
        Units from which best and worst values are taken (a base year); `x` by default.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Closeness, between 0 and 1; NaN where nothing is there or best and worst are the same.

    Raises
    ------
    ValueError
        If shapes do not fit, a weight is not >= 0 or (`BadCells`) a value is infinite.

    Examples
    --------
    >>> topsis([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [1, 1]).tolist()
    [0.5, 0.5, 1.0]
    """
    part = elements(x, w)
    base = part if reference is None else elements(reference, w)
    best = _distances(part, _ideal(base), squared_weights=True)
    worst = _distances(part, -_ideal(base, sign=-1.0), squared_weights=True)
    total = best + worst
    return part.finish(np.where(total > 0, worst / np.where(total > 0, total, 1.0), np.nan))


def _ideal(base: Elements, *, sign: float = 1.0) -> Floats:
    """Return the largest value of each element times a sign, 0 where there is none."""
    largest = np.where(base.there, sign * base.values, -np.inf).max(axis=0, initial=-np.inf)
    return np.where(np.isinf(largest), 0.0, largest)


def _distances(part: Elements, point: Floats, *, squared_weights: bool = False) -> Floats:
    """Return the weighted Euclidean distance of each row to a point."""
    away: NDArray[np.float64] = np.where(part.there, part.values - point, 0.0)
    weights = part.shares**2 if squared_weights else part.shares
    distances: Floats = np.sqrt(np.einsum("ij,ij->i", weights, away**2))
    return distances
