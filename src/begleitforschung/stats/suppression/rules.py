"""Which cells are too risky to publish, and how far an attacker must be kept from their value.

Formulas: A. Hundepool et al., Handbook on Statistical Disclosure Control, 2nd ed., sec. 4.2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Risk(NamedTuple):
    """Cells that a rule for magnitudes calls unsafe.

    Parameters
    ----------
    unsafe : numpy.ndarray of bool, shape (cells,)
        Whether the rule forbids to publish the cell.
    up : numpy.ndarray of float64, shape (cells,)
        How far above the value the attacker's interval must reach; 0 where safe.
    """

    unsafe: Bools
    up: Floats


class Contributions(NamedTuple):
    """What single units contribute to the cells, holdings made one.

    Parameters
    ----------
    cells : numpy.ndarray of int64
        Cell of each contribution.
    values : numpy.ndarray of float64
        Its size, not negative.
    """

    cells: Ints
    values: Floats


def contributions(
    cells: ArrayLike, values: ArrayLike, holdings: ArrayLike | None = None
) -> Contributions:
    """Gather contributions; what one holding contributes to one cell counts once.

    Parameters
    ----------
    cells : array_like of int
        Cell of each contribution.
    values : array_like
        Its value; the size counts, not the sign.
    holdings : array_like, optional
        To whom each contribution belongs; all are strangers by default.

    Returns
    -------
    Contributions
        One for each cell and holding.

    Raises
    ------
    ValueError
        If lengths differ or a value is missing.

    Examples
    --------
    >>> contributions([0, 0, 1], [4.0, 5.0, 6.0], ["a", "a", "a"]).values.tolist()
    [9.0, 6.0]
    """
    where, sizes = np.asarray(cells, np.int64), np.abs(np.asarray(values, np.float64))
    owners = np.arange(len(where)) if holdings is None else np.asarray(holdings)
    if where.shape != sizes.shape or owners.shape != sizes.shape or np.isnan(sizes).any():
        raise ValueError("each contribution needs one cell, one value and one holding")
    _, codes = np.unique(owners, return_inverse=True)
    pairs, place = np.unique(np.stack([where, codes.ravel()]), axis=1, return_inverse=True)
    sums = np.bincount(place.ravel(), sizes, pairs.shape[1]).astype(np.float64)
    return Contributions(pairs[0], sums)


def too_few(counts: ArrayLike, minimum: float = 3, zeros: bool = False) -> Bools:
    """Apply the minimum frequency: cells of fewer units than that are unsafe.

    Parameters
    ----------
    counts : array_like
        Units behind each cell.
    minimum : float
        Fewest units that may be shown.
    zeros : bool
        Whether an empty cell is unsafe too.

    Returns
    -------
    numpy.ndarray of bool
        True where unsafe.

    Examples
    --------
    >>> too_few([0, 1, 2, 3]).tolist()
    [False, True, True, False]
    """
    units = np.asarray(counts, np.float64)
    return (units < minimum) & ((units > 0) | zeros)


def dominance(given: Contributions, cells: int, n: int, k: float) -> Risk:
    """Apply the (n, k) rule: the n largest contributors may not hold more than k percent.

    The interval must reach ``100 / k * (x1 + ... + xn) - X`` above the value.

    Parameters
    ----------
    given : Contributions
        Contributions, from `contributions`.
    cells : int
        Cells of the table.
    n : int
        Contributors looked at together.
    k : float
        Percent of the cell's value that they may hold.

    Returns
    -------
    Risk
        Unsafe cells and the protection that they need.

    Raises
    ------
    ValueError
        If n is below 1 or k not between 0 and 100.

    Examples
    --------
    >>> risk = dominance(contributions([0, 0, 0], [300, 20, 10]), 1, n=1, k=85)
    >>> bool(risk.unsafe[0]), round(float(risk.up[0]), 4)
    (True, 22.9412)
    """
    if n < 1 or not 0 < k <= 100:
        raise ValueError("dominance needs n of at least 1 and k between 0 and 100")
    total, largest = _largest(given, cells, n)
    needed = 100.0 / k * largest.sum(axis=1) - total
    unsafe = needed > 1e-12 * total
    return Risk(unsafe, np.where(unsafe, needed, 0.0))


def p_percent(
    given: Contributions, cells: int, p: float, q: float = 100.0, totals: ArrayLike | None = None
) -> Risk:
    """Apply the p % rule (with q the (p, q) rule) against the second largest contributor.

    A cell is unsafe if ``X - x1 - x2 < p / q * x1``: who contributes x2 could estimate x1 to less
    than p percent. The interval must reach that difference above the value.

    Parameters
    ----------
    given : Contributions
        Contributions, from `contributions`; weighted ones if the weights are public.
    cells : int
        Cells of the table.
    p : float
        Percent to which nobody may be estimated.
    q : float
        Percent to which everybody can be estimated beforehand.
    totals : array_like, shape (cells,), optional
        Estimated values of the cells in a sample; the sum of the contributions by default.

    Returns
    -------
    Risk
        Unsafe cells and the protection that they need.

    Raises
    ------
    ValueError
        If not ``0 < p < q <= 100``.

    Examples
    --------
    >>> risk = p_percent(contributions([0, 0, 0], [50000, 49000, 1000]), 1, p=10)
    >>> bool(risk.unsafe[0]), float(risk.up[0])
    (True, 4000.0)
    """
    if not 0 < p < q <= 100:
        raise ValueError("the p % rule needs 0 < p < q <= 100")
    total, largest = _largest(given, cells, 2)
    whole = total if totals is None else np.asarray(totals, np.float64)
    needed = p / q * largest[:, 0] - (whole - largest.sum(axis=1))
    unsafe = (needed > 1e-12 * np.maximum(whole, largest[:, 0])) & (largest[:, 0] > 0)
    return Risk(unsafe, np.where(unsafe, needed, 0.0))


def telling_groups(counts: ArrayLike, spare: int = 1) -> Bools:
    """Find groups that tell what their members answered: all, or all but a few, gave one answer.

    Parameters
    ----------
    counts : array_like, shape (..., answers)
        Members of each group by answer.
    spare : int
        How many may differ; 0 finds groups that are all alike, 1 also those where one member alone
        differs and so knows all others.

    Returns
    -------
    numpy.ndarray of bool, shape (...)
        True where the group tells; an empty group does not.

    Examples
    --------
    >>> telling_groups([[7, 0], [1, 6], [2, 5], [0, 0]]).tolist()
    [True, True, False, False]
    """
    units = np.asarray(counts, np.float64)
    base = units.sum(axis=-1)
    return np.asarray((base > 0) & (base - units.max(axis=-1) <= spare))


def quantile_units(units: ArrayLike, quantile: ArrayLike) -> Ints:
    """Count the units in the shorter tail that a quantile stands for.

    ``min(floor((n - 1) q), floor((n - 1) (1 - q))) + 1``: as many values lie at or beyond the
    quantile on its shorter side, however it is interpolated. Behind a minimum or maximum stands one
    unit, behind the median of 11 units stand 6.

    Parameters
    ----------
    units : array_like of int
        Units with a value.
    quantile : array_like
        From 0, the minimum, to 1, the maximum; a median is 0.5.

    Returns
    -------
    numpy.ndarray of int64
        Units behind the figure, 0 where there are none; `too_few` tells whether they suffice.

    Raises
    ------
    ValueError
        If a quantile is not between 0 and 1 or a number of units is negative.

    Examples
    --------
    >>> quantile_units(11, [0.0, 0.1, 0.5, 1.0]).tolist()
    [1, 2, 6, 1]
    """
    count, part = np.asarray(units, np.int64), np.asarray(quantile, np.float64)
    if (count < 0).any() or not ((part >= 0) & (part <= 1)).all():
        raise ValueError("quantiles lie between 0 and 1, of units that are not negative")
    tail = np.floor((count - 1) * np.minimum(part, 1 - part) + 1e-9).astype(np.int64)
    return np.asarray(np.where(count > 0, tail + 1, 0), np.int64)


def _largest(given: Contributions, cells: int, n: int) -> tuple[Floats, Floats]:
    """Return the sum and the n largest contributions of each cell, 0 where there are fewer."""
    order = np.lexsort((-given.values, given.cells))
    where, sizes = given.cells[order], given.values[order]
    units = np.bincount(where, minlength=cells)
    rank = np.arange(len(where)) - (np.cumsum(units) - units)[where]
    largest = np.zeros((cells, n))
    top = rank < n
    largest[where[top], rank[top]] = sizes[top]
    return np.bincount(where, sizes, cells).astype(np.float64), largest
