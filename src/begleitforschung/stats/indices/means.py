"""Weighted means of the elements of a node: arithmetic, geometric, harmonic, power, minimum.

All aggregations share one signature, ``f(x, w, **parameters)``, and one rule for missing values:
per row, the weights are re-normalised over the elements that are there. A row without any value is
NaN. Elements of zero weight do not count, whatever stands in them. With equal weights, each
function is its unweighted counterpart, and only the ratio of the weights matters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.indices.elements import Floats, elements


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
