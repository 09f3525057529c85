"""The attacker's linear programs: narrow bounds, then as few programs as settle the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.suppression.solver import (
    FAILED,
    INFEASIBLE,
    OPTIMAL,
    UNBOUNDED,
    Solved,
    program,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_COLUMNS = 8_000  # of the programs that are solved before looking which others are still needed
_PROBES = 6  # corners in one round of probes
_WORTH = 3  # sides that each probe must settle for another round
_PASSES = 4
_CLOSE = 1e-9


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


def intervals(rows: Rows, low: Floats, high: Floats, cells: Ints) -> tuple[Floats, Floats]:
    """Find the smallest and largest value of some cells.

    A bound that interval arithmetic proves and that some feasible point reaches needs no program
    of its own.

    Parameters
    ----------
    rows : Rows
        The equations.
    low, high : numpy.ndarray, shape (cells,)
        What is known of the cells beforehand.
    cells : numpy.ndarray of int64
        Positions of the cells that are looked at.

    Returns
    -------
    tuple of numpy.ndarray
        Smallest and largest values; infinite where nothing bounds them.

    Raises
    ------
    ValueError
        If no point fulfils the equations within the bounds.
    """
    return _Search(rows, low, high, cells).run()


class _Search:
    """Points found so far, and the sides of cells (below, above) that no point settles yet."""

    def __init__(self, rows: Rows, low: Floats, high: Floats, cells: Ints) -> None:
        self._program = program(rows.matrix, rows.low, rows.high)
        self._low, self._high, self._cells = low, high, cells
        self._outer = np.stack(propagate(rows, low, high))
        self._sure = np.isfinite(np.maximum(low, self._outer[0])) & np.isfinite(
            np.minimum(high, self._outer[1])
        )
        size = np.abs(np.where(np.isfinite(self._outer[1]), self._outer[1], 0.0))
        self._gap = _CLOSE * np.maximum(1.0, size)
        self._found = np.full((2, len(low)), np.nan)
        self._wanted = np.zeros(len(low), bool)
        self._wanted[cells] = True

    def run(self) -> tuple[Floats, Floats]:
        """Settle many sides at once as long as that pays, then each for itself."""
        random, open_sides, worth = np.random.default_rng(1), self._open(), _WORTH * _PROBES
        settled = int(open_sides.sum()) - worth
        while settled >= worth:
            # Towards a side that is open; either way at random where both are.
            ways = random.choice([-1.0, 1.0], (_PROBES, len(self._low)))
            ways = np.where(open_sides.all(axis=0), ways, open_sides[0] - 1.0 * open_sides[1])
            weights = random.uniform(0.5, 1.5, ways.shape)
            self._points(np.where(self._sure, ways * weights, 0.0))
            left = self._open()
            settled, open_sides = int(open_sides.sum() - left.sum()), left
        size = max(1, _COLUMNS // len(self._low))
        while open_sides.any():
            self._alone(np.argwhere(open_sides.T)[:size])
            open_sides = self._open()
        return self._found[0, self._cells], self._found[1, self._cells]

    def _open(self) -> Bools:
        return np.asarray(np.isnan(self._found) & self._wanted)

    def _points(self, costs: Floats) -> Solved:
        """Solve programs; each point shows which proven bounds are reached."""
        solved = self._program.each(costs, self._low, self._high)
        if (solved.status == INFEASIBLE).any():
            raise ValueError("no table agrees with what is published")
        if (solved.status == FAILED).any():
            raise ValueError("the attacker's linear program failed")
        points = solved.points[solved.status == OPTIMAL]
        least, most = points.min(axis=0, initial=np.inf), points.max(axis=0, initial=-np.inf)
        below, above = self._outer
        reached = np.stack([least <= below + self._gap, most >= above - self._gap])
        self._found = np.where(np.isnan(self._found) & reached, self._outer, self._found)
        return solved

    def _alone(self, sides: Ints) -> None:
        """Solve the programs of single sides; those that may have no end one by one."""
        sure = self._sure[sides[:, 0]]
        for some in (sides[sure], *sides[~sure][:, None]):
            if not len(some):
                continue
            costs, (cells, side) = np.zeros((len(some), len(self._low))), some.T
            costs[np.arange(len(some)), cells] = 1.0 - 2.0 * side
            solved = self._points(costs)
            endless = np.where(side == 0, -np.inf, np.inf)
            ends = solved.points[np.arange(len(some)), cells]
            self._found[side, cells] = np.where(solved.status == UNBOUNDED, endless, ends)


def whole_numbers(
    rows: Rows, low: Floats, high: Floats, cells: Ints, whole: Bools
) -> tuple[Floats, Floats]:
    """Find the smallest and largest value of some cells if cells are whole numbers.

    Parameters
    ----------
    rows : Rows
        The equations.
    low, high : numpy.ndarray, shape (cells,)
        What is known of the cells beforehand.
    cells : numpy.ndarray of int64
        Positions of the cells that are looked at.
    whole : numpy.ndarray of bool, shape (cells,)
        Cells that are whole numbers.

    Returns
    -------
    tuple of numpy.ndarray
        Smallest and largest values; infinite where nothing bounds them.

    Raises
    ------
    ValueError
        If no whole numbers fulfil the equations within the bounds.
    """
    low = np.where(whole, np.ceil(low - _CLOSE), low)
    high = np.where(whole, np.floor(high + _CLOSE), high)
    sides = [np.array([_whole(rows, (low, high), cell, sign, whole) for cell in cells])
             for sign in (1.0, -1.0)]  # fmt: skip
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


def _whole(
    rows: Rows, bounds: tuple[Floats, Floats], cell: int, sign: float, whole: Bools
) -> float:
    """Return the extreme value of one cell, infinite where nothing bounds it."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    limits = LinearConstraint(rows.matrix, rows.low, rows.high)
    cost = np.zeros(len(whole))
    cost[cell] = sign
    for costs in (cost, np.zeros(len(whole))):  # without an end, any point decides
        found = milp(costs, integrality=whole.astype(int), bounds=Bounds(*bounds),
                     constraints=limits, options={"mip_rel_gap": 0.0})  # fmt: skip
        if found.x is not None:
            return float(found.x[cell]) if costs is cost else -sign * np.inf
        if found.status == INFEASIBLE:
            break
    raise ValueError(f"no table agrees with what is published: {found.message}")
