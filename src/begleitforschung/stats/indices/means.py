"""Weighted means of the elements of a node: arithmetic, geometric, harmonic, power, minimum.

All aggregations share one signature, ``f(x, w, **parameters)``, and one rule for missing values:
per row, the weights are re-normalised over the elements that are there. A row without any value is
NaN. Elements of zero weight do not count, whatever stands in them. With equal weights, each
function is its unweighted counterpart, and only the ratio of the weights matters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class BadCells(ValueError):  # noqa: N818
    """Values for which a formula has no meaning; the caller names their units and indicators.

    Parameters
    ----------
    message : str
        What is wrong with them.
    rows, columns : numpy.ndarray of int64, shape (cells,)
        Where they stand; `rows` is empty where whole columns are meant.
    """

    def __init__(self, message: str, rows: ArrayLike, columns: ArrayLike) -> None:
        super().__init__(message)
        self.rows: Ints = np.asarray(rows, np.int64)
        self.columns: Ints = np.asarray(columns, np.int64)


@dataclass(frozen=True, slots=True)
class Elements:
    """Elements of positive weight, ready to be aggregated.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, m)
        Their values, 0 where missing.
    there : numpy.ndarray of bool, shape (n, m)
        Whether there is a value.
    shares : numpy.ndarray, shape (n, m)
        Weights, in each row 0 where missing and 1 in sum (all 0 if nothing is there).
    columns : numpy.ndarray of int64, shape (m,)
        Their positions among all elements.
    """

    values: Floats
    there: NDArray[np.bool_]
    shares: Floats
    columns: Ints

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Rows without any value."""
        nothing = np.asarray(~self.there.any(axis=1))
        return nothing

    def require(self, bad: NDArray[np.bool_], message: str) -> None:
        """Raise BadCells if one of the values that are there is bad."""
        rows, columns = np.nonzero(bad & self.there)
        if rows.size:
            raise BadCells(message, rows, self.columns[columns])

    def finish(self, result: Floats) -> Floats:
        """Return the result, NaN in rows without any value."""
        return np.where(self.empty, np.nan, result)

    def mean(self) -> Floats:
        """Return the weighted arithmetic mean of each row, 0 in rows without any value."""
        means: Floats = np.einsum("ij,ij->i", self.shares, self.values)
        return self.within(means)

    def within(self, result: Floats) -> Floats:
        """Keep means in the range of their row, out of which rounding must not carry them."""
        return np.where(self.empty, 0.0, np.clip(result, self.lowest(), self.highest()))

    def lowest(self) -> Floats:
        """Return the smallest value of each row, infinity in rows without any."""
        smallest: Floats = np.where(self.there, self.values, np.inf).min(axis=1, initial=np.inf)
        return smallest

    def highest(self) -> Floats:
        """Return the largest value of each row, minus infinity in rows without any."""
        largest: Floats = np.where(self.there, self.values, -np.inf).max(axis=1, initial=-np.inf)
        return largest


def elements(x: ArrayLike, w: ArrayLike) -> Elements:
    """Check values and weights and keep what counts.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0.

    Returns
    -------
    Elements
        Elements of positive weight.

    Raises
    ------
    ValueError
        If shapes do not fit or a weight is negative, NaN or infinite.
    BadCells
        If a value is infinite.
    """
    values, weights = checked(x, w)
    columns = np.flatnonzero(weights > 0)
    values, weights = values[:, columns], weights[columns]
    there = ~np.isnan(values)
    if np.isinf(values).any():
        rows, bad = np.nonzero(np.isinf(values))
        raise BadCells("an infinite value cannot be aggregated", rows, columns[bad])
    weights = weights / weights.max(initial=np.finfo(np.float64).tiny)
    if there.all():
        shares = np.broadcast_to(weights / max(weights.sum(), 1.0), values.shape)
        return Elements(values, there, shares, columns)
    shares = np.where(there, weights, 0.0)
    total = shares.sum(axis=1, keepdims=True)
    np.divide(shares, total, out=shares, where=total > 0)
    return Elements(np.where(there, values, 0.0), there, shares, columns)


def checked(x: ArrayLike, w: ArrayLike) -> tuple[Floats, Floats]:
    """Return values and weights as arrays that fit each other.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0.

    Returns
    -------
    values, weights : numpy.ndarray
        The same as float64.

    Raises
    ------
    ValueError
        If shapes do not fit or a weight is negative, NaN or infinite.
    """
    values, weights = np.asarray(x, np.float64), np.asarray(w, np.float64)
    if values.ndim != 2 or weights.shape != values.shape[1:]:
        raise ValueError("values must be (units, elements) and weights (elements,)")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError("weights must be finite and not negative")
    return values, weights


