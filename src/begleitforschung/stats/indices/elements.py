"""Values and weights of the elements of a node, checked and ready to be aggregated.

The rule for missing values is the same in all aggregations: per row, the weights are re-normalised
over the elements that are there. Elements of zero weight do not count, whatever stands in them.
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
        return np.asarray(~self.there.any(axis=1))

    def require(self, bad: NDArray[np.bool_], message: str) -> None:
        """Refuse bad values.

        Parameters
        ----------
        bad : numpy.ndarray of bool, shape (n, m)
            Where a value, if it is there, is bad.
        message : str
            What is wrong with it.

        Raises
        ------
        BadCells
            If one of the values that are there is bad.
        """
        rows, columns = np.nonzero(bad & self.there)
        if rows.size:
            raise BadCells(message, rows, self.columns[columns])

    def finish(self, result: Floats) -> Floats:
        """Blank the result of rows without any value.

        Parameters
        ----------
        result : numpy.ndarray, shape (n,)
            Scores.

        Returns
        -------
        numpy.ndarray, shape (n,)
            The same, NaN in rows without any value.
        """
        return np.where(self.empty, np.nan, result)

    def mean(self) -> Floats:
        """Average each row with its weights.

        Returns
        -------
        numpy.ndarray, shape (n,)
            Weighted arithmetic means, 0 in rows without any value.
        """
        means: Floats = np.einsum("ij,ij->i", self.shares, self.values)
        return self.within(means)

    def within(self, result: Floats) -> Floats:
        """Keep means in the range of their row, out of which rounding must not carry them.

        Parameters
        ----------
        result : numpy.ndarray, shape (n,)
            Means.

        Returns
        -------
        numpy.ndarray, shape (n,)
            The same between minimum and maximum, 0 in rows without any value.
        """
        return np.where(self.empty, 0.0, np.clip(result, self.lowest(), self.highest()))

    def lowest(self) -> Floats:
        """Find the smallest value of each row.

        Returns
        -------
        numpy.ndarray, shape (n,)
            Minima, infinity in rows without any value.
        """
        smallest: Floats = np.where(self.there, self.values, np.inf).min(axis=1, initial=np.inf)
        return smallest

    def highest(self) -> Floats:
        """Find the largest value of each row.

        Returns
        -------
        numpy.ndarray, shape (n,)
            Maxima, minus infinity in rows without any value.
        """
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
