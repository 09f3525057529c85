"""Normalisation by rank or by bands: only the order of values counts.

Rules as in `begleitforschung.stats.indices.linear`. Ranks ascend: the best unit has the highest.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.indices.columns import matrices

Floats = NDArray[np.float64]
Ties = Literal["min", "average", "max"]


def rank(x: ArrayLike, *, reference: ArrayLike | None = None, ties: Ties = "min") -> Floats:
    """Return ascending ranks, 1 for the lowest value.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, already multiplied by direction; NaN where missing.
    reference : array_like, shape (m, p), optional
        Values among which each value of `x` takes its rank.
    ties : {"min", "average", "max"}
        Rank of equal values: the lowest of theirs, the mean, or the highest. Where another
        reference has no equal value, the rank is one more than the values below.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        NaN where missing.

    Raises
    ------
    ValueError
        If the shapes do not fit each other or `ties` is unknown.

    Examples
    --------
    >>> rank([[5.0], [1.0], [5.0]]).ravel().tolist()
    [2.0, 1.0, 2.0]
    >>> rank([[5.0], [1.0], [5.0]], ties="average").ravel().tolist()
    [2.5, 1.0, 2.5]
    """
    if ties not in ("min", "average", "max"):
        raise ValueError(f"ties are 'min', 'average' or 'max', not {ties!r}")
    values, base = matrices(x, reference)
    found = np.empty(values.shape)
    for j in range(values.shape[1]):
        order = np.argsort(values[:, j])
        needles = values[order, j]
        ordered = needles if base is values else np.sort(base[:, j])
        # Sorted needles are found quickly; NaN are sorted to the end of both.
        ordered = ordered[: np.searchsorted(ordered, np.nan, side="left")]
        lowest = np.searchsorted(ordered, needles, side="left") + 1.0
        if ties == "min":
            found[order, j] = lowest
            continue
        top = np.maximum(np.searchsorted(ordered, needles, side="right"), lowest)
        found[order, j] = top if ties == "max" else (lowest + top) / 2
    found[np.isnan(values)] = np.nan
    return found


def borda(x: ArrayLike, *, reference: ArrayLike | None = None) -> Floats:
    """Return Borda points: how many units are worse.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, already multiplied by direction; NaN where missing.
    reference : array_like, shape (m, p), optional
        Values among which they are counted.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        Rank (ties: the lowest) minus 1; NaN where missing.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.
    """
    return rank(x, reference=reference) - 1.0


def percentile_rank(x: ArrayLike, *, reference: ArrayLike | None = None) -> Floats:
    r"""Return the share of other units that are worse, :math:`\frac{r - 1}{n - 1}`.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, already multiplied by direction; NaN where missing.
    reference : array_like, shape (m, p), optional
        Values among which each value takes its rank; *n* of them are there.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        0 … 1; NaN where missing, and in columns whose reference has fewer than two values.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.
    """
    base = matrices(x, reference)[1]
    others = np.count_nonzero(~np.isnan(base), axis=0) - 1.0
    # A value above all of another reference has n values below it, one more than there can be.
    return np.minimum(borda(x, reference=reference) / np.where(others > 0, others, np.nan), 1.0)


def bands(
    x: ArrayLike,
    *,
    scores: ArrayLike,
    bounds: ArrayLike | None = None,
    quantiles: ArrayLike | None = None,
    reference: ArrayLike | None = None,
) -> Floats:
    """Give each value the score of the band that it falls into.

    The bands are fixed by bounds or by quantiles (type 7) of the reference, by default those that
    make bands of equal size; a value on a bound belongs to the band above (categorical scale of
    the OECD/JRC Handbook 2008).

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, already multiplied by direction; NaN where missing.
    scores : array_like, shape (k,) or (k, p)
        Scores of the bands from the lowest to the highest, for all columns or for each.
    bounds : array_like, shape (k - 1,) or (k - 1, p), optional
        Ascending bounds between the bands (multiplied by direction as well).
    quantiles : array_like, shape (k - 1,), optional
        In place of the bounds: ascending shares of units below them, 0 … 1.
    reference : array_like, shape (m, p), optional
        Values with the quantiles.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        NaN where missing, and in columns whose reference has no values for quantiles.

    Raises
    ------
    ValueError
        If both bounds and quantiles are given, they do not ascend, or there is not one more score.

    Examples
    --------
    >>> bands([[1.0], [2.0], [7.0]], bounds=[2, 5], scores=[0, 50, 100]).ravel().tolist()
    [0.0, 50.0, 100.0]
    """
    values, base = matrices(x, reference)
    if bounds is not None and quantiles is not None:
        raise ValueError("bands have either bounds or quantiles")
    points = _by_column(scores, base.shape[1])
    if bounds is not None:
        cuts = _by_column(bounds, base.shape[1])
    else:
        cuts = _quantile_bounds(base, _shares(len(points)) if quantiles is None else quantiles)
    if points.shape[0] != cuts.shape[0] + 1:
        raise ValueError(f"{cuts.shape[0]} bounds need {cuts.shape[0] + 1} scores")
    if (np.diff(cuts, axis=0) < 0).any():
        raise ValueError("the bounds of bands must ascend")
    found = np.empty(values.shape)
    for j in range(values.shape[1]):
        found[:, j] = points[np.searchsorted(cuts[:, j], values[:, j], side="right"), j]
    found[np.isnan(values) | np.isnan(cuts).any(axis=0)] = np.nan
    return found


def _by_column(given: ArrayLike, columns: int) -> Floats:
    """Return what is given for all columns or for each as (k, columns)."""
    found = np.asarray(given, np.float64)
    if found.ndim == 1:
        found = found[:, None]
    return np.broadcast_to(found, (found.shape[0], columns))


def _shares(count: int) -> Floats:
    """Return the shares of units below the bounds between bands of equal size."""
    return np.arange(1.0, count) / count


def _quantile_bounds(base: Floats, shares: ArrayLike | None) -> Floats:
    share = np.asarray(shares, np.float64)
    if share.ndim != 1 or not ((share >= 0) & (share <= 1)).all():
        raise ValueError("quantiles are shares between 0 and 1")
    cuts = np.full((share.size, base.shape[1]), np.nan)
    for j in range(base.shape[1]):
        there = base[~np.isnan(base[:, j]), j]
        if there.size:
            cuts[:, j] = np.quantile(there, share)
    return cuts
