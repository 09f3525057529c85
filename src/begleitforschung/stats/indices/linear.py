"""Normalisation by minimum and maximum, mean and standard deviation, or fixed posts.

All functions take columns whose larger values are better: the caller has multiplied the others by
-1 (where a `direction` can be given, values and posts may stay as published). NaN is missing and
stays so. Minimum, maximum, mean and standard deviation are those of `reference` (a base year, all
years pooled), by default of the values themselves. Where a formula divides by 0, as for a column
without spread, the whole column is NaN: `columns.lost_columns` says so, `constant_columns` why.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.indices.columns import matrices, rescale
from begleitforschung.stats.moments import highest, lowest, mean_sd

Floats = NDArray[np.float64]


def none(x: ArrayLike, *, reference: ArrayLike | None = None) -> Floats:
    """Return the values as they are.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, already multiplied by direction; NaN where missing.
    reference : array_like, optional
        Not used.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        A copy.

    Raises
    ------
    ValueError
        If `x` does not have two dimensions.
    """
    return matrices(x, reference)[0].copy()


def minmax(
    x: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 100.0,
) -> Floats:
    r"""Rescale to a range, :math:`(u - l)\frac{x - \min}{\max - \min} + l`.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, already multiplied by direction; NaN where missing.
    reference : array_like, shape (m, p), optional
        Values with the minimum and the maximum; values outside go beyond the range.
    lower, upper : array_like
        *l* and *u*, of all columns or of each.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        NaN where missing and in columns without spread.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.

    Examples
    --------
    >>> minmax([[1.0], [3.0], [2.0]]).ravel().tolist()
    [0.0, 100.0, 50.0]
    """
    values, base = matrices(x, reference)
    low = lowest(base)
    return rescale(values, low, highest(base) - low, np.subtract(upper, lower), lower)


def scaled(
    x: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 100.0,
    factor: ArrayLike = 100.0,
) -> Floats:
    r"""Rescale by fixed ends, :math:`s\,\frac{x - a}{b - a}`, without cutting.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, already multiplied by direction; NaN where missing.
    reference : array_like, optional
        Not used.
    lower, upper, factor : array_like
        *a*, *b* (multiplied by direction as well) and *s*, of all columns or of each.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        NaN where missing and in columns whose ends are equal.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.
    """
    values, _ = matrices(x, reference)
    return rescale(values, lower, np.subtract(upper, lower), factor)


def zscore(
    x: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    mean: ArrayLike = 0.0,
    sd: ArrayLike = 1.0,
) -> Floats:
    r"""Standardise, :math:`\sigma\frac{x - \bar x}{s} + \mu` with the sample's *s* (n - 1).

    With mean 100 and standard deviation 10 it is the normalisation of the Mazziotta-Pareto index.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, already multiplied by direction; NaN where missing.
    reference : array_like, shape (m, p), optional
        Values with the mean and the standard deviation.
    mean, sd : array_like
        :math:`\mu` and :math:`\sigma`, of all columns or of each.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        NaN where missing and in columns without spread.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.

    Examples
    --------
    >>> zscore([[1.0], [2.0], [3.0]], mean=100, sd=10).ravel().tolist()
    [90.0, 100.0, 110.0]
    """
    values, base = matrices(x, reference)
    centre, spread = mean_sd(base)
    return rescale(values, centre, spread, sd, mean)


def ampi(
    x: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    goalpost: ArrayLike | None = None,
    centre: ArrayLike = 100.0,
    half_width: ArrayLike = 30.0,
) -> Floats:
    r"""Normalise as for the adjusted Mazziotta-Pareto index, 70 … 130 around a goalpost at 100.

    :math:`60\,\frac{x - (g - \Delta)}{2\Delta} + 70` with half the range of the reference,
    :math:`\Delta = (\max - \min)/2`. With a fixed reference, such as all years pooled, values are
    comparable over time (Mazziotta & Pareto 2016, On a generalized non-compensatory composite
    index for measuring socio-economic phenomena. Social Indicators Research 127, 983-1003).

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, already multiplied by direction; NaN where missing.
    reference : array_like, shape (m, p), optional
        Values with the minimum and the maximum.
    goalpost : array_like, optional
        *g* (multiplied by direction as well), of all columns or of each, for example the mean of
        the base year; by default the mean of the reference.
    centre, half_width : array_like
        Value of the goalpost, and half the width of the scale.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        NaN where missing and in columns without spread.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.
    """
    values, base = matrices(x, reference)
    post = mean_sd(base)[0] if goalpost is None else goalpost
    return rescale(values, post, (highest(base) - lowest(base)) / 2, half_width, centre)
