"""Imputation of missing values from other units or from a unit's other indicators.

Observed values are never changed. A value that cannot be imputed stays NaN: the imputed cells are
those that are NaN before and not afterwards, ``np.isnan(x) & ~np.isnan(result)``.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.indices.columns import matrices
from begleitforschung.stats.moments import highest, lowest

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Centre = Literal["mean", "median"]


def impute_columns(
    x: ArrayLike, how: Centre = "mean", *, reference: ArrayLike | None = None
) -> Floats:
    """Impute the mean or the median of each column.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, NaN where missing.
    how : {"mean", "median"}
        What is imputed.
    reference : array_like, shape (m, p), optional
        Values whose mean or median is taken; by default those of `x`.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        NaN is left in columns whose reference has no value.

    Raises
    ------
    ValueError
        If the shapes do not fit each other or `how` is unknown.

    Examples
    --------
    >>> impute_columns([[1.0], [float("nan")], [2.0]]).ravel().tolist()
    [1.0, 1.5, 2.0]
    """
    values, base = matrices(x, reference)
    return np.where(np.isnan(values), _centres(base, how), values)


def impute_groups(
    x: ArrayLike,
    codes: ArrayLike,
    how: Centre = "mean",
    *,
    reference: ArrayLike | None = None,
    reference_codes: ArrayLike | None = None,
) -> Floats:
    """Impute the mean or the median of the unit's group in each column.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, NaN where missing.
    codes : array_like of int, shape (n,)
        Group of each unit; negative belongs to no group and is not imputed.
    how : {"mean", "median"}
        What is imputed.
    reference : array_like, shape (m, p), optional
        Values whose mean or median is taken; by default those of `x`.
    reference_codes : array_like of int, shape (m,), optional
        Groups of the reference's units.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        NaN is left where the group has no value.

    Raises
    ------
    ValueError
        If the shapes do not fit each other, `how` is unknown, or there is only one of reference
        and reference codes.
    """
    values, base = matrices(x, reference)
    code = np.asarray(codes, np.int64)
    if (reference is None) != (reference_codes is None):
        raise ValueError("a reference needs the groups of its units, and the other way round")
    base_code = code if reference_codes is None else np.asarray(reference_codes, np.int64)
    if code.shape != values.shape[:1] or base_code.shape != base.shape[:1]:
        raise ValueError("there must be one group for each unit")
    found, missing = values.copy(), np.isnan(values)
    for group in np.unique(code[missing.any(axis=1) & (code >= 0)]):
        rows = code == group
        centre = _centres(base[base_code == group], how)
        found[rows] = np.where(missing[rows], centre, values[rows])
    return found


def impute_rows(
    x: ArrayLike,
    how: Centre = "mean",
    *,
    direction: ArrayLike = 1,
    nodes: ArrayLike | None = None,
    reference: ArrayLike | None = None,
    rescaled: bool = True,
) -> Floats:
    """Impute from the unit's other values: its mean or median position among the units.

    The columns are multiplied by direction and rescaled to 0 … 1 first; the unit's mean over the
    columns of the same node is imputed and scaled back. A column without spread gives no position;
    what is missing in it is its constant.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values as published, NaN where missing.
    how : {"mean", "median"}
        What is taken of the unit's positions.
    direction : array_like
        1 or -1, of all columns or of each.
    nodes : array_like of int, shape (p,), optional
        Node (pillar) of each column; negative belongs to none and is not imputed. By default all
        columns belong together.
    reference : array_like, shape (m, p), optional
        Values with minimum and maximum; by default those of `x`.
    rescaled : bool
        Whether the columns are rescaled first; without, they must have one scale already.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        NaN is left where the unit has no value in the node.

    Raises
    ------
    ValueError
        If the shapes do not fit each other or `how` is unknown.

    Examples
    --------
    >>> impute_rows([[0.0, 10.0], [5.0, float("nan")], [10.0, 30.0]])[1].tolist()
    [5.0, 20.0]
    """
    values, base = matrices(x, reference)
    node = np.zeros(values.shape[1], np.int64) if nodes is None else np.asarray(nodes, np.int64)
    if node.shape != values.shape[1:]:
        raise ValueError("there must be one node for each column")
    low, high = lowest(base), highest(base)
    sign = np.broadcast_to(np.asarray(direction, np.float64), low.shape)
    worst, span = np.where(sign < 0, high, low), (high - low) * np.sign(sign)
    if not rescaled:
        worst, span = np.zeros_like(low), sign
    span = np.where(span == 0, np.nan, span)
    found, missing = values.copy(), np.isnan(values)
    for group in np.unique(node[missing.any(axis=0) & (node >= 0)]):
        columns = np.flatnonzero(node == group)
        rows = np.flatnonzero(missing[:, columns].any(axis=1))
        part = values[rows][:, columns]
        centre = _centres(((part - worst[columns]) / span[columns]).T, how)[:, None]
        step = np.where(np.isnan(span[columns]), 0.0, centre * span[columns])
        found[np.ix_(rows, columns)] = np.where(np.isnan(part), worst[columns] + step, part)
    return found


def _centres(base: Floats, how: Centre) -> Floats:
    """Return the mean or median of each column, NaN without values."""
    if how == "mean":
        n, total = np.count_nonzero(~np.isnan(base), axis=0), np.nansum(base, axis=0)
        # Rounding must not carry a mean out of the range: equal values have exactly this mean.
        mean = total / np.where(n > 0, n, np.nan)
        return np.asarray(np.clip(mean, lowest(base), highest(base)))
    if how != "median":
        raise ValueError(f"imputed is 'mean' or 'median', not {how!r}")
    ordered = np.sort(base, axis=0)  # NaN last
    n = np.count_nonzero(~np.isnan(base), axis=0)
    if not base.shape[0]:
        return np.full(base.shape[1], np.nan)
    places = np.arange(base.shape[1])
    low = ordered[np.maximum(n - 1, 0) // 2, places]
    high = ordered[np.minimum(n // 2, base.shape[0] - 1), places]
    return np.where(n > 0, low + (high - low) / 2, np.nan)
