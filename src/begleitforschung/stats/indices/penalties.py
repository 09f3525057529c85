"""Means that are not fully compensating: OWA, mean-min and the Mazziotta-Pareto indices.

Signature and rule for missing values are those of `means`: weights are re-normalised over what is
there, elements of zero weight do not count, a row without any value is NaN.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.indices.elements import BadCells, Elements, Floats, elements

Penalty = Literal["down", "up"]
Spread = Literal["sample", "population"]


def owa(x: ArrayLike, w: ArrayLike, *, order: ArrayLike) -> Floats:
    r"""Return the ordered weighted average: weights belong to places, from best to worst.

    With equal weights `w` and no missing value it is :math:`\sum_j o_j x_{(j)}` over the values in
    descending order (Yager 1988, IEEE Trans. Systems, Man, Cybernetics 18). Unequal weights and
    rows with missing values stretch and shrink the places (weighted OWA: Torra 1997, Int. J.
    Intelligent Systems 12): the order weights are read as a function over the cumulated weight,
    linear between the places.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0, re-normalised over the values that are there.
    order : array_like, shape (places,)
        Weights >= 0 of the places, the best first; normalised to sum 1. (1, 0, …, 0) is the
        maximum, (0, …, 0, 1) the minimum, equal ones the arithmetic mean.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Averages; NaN where nothing is there.

    Raises
    ------
    ValueError
        If shapes do not fit, weights are not >= 0 or (`BadCells`) a value is infinite.

    Examples
    --------
    >>> owa([[1.0, 3.0, 2.0]], [1, 1, 1], order=[0.5, 0.5, 0]).tolist()
    [2.5]
    """
    places = np.asarray(order, np.float64)
    if places.ndim != 1 or not np.isfinite(places).all() or (places < 0).any() or not places.any():
        raise ValueError("order weights must be finite, not negative and not all zero")
    part = elements(x, w)
    ranked = np.argsort(np.where(part.there, -part.values, np.inf), axis=1, kind="stable")
    values = np.take_along_axis(part.values, ranked, axis=1)
    shares = np.take_along_axis(part.shares, ranked, axis=1)
    ends = np.minimum(np.cumsum(shares, axis=1), 1.0)
    ends = np.concatenate([np.zeros((len(ends), 1)), ends], axis=1)
    knots = np.concatenate([[0.0], np.cumsum(places)]) / places.sum()
    quantifier = np.interp(ends, np.linspace(0.0, 1.0, len(knots)), knots)
    averages = np.einsum("ij,ij->i", np.diff(quantifier, axis=1), values)
    return part.finish(part.within(averages))


def mean_min(x: ArrayLike, w: ArrayLike, *, alpha: float = 0.5, beta: float = 1.0) -> Floats:
    r"""Return the mean-min function, :math:`M - \alpha(\sqrt{(M - m)^2 + \beta^2} - \beta)`.

    M is the weighted mean and m the minimum of a row: from the mean (alpha 0) to the minimum
    (alpha 1, beta 0) (Casadio Tarabusi & Guarini 2013, Social Indicators Research 112).

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements on one scale, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0, re-normalised over the values that are there.
    alpha : float
        Largest share of the distance between mean and minimum that is taken off, 0 to 1.
    beta : float
        Distance, in units of `x`, below which the penalty grows slowly, >= 0.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Values between minimum and mean; NaN where nothing is there.

    Raises
    ------
    ValueError
        If shapes do not fit, weights are not >= 0, alpha or beta is out of bounds or (`BadCells`)
        a value is infinite.

    Examples
    --------
    >>> mean_min([[4.0, 2.0]], [1, 1], alpha=1, beta=0).tolist()
    [2.0]
    """
    if not (0 <= alpha <= 1 and 0 <= beta < np.inf):
        raise ValueError("alpha must be between 0 and 1 and beta not negative")
    part = elements(x, w)
    mean = part.mean()
    distance = mean - np.where(part.empty, 0.0, part.lowest())
    return part.finish(mean - alpha * (np.hypot(distance, beta) - beta))


def mpi(
    x: ArrayLike, w: ArrayLike, *, penalty: Penalty = "down", spread: Spread = "sample"
) -> Floats:
    r"""Return the Mazziotta-Pareto index, :math:`M \mp S^2 / M`.

    M is the mean and S the standard deviation of a row's standardised values (mean 100, standard
    deviation 10): imbalance is penalised (De Muro, Mazziotta & Pareto 2011, Social Indicators
    Research 104). With weights, :math:`S^2 = \sum_k w_k (x_k - M)^2 / \sum_k w_k`, for the sample
    times m / (m - 1), where m elements are there; a row with one value has no imbalance.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Standardised values of the elements, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0, re-normalised over the values that are there.
    penalty : {"down", "up"}
        Whether imbalance lowers the score (more is better) or raises it (more is worse).
    spread : {"sample", "population"}
        Standard deviation with m - 1 (as in Compind's MPI) or with m.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Scores; NaN where nothing is there.

    Raises
    ------
    BadCells
        If a row's mean is not above zero (the coefficient of variation has no meaning) or a value
        is infinite.
    ValueError
        If shapes do not fit, a weight is not >= 0 or an option is unknown.

    Examples
    --------
    >>> mpi([[90.0, 110.0]], [1, 1], spread="population").tolist()
    [99.0]
    """
    if penalty not in ("down", "up") or spread not in ("sample", "population"):
        raise ValueError("penalty is 'down' or 'up', spread 'sample' or 'population'")
    part = elements(x, w)
    mean = part.mean()
    _require_positive(part, mean)
    deviations = np.where(part.there, part.values - mean[:, None], 0.0)
    variance = np.einsum("ij,ij->i", part.shares, deviations**2)
    if spread == "sample":
        m = part.there.sum(axis=1)
        variance = variance * m / np.maximum(m - 1, 1)
    loss = variance / np.where(part.empty, 1.0, mean)
    return part.finish(mean - loss if penalty == "down" else mean + loss)


def ampi(x: ArrayLike, w: ArrayLike, *, penalty: Penalty = "down") -> Floats:
    r"""Return the adjusted Mazziotta-Pareto index, :math:`M \mp S^2 / M`, S with m.

    The values are normalised to a goalpost at 100 over all years (``scales``: ampi), so that scores
    can be compared over time (Mazziotta & Pareto 2016, Social Indicators Research 127). Nothing is
    rounded.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, normalised around 100, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0, re-normalised over the values that are there.
    penalty : {"down", "up"}
        Whether imbalance lowers the score (more is better) or raises it (more is worse).

    Returns
    -------
    numpy.ndarray, shape (n,)
        Scores; NaN where nothing is there.

    Raises
    ------
    ValueError
        As `mpi`, with `BadCells` for rows whose mean is not above zero.

    Examples
    --------
    >>> ampi([[90.0, 110.0]], [1, 1], penalty="up").tolist()
    [101.0]
    """
    return mpi(x, w, penalty=penalty, spread="population")


def _require_positive(part: Elements, mean: Floats) -> None:
    """Raise BadCells for rows whose mean is not above zero."""
    rows = np.flatnonzero((mean <= 0) & ~part.empty)
    if rows.size:
        cells = np.repeat(rows, len(part.columns)), np.tile(part.columns, len(rows))
        raise BadCells("the Mazziotta-Pareto index needs rows with a mean above zero", *cells)
