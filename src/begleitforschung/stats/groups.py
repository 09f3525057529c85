"""Sums, means and spread of many groups at once: one code per value, one result per group.

All functions share three rules. A value that is NaN, a value whose code is negative and, where
there are weights, a value whose weight is NaN or zero is left out. A group without values gives NaN
(a sum: NaN as well, because nothing is known; never 0). Values must not be infinite.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def group_counts(values: ArrayLike, codes: ArrayLike, groups: int) -> tuple[Ints, Ints]:
    """Count the values of each group and those that are missing.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values, NaN where missing.
    codes : array_like of int, shape (n,)
        Group of each value, 0 … groups - 1; negative belongs to no group.
    groups : int
        Number of groups.

    Returns
    -------
    n, missing : numpy.ndarray of int64, shape (groups,)
        Values that are there, and NaN.

    Raises
    ------
    ValueError
        If lengths differ, a code is too large or a value is infinite.

    Examples
    --------
    >>> n, missing = group_counts([1.0, float("nan"), 3.0], [0, 0, 1], 3)
    >>> n.tolist(), missing.tolist()
    ([1, 1, 0], [1, 0, 0])
    """
    x, code = checked(values, codes, groups)
    there, inside = ~np.isnan(x), code >= 0
    n = np.bincount(code[inside & there], minlength=groups)
    missing = np.bincount(code[inside & ~there], minlength=groups)
    return n.astype(np.int64), missing.astype(np.int64)


def group_sums(values: ArrayLike, codes: ArrayLike, groups: int) -> Floats:
    r"""Add up the values of each group, :math:`S_g = \sum_{i \in g} x_i`.

    Each value is split into a leading part, whose sums are exact, and a small rest (error-free
    vector transformation of Rump, Ogita & Oishi 2008, Accurate floating-point summation,
    SIAM J. Sci. Comput. 31(1), algorithm 3.2), so that the order of the values has no influence.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values, NaN where missing; missing values are left out.
    codes : array_like of int, shape (n,)
        Group of each value, 0 … groups - 1; negative belongs to no group.
    groups : int
        Number of groups.

    Returns
    -------
    numpy.ndarray, shape (groups,)
        Sums; NaN where a group has no value.

    Raises
    ------
    ValueError
        If lengths differ, a code is too large or a value is infinite.

    Examples
    --------
    >>> group_sums([1e16, 1.0, -1e16, 2.0], [0, 0, 0, 1], 3).tolist()
    [1.0, 2.0, nan]
    """
    x, code = kept(*checked(values, codes, groups))
    sums = _exact_sums(x, code, groups)
    sums[np.bincount(code, minlength=groups) == 0] = np.nan
    return sums


def group_means(values: ArrayLike, codes: ArrayLike, groups: int) -> Floats:
    r"""Average the values of each group, :math:`\bar x_g = \frac{1}{n_g}\sum_{i \in g} x_i`.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values, NaN where missing; missing values are left out.
    codes : array_like of int, shape (n,)
        Group of each value, 0 … groups - 1; negative belongs to no group.
    groups : int
        Number of groups.

    Returns
    -------
    numpy.ndarray, shape (groups,)
        Arithmetic means; NaN where a group has no value.

    Raises
    ------
    ValueError
        If lengths differ, a code is too large or a value is infinite.
    """
    x, code = kept(*checked(values, codes, groups))
    n = np.bincount(code, minlength=groups)
    means = _exact_sums(x, code, groups) / np.where(n > 0, n, np.nan)
    # Rounding must not carry a mean out of its group's range: equal values have no spread.
    return np.clip(means, *_ranges(x, code, groups))


def group_weighted_means(
    values: ArrayLike, weights: ArrayLike, codes: ArrayLike, groups: int
) -> Floats:
    r"""Average with weights, :math:`\bar x_g = \sum_{i \in g} w_i x_i / \sum_{i \in g} w_i`.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values, NaN where missing.
    weights : array_like, shape (n,)
        Weights, not negative. Values without a weight (NaN) are left out of both sums.
    codes : array_like of int, shape (n,)
        Group of each value, 0 … groups - 1; negative belongs to no group.
    groups : int
        Number of groups.

    Returns
    -------
    numpy.ndarray, shape (groups,)
        Weighted means; NaN where a group has no value with a positive weight.

    Raises
    ------
    ValueError
        If lengths differ, a code is too large, a value is infinite or a weight is negative.

    Examples
    --------
    >>> group_weighted_means([10.0, 20.0, 5.0], [1.0, 3.0, 0.0], [0, 0, 1], 2).tolist()
    [17.5, nan]
    """
    x, code = checked(values, codes, groups)
    w, _ = checked(weights, codes, groups)
    if np.any(w < 0):
        raise ValueError("weights must not be negative")
    used = ~np.isnan(x) & (w > 0) & (code >= 0)
    x, w, code = x[used], w[used], code[used]
    total = _exact_sums(w, code, groups)
    total[total == 0] = np.nan
    return np.clip(_exact_sums(w * x, code, groups) / total, *_ranges(x, code, groups))


def group_sds(values: ArrayLike, codes: ArrayLike, groups: int) -> Floats:
    r"""Return the standard deviation of each group with the divisor n - 1.

    :math:`s_g = \sqrt{\frac{1}{n_g - 1}\sum_{i \in g} (x_i - \bar x_g)^2}`, first the
    means, then the squares (two passes: Chan, Golub & LeVeque 1983, Algorithms for computing
    the sample variance, Am. Stat. 37(3)).

    Parameters
    ----------
    values : array_like, shape (n,)
        Values, NaN where missing; missing values are left out.
    codes : array_like of int, shape (n,)
        Group of each value, 0 … groups - 1; negative belongs to no group.
    groups : int
        Number of groups.

    Returns
    -------
    numpy.ndarray, shape (groups,)
        Standard deviations; NaN where a group has fewer than two values.

    Raises
    ------
    ValueError
        If lengths differ, a code is too large or a value is infinite.

    Examples
    --------
    >>> group_sds([1.0, 3.0, 7.0], [0, 0, 1], 2).round(6).tolist()
    [1.414214, nan]
    """
    x, code = kept(*checked(values, codes, groups))
    n = np.bincount(code, minlength=groups)
    distance = x - group_means(x, code, groups)[code]
    squares = _exact_sums(distance**2, code, groups)
    return np.sqrt(squares / np.where(n > 1, n - 1, np.nan))


def group_ranges(values: ArrayLike, codes: ArrayLike, groups: int) -> tuple[Floats, Floats]:
    """Return the smallest and the largest value of each group.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values, NaN where missing; missing values are left out.
    codes : array_like of int, shape (n,)
        Group of each value, 0 … groups - 1; negative belongs to no group.
    groups : int
        Number of groups.

    Returns
    -------
    smallest, largest : numpy.ndarray, shape (groups,)
        Minima and maxima; NaN where a group has no value.

    Raises
    ------
    ValueError
        If lengths differ, a code is too large or a value is infinite.
    """
    return _ranges(*kept(*checked(values, codes, groups)), groups)


def checked(values: ArrayLike, codes: ArrayLike, groups: int) -> tuple[Floats, Ints]:
    """Return values and codes as arrays after checking that they fit.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values, NaN where missing.
    codes : array_like of int, shape (n,)
        Group of each value.
    groups : int
        Number of groups.

    Returns
    -------
    values : numpy.ndarray of float64, shape (n,)
        The values.
    codes : numpy.ndarray of int64, shape (n,)
        The codes.

    Raises
    ------
    ValueError
        If lengths differ, a code is too large or a value is infinite.
    """
    x, code = np.asarray(values, np.float64), np.asarray(codes, np.int64)
    if x.ndim != 1 or x.shape != code.shape:
        raise ValueError(f"values and codes must be of one length, not {x.shape}, {code.shape}")
    if code.size and code.max() >= groups:
        raise ValueError(f"code {code.max()} is too large for {groups} groups")
    if np.isinf(x).any():
        raise ValueError("values must not be infinite")
    return x, code


def kept(values: Floats, codes: Ints) -> tuple[Floats, Ints]:
    """Return values that are there and belong to a group, with their codes.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n,)
        Values, NaN where missing.
    codes : numpy.ndarray of int64, shape (n,)
        Codes; negative belongs to no group.

    Returns
    -------
    values, codes : numpy.ndarray, shape (m,)
        What is left.
    """
    used = ~np.isnan(values) & (codes >= 0)
    return values[used], codes[used]


def _ranges(x: Floats, code: Ints, groups: int) -> tuple[Floats, Floats]:
    low, high = np.full(groups, np.nan), np.full(groups, np.nan)
    np.fmin.at(low, code, x)
    np.fmax.at(high, code, x)
    return low, high


def _exact_sums(x: Floats, code: Ints, groups: int) -> Floats:
    largest = float(np.abs(x).max()) if x.size else 0.0
    if largest == 0.0:
        return np.zeros(groups)
    # A power of two so large that the leading parts of all n values add up without rounding.
    exponent = np.frexp(largest)[1] + int(x.size + 2).bit_length()
    if exponent > np.finfo(np.float64).maxexp - 2:
        return np.asarray(np.bincount(code, weights=x, minlength=groups), np.float64)
    sigma = np.ldexp(1.0, int(exponent))
    leading = (sigma + x) - sigma
    exact = np.bincount(code, weights=leading, minlength=groups)
    return np.asarray(exact + np.bincount(code, weights=x - leading, minlength=groups))
