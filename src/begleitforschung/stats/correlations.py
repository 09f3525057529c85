"""Correlations of columns, pairwise complete: Pearson, Spearman, Kendall, and covariances.

Each pair of columns is correlated over the rows in which both have a value. A pair with fewer than
two such rows, or in which one column does not vary, has no correlation (NaN).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.correlation_tests import (
    kendall_p_values,
    pearson_p_values,
    spearman_p_values,
)
from begleitforschung.stats.rank_pairs import TieSums, kendall_pairs, rank_pairs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Kind = Literal["pearson", "spearman", "kendall"]

# Products lose digits where the mean of the common rows is far from the mean of the column.
_LOSS, _FLAT = 1e-4, 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlations:
    """Correlations of all pairs of columns.

    Parameters
    ----------
    kind : {"pearson", "spearman", "kendall"}
        Coefficient; Kendall's is tau-b.
    r : numpy.ndarray, shape (k, k)
        Coefficients; NaN where there is none.
    n : numpy.ndarray of int64, shape (k, k)
        Rows in which both columns have a value.
    p : numpy.ndarray, shape (k, k)
        Two-sided p values of no association, 0 on the diagonal; NaN where there is none.
    """

    kind: Kind
    r: Floats
    n: Ints
    p: Floats


def correlate(x: ArrayLike, *, kind: Kind = "pearson") -> Correlations:
    """Correlate all pairs of columns and test each against no association.

    The p values are those of R's ``cor.test``: t for Pearson; for Spearman exact below 10 rows,
    the Edgeworth series of AS 89 up to 1,290 rows, t above or with ties; for Kendall exact below 50
    rows without ties, else normal. They are not corrected for the number of tests: see `adjust`.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values, NaN where missing.
    kind : {"pearson", "spearman", "kendall"}
        Coefficient.

    Returns
    -------
    Correlations
        Coefficients, numbers of rows and p values.

    Raises
    ------
    ValueError
        If `x` is not a matrix, holds an infinite value or the kind is unknown.

    Examples
    --------
    >>> result = correlate([[1.0, 2.0], [2.0, 4.1], [3.0, 5.9], [4.0, 8.0]])
    >>> result.r.round(3).tolist(), float(result.p[0, 1].round(4))
    ([[1.0, 1.0], [1.0, 1.0]], 0.0005)
    """
    values = _matrix(x)
    if kind == "pearson":
        covariance, spread, n = _moments(values)
        r = _ratio(covariance, spread)
        return Correlations(kind=kind, r=r, n=n, p=_with_diagonal(pearson_p_values(r, n), r))
    if kind == "spearman":
        covariance, spread, n, ties = rank_pairs(values)
        r = _ratio(covariance, spread)
        p = spearman_p_values(r, n, _tied(ties))
    elif kind == "kendall":
        concordance, spread, n, ties = kendall_pairs(values)
        r = _ratio(concordance, spread)
        p = kendall_p_values(r, n, ties)
    else:
        raise ValueError("kind is 'pearson', 'spearman' or 'kendall'")
    return Correlations(kind=kind, r=r, n=n, p=_with_diagonal(p, r))


def covariances(x: ArrayLike) -> Floats:
    """Return the covariances (with n - 1) of all pairs of columns over their common rows.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values, NaN where missing.

    Returns
    -------
    numpy.ndarray, shape (k, k)
        Covariances; NaN for pairs with fewer than two common rows.

    Raises
    ------
    ValueError
        If `x` is not a matrix or holds an infinite value.

    Examples
    --------
    >>> covariances([[1.0, 2.0], [2.0, 4.0], [3.0, float("nan")]]).tolist()
    [[1.0, 1.0], [1.0, 2.0]]
    """
    products, _, n = _moments(_matrix(x))
    return np.where(n > 1, products / np.maximum(n - 1, 1), np.nan)


def weighted_covariances(x: ArrayLike, weights: ArrayLike) -> Floats:
    r"""Return covariances of columns in the population that weighted rows stand for.

    :math:`\sum w (x - \bar x)(x - \bar x)^T / \sum w \cdot n / (n - 1)`; with equal weights the
    usual covariance.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values, none missing.
    weights : array_like, shape (n,)
        Weights above 0.

    Returns
    -------
    numpy.ndarray, shape (k, k)
        Covariances.

    Raises
    ------
    ValueError
        If `x` is not a matrix of finite values with at least two rows.

    Examples
    --------
    >>> weighted_covariances([[1.0, 2.0], [2.0, 4.0]], [1.0, 1.0]).tolist()
    [[0.5, 1.0], [1.0, 2.0]]
    """
    values, w = _matrix(x), np.asarray(weights, np.float64)
    if len(values) < 2 or np.isnan(values).any():
        raise ValueError("weighted covariances need two rows, none with a missing value")
    centred = values - w @ values / w.sum()
    spread: Floats = (centred * w[:, None]).T @ centred / w.sum()
    return spread * (len(values) / (len(values) - 1))


def _matrix(x: ArrayLike) -> Floats:
    """Return the values as a matrix without infinite values."""
    values = np.asarray(x, np.float64)
    if values.ndim != 2 or np.isinf(values).any():
        raise ValueError("correlations need a matrix of finite values (NaN is missing)")
    return values


def _moments(values: Floats) -> tuple[Floats, Floats, Ints]:
    """Return sums of products and squares about the means of the common rows, and their number.

    Entry (i, j) of the squares is that of column i over the rows common with j.
    """
    there = ~np.isnan(values)
    mask = there.astype(np.float64)
    centred = np.where(there, values, 0.0)
    means = centred.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    centred -= means
    centred *= mask
    products = centred.T @ centred
    if there.all():
        n = np.full(products.shape, float(len(values)))
        sums = np.broadcast_to(centred.sum(axis=0)[:, None], n.shape)
        raw = np.broadcast_to(np.diagonal(products)[:, None], n.shape)
    else:
        n, sums, raw = mask.T @ mask, centred.T @ mask, (centred * centred).T @ mask
    divisor = np.maximum(n, 1.0)
    products -= sums * sums.T / divisor
    squares = raw - sums**2 / divisor
    unsafe = (squares <= _LOSS * raw) | (raw <= n * (_FLAT * means[:, None]) ** 2)
    for i, j in np.argwhere(np.triu(unsafe | unsafe.T)):
        common = there[:, i] & there[:, j]
        products[i, j], squares[i, j], squares[j, i] = _exact(values[common][:, [i, j]])
        products[j, i] = products[i, j]
    return products, squares, n.astype(np.int64)


def _exact(pair: Floats) -> tuple[float, float, float]:
    """Return the sums of products and squares of two columns about their means."""
    if not len(pair):
        return 0.0, 0.0, 0.0
    away = pair - pair.mean(axis=0)
    away[:, pair.min(axis=0) == pair.max(axis=0)] = 0.0  # a constant has no spread, not rounding
    away -= away.mean(axis=0)
    products = away.T @ away
    return float(products[0, 1]), float(products[0, 0]), float(products[1, 1])


def _ratio(products: Floats, squares: Floats) -> Floats:
    """Return correlations from sums of products and squares, 1 on the diagonal."""
    scale = np.sqrt(squares) * np.sqrt(squares.T)
    r = np.full_like(products, np.nan)
    np.divide(products, scale, out=r, where=scale > 0)
    np.clip(r, -1.0, 1.0, out=r)
    diagonal = np.diagonal(r)
    np.fill_diagonal(r, np.where(np.isnan(diagonal), np.nan, 1.0))
    return r


def _with_diagonal(p: Floats, r: Floats) -> Floats:
    """Set p to 0 on the diagonal, NaN where a column does not correlate even with itself."""
    np.fill_diagonal(p, np.where(np.isnan(np.diagonal(r)), np.nan, 0.0))
    return p


def _tied(ties: TieSums) -> NDArray[np.bool_]:
    """Return in which pairs one of the columns has equal values."""
    tied: NDArray[np.bool_] = (ties.pairs > 0) | (ties.pairs > 0).T
    return tied
