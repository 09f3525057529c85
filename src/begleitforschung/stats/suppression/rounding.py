"""Controlled rounding: all cells become multiples of a base, and sums still add up.

L. H. Cox, Journal of the American Statistical Association 82 (1987), 520-524: each cell goes to the
multiple next below or above, a multiple stays, and the whole moves as little as possible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.suppression.tables import CellTable

Floats = NDArray[np.float64]

_WIDEST = 2  # multiples that a cell may move further, where the nearest do not add up


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounded:
    """A rounded table.

    Parameters
    ----------
    values : numpy.ndarray, shape (cells,)
        Rounded cells; all equations hold.
    loss : float
        Sum of the distances to the true values.
    furthest : float
        Largest of these distances; what must be told to readers.
    """

    values: Floats
    loss: float
    furthest: float


def controlled_rounding(table: CellTable, base: int = 3, seconds: float = 10.0) -> Rounded:
    """Round all cells of a table to multiples of a base so that all sums hold.

    Parameters
    ----------
    table : CellTable
        Counts with margins.
    base : int
        The base, usually 3 or 5.
    seconds : float
        When to stop improving.

    Returns
    -------
    Rounded
        The rounded cells.

    Raises
    ------
    ValueError
        If the base is below 2, a value is negative, or no rounding was found that adds up.

    Examples
    --------
    >>> from begleitforschung.stats.suppression.tables import cell_table
    >>> found = controlled_rounding(cell_table([4, 5, 6]))
    >>> found.values.tolist(), found.loss
    ([3.0, 6.0, 6.0, 15.0], 2.0)
    """
    if base < 2 or (table.values < 0).any():
        raise ValueError("rounding needs a base of at least 2 and values not below zero")
    for further in range(_WIDEST + 1):
        found = _rounded(table, base, further, seconds)
        if found is not None:
            away = np.abs(found - table.values)
            return Rounded(values=found, loss=float(away.sum()), furthest=float(away.max()))
    raise ValueError("no rounding was found that adds up")


def _rounded(table: CellTable, base: int, further: int, seconds: float) -> Floats | None:
    """Choose for each cell between the multiples next to it, or up to `further` beyond."""
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    values, n = table.values, len(table.values)
    below = np.floor(values / base + 1e-9)
    between = values - base * below > 1e-9
    step = np.where(between, base - 2 * (values - base * below), 0.0)
    high = np.concatenate([between, np.full(n, further), np.minimum(below, further)])
    moves = sparse.hstack([table.relations, table.relations, -table.relations])
    missing = -(table.relations @ below)
    found = milp(
        np.concatenate([step, np.full(2 * n, float(base))]),
        constraints=LinearConstraint(moves, missing, missing),
        bounds=Bounds(np.zeros(3 * n), high.astype(np.float64)),
        integrality=np.ones(3 * n),
        options={"time_limit": seconds},
    )
    if found.x is None:
        return None
    up, beyond, down = np.round(found.x).reshape(3, n)
    return np.asarray(base * (below + up + beyond - down), np.float64)
