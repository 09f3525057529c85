"""Normalisation by the distance to a maximum, a reference unit, a target or goalposts.

Rules as in `begleitforschung.stats.indices.linear`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.indices.columns import matrices, rescale
from begleitforschung.stats.moments import highest, lowest

Floats = NDArray[np.float64]


def dist2max(x: ArrayLike, *, reference: ArrayLike | None = None) -> Floats:
    r"""Return the distance to the maximum, :math:`1 - \frac{\max - x}{\max - \min}`.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, already multiplied by direction; NaN where missing.
    reference : array_like, shape (m, p), optional
        Values with the minimum and the maximum.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        1 at the maximum, 0 at the minimum; NaN where missing and in columns without spread.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.
    """
    values, base = matrices(x, reference)
    top = highest(base)
    return rescale(values, top, top - lowest(base), 1.0, 1.0)


def dist2ref(
    x: ArrayLike,
    *,
    value: ArrayLike,
    reference: ArrayLike | None = None,
    cap: bool = False,
) -> Floats:
    r"""Return the distance to a reference unit, :math:`1 - \frac{x_r - x}{x_r - \min}`.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, already multiplied by direction; NaN where missing.
    value : array_like
        :math:`x_r`: the unit's value of each column (multiplied by direction as well).
    reference : array_like, shape (m, p), optional
        Values with the minimum.
    cap : bool
        Cut to 1 what is better than the reference unit.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        1 at the reference unit, 0 at the minimum; NaN where missing and in columns in which the
        reference unit has no value or the minimum.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.

    Examples
    --------
    >>> dist2ref([[1.0], [3.0], [5.0]], value=3.0, cap=True).ravel().tolist()
    [0.0, 1.0, 1.0]
    """
    values, base = matrices(x, reference)
    unit = np.asarray(value, np.float64)
    found = rescale(values, unit, unit - lowest(base), 1.0, 1.0)
    return np.minimum(found, 1.0) if cap else found


def dist2targ(
    x: ArrayLike,
    *,
    target: ArrayLike,
    reference: ArrayLike | None = None,
    cap: bool = False,
    direction: ArrayLike = 1,
) -> Floats:
    r"""Return the distance covered to a target, :math:`\frac{x - \min}{t - \min}`.

    With direction -1, values and target stay as published: :math:`\frac{\max - x}{\max - t}`.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, NaN where missing; multiplied by direction, or as published together with
        `direction`.
    target : array_like
        *t* on the same scale as `x`, of all columns or of each.
    reference : array_like, shape (m, p), optional
        Values with the minimum (maximum).
    cap : bool
        Cut to 1 what is beyond the target.
    direction : array_like
        1 or -1, of all columns or of each.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        1 at the target, 0 at the worst value. NaN where missing and in columns whose target is the
        worst value. Where the target is worse than that, the order is reversed: see
        `reversed_by_target`.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.

    Examples
    --------
    >>> dist2targ([[1.0], [3.0], [9.0]], target=5.0, cap=True).ravel().tolist()
    [0.0, 0.5, 1.0]
    """
    values, base = matrices(x, reference)
    sign = np.asarray(direction, np.float64)
    worst = _worst(base, sign)
    found = rescale(values, worst, np.asarray(target, np.float64) - worst)
    return np.minimum(found, 1.0) if cap else found


def reversed_by_target(
    reference: ArrayLike, target: ArrayLike, direction: ArrayLike = 1
) -> NDArray[np.bool_]:
    """Say for which columns `dist2targ` reverses the order: the target is worse than all values.

    Parameters
    ----------
    reference : array_like, shape (m, p)
        Values with the minimum (maximum).
    target, direction : array_like
        As for `dist2targ`.

    Returns
    -------
    numpy.ndarray of bool, shape (p,)
        False where there is no value.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.
    """
    base, _ = matrices(reference, None)
    sign = np.asarray(direction, np.float64)
    return np.asarray((np.asarray(target, np.float64) - _worst(base, sign)) * sign < 0)


def fracmax(x: ArrayLike, *, reference: ArrayLike | None = None) -> Floats:
    r"""Return the fraction of the maximum, :math:`x / \max`.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, already multiplied by direction; NaN where missing.
    reference : array_like, shape (m, p), optional
        Values with the maximum.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        NaN where missing and in columns whose maximum is 0. Where the maximum is negative, as in a
        column of positive values multiplied by -1, the order is reversed: see
        `reversed_by_maximum`.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.
    """
    values, base = matrices(x, reference)
    return rescale(values, 0.0, highest(base))


def reversed_by_maximum(reference: ArrayLike) -> NDArray[np.bool_]:
    """Say for which columns `fracmax` reverses the order: the maximum is negative.

    Parameters
    ----------
    reference : array_like, shape (m, p)
        Values with the maximum, already multiplied by direction.

    Returns
    -------
    numpy.ndarray of bool, shape (p,)
        False where there is no value.

    Raises
    ------
    ValueError
        If `reference` does not have two dimensions.
    """
    return np.asarray(highest(matrices(reference, None)[0]) < 0)


def goalposts(
    x: ArrayLike,
    *,
    lower: ArrayLike,
    upper: ArrayLike,
    reference: ArrayLike | None = None,
    factor: ArrayLike = 100.0,
    clip: bool = True,
    direction: ArrayLike = 1,
) -> Floats:
    r"""Rescale between goalposts, :math:`s\,\frac{x - a}{b - a}`, cut to 0 … *s*.

    With direction -1, values and posts stay as published: :math:`s\,\frac{b - x}{b - a}`.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, NaN where missing; multiplied by direction, or as published together with
        `direction`.
    lower, upper : array_like
        *a* and *b* on the same scale as `x`, of all columns or of each.
    reference : array_like, optional
        Not used.
    factor : array_like
        *s*, of all columns or of each.
    clip : bool
        Cut what is beyond the posts.
    direction : array_like
        1 or -1, of all columns or of each.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        NaN where missing and in columns whose posts are equal.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.

    Examples
    --------
    >>> goalposts([[1.0], [3.0], [9.0]], lower=2, upper=6, direction=-1).ravel().tolist()
    [100.0, 75.0, 0.0]
    """
    values, _ = matrices(x, reference)
    falling = np.asarray(direction) < 0
    low, high = np.asarray(lower, np.float64), np.asarray(upper, np.float64)
    worst, best = np.where(falling, high, low), np.where(falling, low, high)
    found = rescale(values, worst, best - worst)
    if clip:
        found = np.clip(found, 0.0, 1.0)
    return np.asarray(found * np.asarray(factor, np.float64))


def _worst(base: Floats, direction: Floats) -> Floats:
    return np.where(direction < 0, highest(base), lowest(base))
