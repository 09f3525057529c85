"""Whether a pattern keeps what was asked: the audit's intervals against the needs.

Patterns come from elsewhere; nothing of how they were found is used here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.suppression.audit import attack
from begleitforschung.stats.suppression.problem import Need
from begleitforschung.stats.suppression.tables import CellTable

_TOLERANCE = 1e-6  # relative to the largest value


def shortfalls(
    table: CellTable,
    suppressed: ArrayLike,
    needs: Sequence[Need],
    lower: ArrayLike = 0.0,
    upper: ArrayLike | None = None,
) -> list[Need]:
    """Attack a published table and name the needs that it does not meet.

    Each attacker knows what is published, the bounds, and the cells that he alone contributes to.

    Parameters
    ----------
    table : CellTable
        The table with its true values.
    suppressed : array_like of bool, shape (cells,)
        Cells that are not published.
    needs : sequence of Need
        What was asked.
    lower, upper : array_like
        What anybody knows of the cells; the largest value of the table above by default.

    Returns
    -------
    list of Need
        Needs that are not met, in their order; empty if the pattern is safe.

    Raises
    ------
    ValueError
        If the pattern does not fit the table.

    Examples
    --------
    >>> from begleitforschung.stats.suppression.tables import cell_table
    >>> table = cell_table([[1, 8, 7], [7, 9, 9]])
    >>> hidden = [True, True] + [False] * 10
    >>> shortfalls(table, hidden, [Need(cell=0, up=1, down=1)])
    [Need(cell=0, up=1, down=1, width=0.0, known=())]
    """
    hidden, values = np.asarray(suppressed, bool), table.values
    if hidden.shape != values.shape:
        raise ValueError("a pattern needs one mark for each cell")
    top = float(values.max()) if upper is None else upper
    cells: dict[tuple[int, ...], list[int]] = {}
    for need in needs:
        cells.setdefault(need.known, []).append(need.cell)
    bounds = {
        known: _intervals(table, hidden, (known, asked), lower, top)
        for known, asked in cells.items()
    }
    slack = _TOLERANCE * max(1.0, float(np.abs(values).max()))
    return [need for need in needs if not _met(need, values, bounds[need.known], slack)]


def _intervals(
    table: CellTable,
    hidden: NDArray[np.bool_],
    attacker: tuple[tuple[int, ...], list[int]],
    lower: ArrayLike,
    upper: ArrayLike,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what one attacker, by what he knows, infers of cells; others are their own value."""
    known, cells = attacker
    shown = np.where(hidden, np.nan, table.values)
    shown[list(known)] = table.values[list(known)]
    found = attack(table.relations, shown, lower, upper, cells=cells)
    low, high = table.values.copy(), table.values.copy()
    low[found.cells], high[found.cells] = found.low, found.high
    return low, high


def _met(
    need: Need,
    values: NDArray[np.float64],
    bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
    slack: float,
) -> bool:
    low, high, value = bounds[0][need.cell], bounds[1][need.cell], values[need.cell]
    return bool(
        high >= value + need.up - slack
        and low <= value - need.down + slack
        and high - low >= need.width - slack
    )
