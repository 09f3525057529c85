"""The attacker's linear programs: narrow bounds, then solve many programs side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_COLUMNS = 8_000  # of the programs that are solved in one go
_PROBES = 6  # arbitrary corners that show which bounds are reached anyway
_PASSES = 4
_CLOSE = 1e-9
_INFEASIBLE, _UNBOUNDED = 2, 3  # status of scipy.optimize.milp


@dataclass(frozen=True, slots=True)
class Rows:
    """Equations of the suppressed cells with the room that rounding leaves.

    Parameters
    ----------
    matrix : scipy.sparse.csr_array, shape (equations, cells)
        Factors of the cells.
    low, high : numpy.ndarray, shape (equations,)
        ``low <= matrix @ cells <= high``.
    """

    matrix: Any
    low: Floats
    high: Floats


def intervals(rows: Rows, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Find the smallest and largest value of each cell.

    A bound that interval arithmetic proves and that some feasible point reaches needs no program
    of its own.

    Parameters
    ----------
    rows : Rows
        The equations.
    low, high : numpy.ndarray, shape (cells,)
        What is known of the cells beforehand.

    Returns
    -------
    tuple of numpy.ndarray
        Smallest and largest values; infinite where nothing bounds them.

    Raises
    ------
    ValueError
        If no point fulfils the equations within the bounds.
    """
    n = len(low)
    outer_low, outer_high = propagate(rows, low, high)
    probes = np.cos(np.outer(np.arange(1, _PROBES + 1), np.arange(1, n + 1)))
    box = np.maximum(low, outer_low), np.minimum(high, outer_high)
    probes[:, ~np.isfinite(box[0]) | ~np.isfinite(box[1])] = 0.0
    points = _points(rows, low, high, probes)
    least, most = points.min(axis=0), points.max(axis=0)
    gap = _CLOSE * np.maximum(1.0, np.abs(np.nan_to_num(outer_high, posinf=0.0)))
    found_low = np.where(least <= outer_low + gap, outer_low, np.nan)
    found_high = np.where(most >= outer_high - gap, outer_high, np.nan)
    for found, outer, sign in ((found_low, outer_low, 1.0), (found_high, outer_high, -1.0)):
        open_cells = np.flatnonzero(np.isnan(found))
        sure = open_cells[np.isfinite(outer[open_cells])]
        found[sure] = _many(rows, low, high, sure, sign)
        for cell in np.setdiff1d(open_cells, sure):
            found[cell] = _one(rows, low, high, cell, sign)
    return found_low, found_high


def whole_numbers(rows: Rows, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Find the smallest and largest value of each cell if all cells are whole numbers.

    Parameters
    ----------
    rows : Rows
        The equations.
    low, high : numpy.ndarray, shape (cells,)
        What is known of the cells beforehand.

    Returns
    -------
    tuple of numpy.ndarray
        Smallest and largest values; infinite where nothing bounds them.

    Raises
    ------
    ValueError
        If no whole numbers fulfil the equations within the bounds.
    """
    low, high = np.ceil(low - _CLOSE), np.floor(high + _CLOSE)
    sides = [
        np.array([_one(rows, low, high, cell, sign, whole=True) for cell in range(len(low))])
        for sign in (1.0, -1.0)
    ]
    return sides[0], sides[1]


def propagate(rows: Rows, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Narrow bounds equation by equation; they stay outside the exact ones, never inside.

    Parameters
    ----------
    rows : Rows
        The equations.
    low, high : numpy.ndarray, shape (cells,)
        What is known of the cells beforehand.

    Returns
    -------
    tuple of numpy.ndarray
        Bounds that hold for every point that fulfils the equations.
    """
    entries = rows.matrix.tocoo()
    row, column = entries.coords
    factor, up = entries.data, entries.data > 0
    low, high = low.copy(), high.copy()
    for _ in range(_PASSES):
        least = np.where(up, low[column], high[column]) * factor
        most = np.where(up, high[column], low[column]) * factor
        smallest = rows.low[row] - _others(row, most, np.inf, len(rows.low))
        largest = rows.high[row] - _others(row, least, -np.inf, len(rows.high))
        np.maximum.at(low, column, np.where(up, smallest, largest) / factor)
        np.minimum.at(high, column, np.where(up, largest, smallest) / factor)
    return low, high


def _others(row: Ints, terms: Floats, endless: float, count: int) -> Floats:
    """Sum the other terms of each equation; one endless term makes the sum endless."""
    bare = ~np.isfinite(terms)
    finite = np.where(bare, 0.0, terms)
    sums = np.bincount(row, finite, count)[row] - finite
    return np.where(np.bincount(row, bare, count)[row] - bare > 0, endless, sums)


def _many(rows: Rows, low: Floats, high: Floats, cells: Ints, sign: float) -> Floats:
    """Return the extreme values of some cells, as many in one program as is fast."""
    size, found = max(1, _COLUMNS // len(low)), np.empty(len(cells))
    for start in range(0, len(cells), size):
        these = cells[start : start + size]
        costs = np.zeros((len(these), len(low)))
        costs[np.arange(len(these)), these] = sign
        points = _points(rows, low, high, costs)
        found[start : start + size] = points[np.arange(len(these)), these]
    return found


def _points(rows: Rows, low: Floats, high: Floats, costs: Floats) -> Floats:
    """Minimise each row of costs: independent programs as the blocks of one."""
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    blocks = len(costs)
    matrix = sparse.block_diag([rows.matrix] * blocks, format="csc")
    limits = LinearConstraint(matrix, np.tile(rows.low, blocks), np.tile(rows.high, blocks))
    found = milp(costs.ravel(), constraints=limits,
                 bounds=Bounds(np.tile(low, blocks), np.tile(high, blocks)))  # fmt: skip
    if found.x is None:
        raise ValueError(f"no table agrees with what is published: {found.message}")
    return np.asarray(found.x, np.float64).reshape(costs.shape)


def _one(
    rows: Rows, low: Floats, high: Floats, cell: int, sign: float, whole: bool = False
) -> float:
    """Return the extreme value of one cell, infinite where nothing bounds it."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    cost = np.zeros(len(low))
    cost[cell] = sign
    found = milp(cost, integrality=np.full(len(low), int(whole)), bounds=Bounds(low, high),
                 constraints=LinearConstraint(rows.matrix, rows.low, rows.high),
                 options={"mip_rel_gap": 0.0})  # fmt: skip
    if found.x is not None:
        return float(found.x[cell])
    if found.status == _INFEASIBLE:
        raise ValueError(f"no table agrees with what is published: {found.message}")
    if found.status != _UNBOUNDED:  # unbounded or infeasible: any point decides
        _points(rows, low, high, np.zeros((1, len(low))))
    return -sign * np.inf
