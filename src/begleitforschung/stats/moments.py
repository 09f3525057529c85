"""Skewness and kurtosis of many columns at once.

Reference: Joanes, D. N. & Gill, C. A. (1998): Comparing measures of sample skewness and kurtosis.
The Statistician 47(1), 183-189. G1 and G2 are what Excel (SKEW, KURT), SAS and SPSS give.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_CELLS = 30_000  # of a block: it stays in cache


def lowest(x: Floats) -> Floats:
    """Return the minimum of each column.

    Parameters
    ----------
    x : numpy.ndarray, shape (n, p)
        Values; NaN are left out.

    Returns
    -------
    numpy.ndarray, shape (p,)
        NaN where a column has no value.

    Raises
    ------
    ValueError
        Never of itself.
    """
    found: Floats = np.fmin.reduce(x, axis=0, initial=np.nan)
    return found


def highest(x: Floats) -> Floats:
    """Return the maximum of each column.

    Parameters
    ----------
    x : numpy.ndarray, shape (n, p)
        Values; NaN are left out.

    Returns
    -------
    numpy.ndarray, shape (p,)
        NaN where a column has no value.

    Raises
    ------
    ValueError
        Never of itself.
    """
    found: Floats = np.fmax.reduce(x, axis=0, initial=np.nan)
    return found


def skewness(x: ArrayLike) -> Floats:
    r"""Return the bias-adjusted skewness :math:`G_1` of each column.

    :math:`G_1 = \frac{\sqrt{n(n-1)}}{n-2}\,\frac{m_3}{m_2^{3/2}}` with the central moments
    :math:`m_k = \frac1n\sum_i (x_i - \bar x)^k` (Joanes & Gill 1998).

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values; NaN are left out.

    Returns
    -------
    numpy.ndarray, shape (p,)
        NaN where a column has fewer than three values or all of them are equal.

    Raises
    ------
    ValueError
        If `x` does not have two dimensions.

    Examples
    --------
    >>> skewness([[1.0], [2.0], [6.0]]).round(6).tolist()
    [1.457863]
    """
    return skewness_kurtosis(x)[0]


def kurtosis(x: ArrayLike) -> Floats:
    r"""Return the bias-adjusted excess kurtosis :math:`G_2` of each column.

    :math:`G_2 = \frac{n-1}{(n-2)(n-3)}\left[(n+1)\left(\frac{m_4}{m_2^2} - 3\right) + 6\right]`
    with the central moments :math:`m_k` (Joanes & Gill 1998).

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values; NaN are left out.

    Returns
    -------
    numpy.ndarray, shape (p,)
        NaN where a column has fewer than four values or all of them are equal.

    Raises
    ------
    ValueError
        If `x` does not have two dimensions.

    Examples
    --------
    >>> kurtosis([[1.0], [2.0], [3.0], [4.0]]).round(6).tolist()
    [-1.2]
    """
    return skewness_kurtosis(x)[1]


def skewness_kurtosis(x: ArrayLike) -> tuple[Floats, Floats]:
    """Return skewness and excess kurtosis of each column in one pass.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values; NaN are left out.

    Returns
    -------
    skewness, kurtosis : numpy.ndarray, shape (p,)
        As by `skewness` and `kurtosis`.

    Raises
    ------
    ValueError
        If `x` does not have two dimensions.
    """
    values = np.asarray(x, np.float64)
    n, mean = _means(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        span = highest(values) - lowest(values)
        sums = _power_sums(values, mean, np.where(span > 0, 1.0 / span, np.nan))
        return adjusted(n, *np.where(span > 0, sums / n, np.nan))


def column_moments(column: Floats) -> tuple[float, float]:
    """Return skewness and excess kurtosis of a single column, without the cost of a matrix.

    Parameters
    ----------
    column : numpy.ndarray, shape (n,)
        Values; NaN are left out.

    Returns
    -------
    skewness, kurtosis : float
        As by `skewness` and `kurtosis`.

    Raises
    ------
    ValueError
        If `column` does not have one dimension.
    """
    if column.ndim != 1:
        raise ValueError("moments of a column: one dimension")
    values = column[~np.isnan(column)]
    span = float(values.max() - values.min()) if values.size else 0.0
    if not span > 0:
        return np.nan, np.nan
    d = (values - values.mean()) / span
    square = d * d
    n = float(values.size)
    # Not by BLAS, whose threads cost more than these sums.
    third, fourth = np.einsum("i,i->", square, d), np.einsum("i,i->", square, square)
    found = adjusted(n, square.sum() / n, third / n, fourth / n)
    return float(found[0]), float(found[1])


def mean_sd(x: ArrayLike) -> tuple[Floats, Floats]:
    """Return arithmetic mean and standard deviation (n - 1) of each column.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values; NaN are left out.

    Returns
    -------
    mean, sd : numpy.ndarray, shape (p,)
        Mean, NaN without values; standard deviation, NaN below two values. Where all values are
        equal, the mean is exactly that value and the standard deviation exactly 0.

    Raises
    ------
    ValueError
        If `x` does not have two dimensions.
    """
    values = np.asarray(x, np.float64)
    n, mean = _means(values)
    low, high = lowest(values), highest(values)
    level = low == high
    freedom = np.where(n > 1, n - 1, np.nan)
    sd = np.sqrt(_power_sums(values, mean, np.ones(n.size), 1)[0] / freedom)
    return np.where(level, low, mean), np.where(level, 0.0 * freedom, sd)


def _blocks(values: Floats) -> Iterator[Floats]:
    """Cut a matrix into blocks of rows that stay in cache."""
    rows = max(_CELLS // max(values.shape[1], 1), 1)
    for start in range(0, values.shape[0], rows):
        yield values[start : start + rows]


def _means(values: Floats) -> tuple[Floats, Floats]:
    """Return number and mean of the values of each column."""
    if values.ndim != 2:
        raise ValueError("moments are taken of the columns of a matrix: two dimensions")
    n, total = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for block in _blocks(values):
        missing = np.isnan(block)
        n += block.shape[0] - np.count_nonzero(missing, axis=0)
        total += np.where(missing, 0.0, block).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return n, total / np.where(n > 0, n, np.nan)


def _power_sums(values: Floats, mean: Floats, scale: Floats, powers: int = 3) -> Floats:
    """Return the sums of (scale (x - mean))^k for k = 2, 3, 4.

    The scale keeps powers of very small and very large values within the range of floats.
    """
    sums = np.zeros((powers, values.shape[1]))
    for block in _blocks(values):
        d = block - mean
        d *= scale
        np.copyto(d, 0.0, where=np.isnan(d))
        square = d * d
        sums[0] += square.sum(axis=0)
        if powers == 3:
            sums[1] += np.einsum("ij,ij->j", square, d)
            sums[2] += np.einsum("ij,ij->j", square, square)
    return sums


def adjusted(n: ArrayLike, m2: ArrayLike, m3: ArrayLike, m4: ArrayLike) -> tuple[Floats, Floats]:
    """Return skewness and excess kurtosis from central moments.

    Parameters
    ----------
    n : array_like
        Numbers of values.
    m2, m3, m4 : array_like
        Second, third and fourth central moment (divided by n).

    Returns
    -------
    skewness, kurtosis : numpy.ndarray
        G1 (NaN below three values) and G2 (NaN below four); NaN as well where `m2` is not above 0.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.
    """
    size = np.asarray(n, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        second = np.where(np.asarray(m2) > 0, m2, np.nan)
        g1 = np.asarray(m3) / second**1.5
        g2 = np.asarray(m4) / second**2 - 3.0
        skew = np.where(size >= 3, np.sqrt(size * (size - 1)) / (size - 2) * g1, np.nan)
        factor = (size - 1) / ((size - 2) * (size - 3))
        kurt = np.where(size >= 4, factor * ((size + 1) * g2 + 6), np.nan)
    return skew, kurt
