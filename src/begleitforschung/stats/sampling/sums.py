"""Sums of the rows of each group, column by column."""

from __future__ import annotations

import numpy as np

from begleitforschung.stats.groups import Floats, Ints

_MANY = 4  # columns from which on one pass for all is faster than one for each


def group_totals(values: Floats, codes: Ints, groups: int) -> Floats:
    """Add up the rows of each group, column by column.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, k)
        Values without NaN.
    codes : numpy.ndarray of int, shape (n,)
        Group of each row.
    groups : int
        Number of groups.

    Returns
    -------
    numpy.ndarray, shape (groups, k)
        Sums; 0 for a group without rows.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    if values.shape[1] >= _MANY:
        return spread_sums(values, codes, groups)
    out = np.empty((groups, values.shape[1]))
    for column in range(values.shape[1]):
        out[:, column] = np.bincount(codes, values[:, column], groups)
    return out


def spread_sums(values: Floats, codes: Ints, groups: int, weights: Floats | None = None) -> Floats:
    """Add up the weighted rows of each group in one pass, fast for many columns.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, k)
        Values without NaN.
    codes : numpy.ndarray of int, shape (n,)
        Group of each row.
    groups : int
        Number of groups.
    weights : numpy.ndarray, shape (n,), optional
        Weights, 1 if left out.

    Returns
    -------
    numpy.ndarray, shape (groups, k)
        Sums; 0 for a group without rows.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    from scipy.sparse import csc_array

    n = codes.size
    factor = np.ones(n) if weights is None else weights
    member = csc_array((factor, codes, np.arange(n + 1)), shape=(groups, n))
    return np.asarray(member @ values, dtype=np.float64)
