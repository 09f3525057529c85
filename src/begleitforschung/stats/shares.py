"""Shares by which units of one territorial state pass into those of another, as arrays.

A crosswalk is a sparse matrix: link *l* leads from unit ``old[l]`` to unit ``new[l]`` with one
share per kind (population, area, employment). NaN is an unknown share; it makes every result
unknown that it takes part in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def share_sums(shares: ArrayLike, old: ArrayLike, units: int) -> Floats:
    r"""Add up the shares that leave each unit, :math:`\sum_n s_{on}` per kind.

    Parameters
    ----------
    shares : array_like, shape (links, kinds)
        Shares, NaN where unknown.
    old : array_like of int, shape (links,)
        Unit that each link leaves.
    units : int
        Number of units.

    Returns
    -------
    numpy.ndarray, shape (units, kinds)
        Sums; NaN where a share is unknown, 0 where no link leaves the unit.

    Raises
    ------
    ValueError
        If a link leaves a unit beyond `units`.

    Examples
    --------
    >>> share_sums([[0.25], [0.75], [1.0]], [0, 0, 1], 3).tolist()
    [[1.0], [1.0], [0.0]]
    """
    matrix, code = np.atleast_2d(np.asarray(shares, np.float64)), np.asarray(old, np.int64)
    if code.size and code.max() >= units:
        raise ValueError("a link leaves a unit that does not exist")
    columns = [np.bincount(code, matrix[:, k], minlength=units) for k in range(matrix.shape[1])]
    return np.column_stack(columns) if columns else np.empty((units, 0))


def follow(codes: ArrayLike, old: ArrayLike) -> tuple[Ints, Ints]:
    """Find for each row the links that leave its unit.

    Parameters
    ----------
    codes : array_like of int, shape (rows,)
        Unit of each row; negative is a unit without links.
    old : array_like of int, shape (links,)
        Unit that each link leaves, ascending.

    Returns
    -------
    rows, links : numpy.ndarray of int64
        One element per pair of row and link, in order of the rows.

    Raises
    ------
    ValueError
        If `old` does not ascend.

    Examples
    --------
    >>> rows, links = follow([1, -1, 0], [0, 0, 1])
    >>> rows.tolist(), links.tolist()
    ([0, 2, 2], [2, 0, 1])
    """
    code, leaving = np.asarray(codes, np.int64), np.asarray(old, np.int64)
    if leaving.size and (np.diff(leaving) < 0).any():
        raise ValueError("the units that links leave must ascend")
    first = np.searchsorted(leaving, code, side="left")
    many = np.where(code < 0, 0, np.searchsorted(leaving, code, side="right") - first)
    rows = np.repeat(np.arange(code.size), many)
    step = np.arange(rows.size) - np.repeat(np.cumsum(many) - many, many)
    return rows, first[rows] + step


def chain(
    first: tuple[ArrayLike, ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike, ArrayLike]
) -> tuple[Ints, Ints, Floats]:
    r"""Compose two crosswalks, :math:`s_{on} = \sum_m s_{om} s_{mn}` per kind.

    Parameters
    ----------
    first : tuple of array_like
        Old unit and middle unit of each link, shape (links,), and shares, shape (links, kinds).
        The middle unit is negative where the second crosswalk does not know it.
    second : tuple of array_like
        Middle unit (ascending), new unit and shares.

    Returns
    -------
    old, new, shares : numpy.ndarray
        Links of the product, each pair once, sorted by old and new unit.

    Raises
    ------
    ValueError
        If the middle units of `second` do not ascend.

    Examples
    --------
    >>> old, new, shares = chain(([0, 0], [0, 1], [[0.5], [0.5]]), ([0, 1], [7, 7], [[1], [1]]))
    >>> old.tolist(), new.tolist(), shares.tolist()
    ([0], [7], [[1.0]])
    """
    start, middle, into = (np.asarray(part) for part in first)
    leaving, end, onward = (np.asarray(part) for part in second)
    a, b = follow(middle, leaving)
    old, new = start[a].astype(np.int64), end[b].astype(np.int64)
    # What does not pass at all does not pass, even if it is unknown where it would go.
    into, onward = into[a].astype(np.float64), onward[b].astype(np.float64)
    product = np.where((into == 0) | (onward == 0), 0.0, into * onward)
    width = int(new.max(initial=0)) + 1
    pair, at = np.unique(old * width + new, return_inverse=True)
    return pair // width, pair % width, share_sums(product, at, pair.size)


def whole_sources(old: ArrayLike, new: ArrayLike, units: int) -> NDArray[np.bool_]:
    """Say which old units consist of new units that have no other source.

    Exactly these can be put together again from the new units: their values are sums.

    Parameters
    ----------
    old, new : array_like of int, shape (links,)
        Links through which something passes.
    units : int
        Number of old units.

    Returns
    -------
    numpy.ndarray of bool, shape (units,)
        False as well for units that no link leaves.

    Raises
    ------
    ValueError
        If a link leaves a unit beyond `units`.

    Examples
    --------
    >>> whole_sources([0, 0, 1, 2], [0, 1, 2, 2], 4).tolist()
    [True, False, False, False]
    """
    start, end = np.asarray(old, np.int64), np.asarray(new, np.int64)
    if start.size and start.max() >= units:
        raise ValueError("a link leaves a unit that does not exist")
    sources = np.bincount(end, minlength=1)
    mixed = np.bincount(start, sources[end] > 1, minlength=units) > 0
    return np.asarray((np.bincount(start, minlength=units) > 0) & ~mixed)