def coverage(x: ArrayLike, w: ArrayLike, *, weighted: bool = False) -> Floats:
    """Return the share of elements that are there, for thresholds of coverage.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0; elements of zero weight do not count.
    weighted : bool
        Count each element by its weight; else each counts once, as in COINr.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Shares between 0 and 1; NaN if no element has a positive weight.

    Raises
    ------
    ValueError
        If shapes do not fit or a weight is negative, NaN or infinite.

    Examples
    --------
    >>> coverage([[1.0, float("nan"), 3.0]], [1, 1, 2], weighted=True).tolist()
    [0.75]
    """
    values, weights = checked(x, w)
    counts = weights if weighted else (weights > 0).astype(np.float64)
    if not counts.any():
        return np.full(len(values), np.nan)
    shares: Floats = np.where(np.isnan(values), 0.0, counts).sum(axis=1) / counts.sum()
    return shares


def arithmetic(x: ArrayLike, w: ArrayLike) -> Floats:
    r"""Return the weighted arithmetic mean, :math:`\sum_k w_k x_k / \sum_k w_k`.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0, re-normalised over the values that are there.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Means; NaN where nothing is there.

    Raises
    ------
    ValueError
        If shapes do not fit, a weight is not >= 0 or (`BadCells`) a value is infinite.

    Examples
    --------
    >>> arithmetic([[1.0, 2.0], [3.0, float("nan")]], [1, 3]).tolist()
    [1.75, 3.0]
    """
    part = elements(x, w)
    return part.finish(part.mean())


def geometric(x: ArrayLike, w: ArrayLike) -> Floats:
    r"""Return the weighted geometric mean, :math:`\exp(\sum_k w_k \ln x_k / \sum_k w_k)`.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values > 0 of the elements, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0, re-normalised over the values that are there.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Means; NaN where nothing is there.

    Raises
    ------
    BadCells
        If a value is zero, negative or infinite.
    ValueError
        If shapes do not fit or a weight is not >= 0.

    Examples
    --------
    >>> geometric([[1.0, 4.0]], [1, 1]).tolist()
    [2.0]
    """
    return power(x, w, p=0.0)


def harmonic(x: ArrayLike, w: ArrayLike) -> Floats:
    r"""Return the weighted harmonic mean, :math:`\sum_k w_k / \sum_k (w_k / x_k)`.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values > 0 of the elements, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0, re-normalised over the values that are there.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Means; NaN where nothing is there.

    Raises
    ------
    BadCells
        If a value is zero, negative or infinite.
    ValueError
        If shapes do not fit or a weight is not >= 0.

    Examples
    --------
    >>> harmonic([[1.0, 3.0]], [1, 1]).tolist()
    [1.5]
    """
    return power(x, w, p=-1.0)


def power(x: ArrayLike, w: ArrayLike, *, p: float) -> Floats:
    r"""Return the weighted power mean, :math:`(\sum_k w_k x_k^p / \sum_k w_k)^{1/p}`.

    It grows with `p`: minus infinity is the minimum, -1 the harmonic, 0 the geometric, 1 the
    arithmetic mean, infinity the maximum (Hardy, Littlewood & Pólya 1934, Inequalities, ch. II).

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, NaN where missing; >= 0 unless `p` is 1 or infinite, > 0 if
        `p` <= 0.
    w : array_like, shape (k,)
        Weights >= 0, re-normalised over the values that are there.
    p : float
        Exponent, may be infinite.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Means; NaN where nothing is there.

    Raises
    ------
    BadCells
        If a value is one for which the mean is not defined, or infinite.
    ValueError
        If shapes do not fit, a weight is not >= 0 or `p` is NaN.

    Examples
    --------
    >>> power([[1.0, 7.0]], [1, 1], p=2).tolist()
    [5.0]
    """
    if np.isnan(p):
        raise ValueError("the exponent of a power mean is a number")
    if p == 1:
        return arithmetic(x, w)
    part = elements(x, w)
    if np.isinf(p):
        return part.finish(part.highest() if p > 0 else part.lowest())
    if p <= 0:
        part.require(part.values <= 0, "this mean needs values above zero")
    else:
        part.require(part.values < 0, "this mean needs values that are not negative")
    filled = np.where(part.there, part.values, 1.0)
    if p == 0:
        logarithms = np.einsum("ij,ij->i", part.shares, np.log(filled))
        return part.finish(part.within(np.exp(logarithms)))
    # In units of the row's largest (smallest) value, no power can overflow.
    unit = part.highest() if p > 0 else part.lowest()
    unit = np.where(part.empty | (unit == 0), 1.0, unit)
    powers = np.einsum("ij,ij->i", part.shares, (filled / unit[:, None]) ** p)
    powers[part.empty] = 1.0
    return part.finish(part.within(unit * powers ** (1.0 / p)))


def minimum(x: ArrayLike, w: ArrayLike) -> Floats:
    """Return the smallest value: nothing compensates for the weakest element.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0; only whether they are zero matters.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Minima; NaN where nothing is there.

    Raises
    ------
    ValueError
        If shapes do not fit, a weight is not >= 0 or (`BadCells`) a value is infinite.

    Examples
    --------
    >>> minimum([[3.0, 2.0, 1.0]], [1, 1, 0]).tolist()
    [2.0]
    """
    part = elements(x, w)
    return part.finish(part.lowest())
