"""Figures that describe one sample: number, location, spread and distance to a reference.

NaN are missing values and are left out everywhere; a statistic that the rest does not allow (no
value, or one value for a spread) is NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import (
    Ints,
    group_counts,
    group_means,
    group_sds,
    group_weighted_means,
)
from begleitforschung.stats.quantiles import QuantileType, quantiles


def count(values: ArrayLike) -> tuple[int, int]:
    """Count values and missing values.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values, NaN where missing.

    Returns
    -------
    n, missing : int
        Values that are there, and NaN.

    Raises
    ------
    ValueError
        If a value is infinite.
    """
    n, missing = group_counts(values, _one_group(values), 1)
    return int(n[0]), int(missing[0])


def mean(values: ArrayLike) -> float:
    r"""Return the arithmetic mean, :math:`\bar x = \frac{1}{n}\sum x_i`.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values; NaN are left out.

    Returns
    -------
    float
        The mean; NaN if there is no value.

    Raises
    ------
    ValueError
        If a value is infinite.
    """
    return float(group_means(values, _one_group(values), 1)[0])


def weighted_mean(values: ArrayLike, weights: ArrayLike) -> float:
    r"""Return the weighted mean, :math:`\sum w_i x_i / \sum w_i`.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values; NaN are left out.
    weights : array_like, shape (n,)
        Weights, not negative; values without a weight are left out.

    Returns
    -------
    float
        The weighted mean; NaN if no value has a positive weight.

    Raises
    ------
    ValueError
        If lengths differ, a value is infinite or a weight is negative.

    Examples
    --------
    >>> weighted_mean([10.0, 20.0], [1.0, 3.0])
    17.5
    """
    return float(group_weighted_means(values, weights, _one_group(values), 1)[0])


def sd(values: ArrayLike) -> float:
    r"""Return the standard deviation with divisor n - 1; formula as in `group_sds`.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values; NaN are left out.

    Returns
    -------
    float
        The standard deviation; NaN if there are fewer than two values.

    Raises
    ------
    ValueError
        If a value is infinite.
    """
    return float(group_sds(values, _one_group(values), 1)[0])


def median(values: ArrayLike) -> float:
    """Return the median: the middle value, or the mean of the two middle values.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values; NaN are left out.

    Returns
    -------
    float
        The median; NaN if there is no value.

    Raises
    ------
    ValueError
        If a value is infinite.
    """
    return float(quantiles(values, [0.5])[0])


def quartiles(values: ArrayLike, *, kind: QuantileType = 7) -> tuple[float, float, float]:
    """Return lower quartile, median and upper quartile; formula as in `quantiles`.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values; NaN are left out.
    kind : {1, 2, …, 9}
        Type of Hyndman & Fan (1996), Am. Stat. 50(4); 7 is that of R and NumPy.

    Returns
    -------
    lower, middle, upper : float
        The quartiles; NaN if there is no value.

    Raises
    ------
    ValueError
        If the type is unknown or a value is infinite.
    """
    lower, middle, upper = quantiles(values, [0.25, 0.5, 0.75], kind=kind)
    return float(lower), float(middle), float(upper)


def iqr(values: ArrayLike, *, kind: QuantileType = 7) -> float:
    r"""Return the interquartile range, :math:`Q(0.75) - Q(0.25)`.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values; NaN are left out.
    kind : {1, 2, …, 9}
        Type of Hyndman & Fan (1996), Am. Stat. 50(4).

    Returns
    -------
    float
        The range; NaN if there is no value.

    Raises
    ------
    ValueError
        If the type is unknown or a value is infinite.
    """
    lower, _, upper = quartiles(values, kind=kind)
    return upper - lower


def standardised_difference(values: ArrayLike, reference: ArrayLike) -> float:
    r"""Return the distance of two means in standard deviations of the reference.

    :math:`\Delta = (\bar x - \bar x_R) / s_R` with :math:`s_R` of divisor n - 1 (Glass 1976,
    Primary, secondary, and meta-analysis of research, Educational Researcher 5(10): the spread
    of the comparison group alone, so that all groups are measured by one yardstick).

    Parameters
    ----------
    values : array_like, shape (n,)
        Values of the group; NaN are left out.
    reference : array_like, shape (m,)
        Values of the reference; NaN are left out.

    Returns
    -------
    float
        The difference; NaN if there is no value, the reference has fewer than two values or
        does not vary.

    Raises
    ------
    ValueError
        If a value is infinite.

    Examples
    --------
    >>> standardised_difference([3.0, 5.0], [1.0, 2.0, 3.0])
    2.0
    """
    spread = sd(reference)
    return (mean(values) - mean(reference)) / spread if spread > 0 else float("nan")


def _one_group(values: ArrayLike) -> Ints:
    return np.zeros(np.shape(values), np.int64)
