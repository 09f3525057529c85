"""Suppressed cells of one row together: the row's total gives their sum away.

A rule for magnitudes must hold for that sum as well: who contributes to several of the cells may
hold most of it although none of the cells can be worked out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.suppression.problem import Need
from begleitforschung.stats.suppression.rules import Contributions, Risk, contributions
from begleitforschung.stats.suppression.tables import CellTable, add_sums

Rule = Callable[[Contributions, int], Risk]


class UnsafeUnion(NamedTuple):
    """Suppressed cells whose sum a row gives away, and that a rule calls unsafe.

    Parameters
    ----------
    cells : tuple of int
        The cells.
    up : float
        How far above the sum an attacker's interval must reach.
    """

    cells: tuple[int, ...]
    up: float


def unsafe_unions(
    table: CellTable,
    suppressed: ArrayLike,
    cells: ArrayLike,
    values: ArrayLike,
    holdings: ArrayLike,
    rule: Rule,
) -> list[UnsafeUnion]:
    """Find the suppressed cells of one row whose sum a rule forbids to publish.

    Parameters
    ----------
    table : CellTable
        The table; its factors are 1 and -1.
    suppressed : array_like of bool, shape (cells,)
        The pattern.
    cells, values, holdings : array_like
        Cell, size and owner of each contribution, as for `contributions`. What counts in a margin
        as well is listed once more with the margin's cell.
    rule : callable
        Rule for contributions and a number of cells, e.g. `p_percent` with its `p`.

    Returns
    -------
    list of UnsafeUnion
        In the order of the equations, each set of cells once.

    Raises
    ------
    ValueError
        If the pattern or the contributions do not fit.

    Examples
    --------
    >>> from functools import partial
    >>> from begleitforschung.stats.suppression.rules import p_percent
    >>> from begleitforschung.stats.suppression.tables import cell_table
    >>> rule = partial(p_percent, p=10)
    >>> unsafe_unions(cell_table([30, 40, 50]), [True, True, False, False],
    ...               [0, 1, 1, 2], [30, 35, 5, 50], ["a", "a", "b", "c"], rule)
    [UnsafeUnion(cells=(0, 1), up=6.5)]
    """
    hidden = np.asarray(suppressed, bool)
    where, owners = np.asarray(cells, np.int64), np.asarray(holdings)
    sizes = np.asarray(values, np.float64)
    if hidden.shape != table.values.shape:
        raise ValueError("a pattern needs one mark for each cell")
    if where.shape != sizes.shape or owners.shape != sizes.shape:
        raise ValueError("each contribution needs one cell, one value and one holding")
    groups = _given_away(table, hidden)
    rows = [np.flatnonzero(np.isin(where, group)) for group in groups]
    if not groups:
        return []
    labels = np.repeat(np.arange(len(groups)), [len(row) for row in rows])
    every = np.concatenate(rows)
    risk = rule(contributions(labels, sizes[every], owners[every]), len(groups))
    return [UnsafeUnion(groups[at], float(risk.up[at])) for at in np.flatnonzero(risk.unsafe)]


def union_needs(table: CellTable, unions: list[UnsafeUnion]) -> tuple[CellTable, list[Need]]:
    """State what unsafe unions need: a cell for each sum, which nobody publishes.

    Protect the wider table with these needs besides the others, and look for unions again: cells
    that join a row make new ones.

    Parameters
    ----------
    table : CellTable
        The table.
    unions : list of UnsafeUnion
        From `unsafe_unions`.

    Returns
    -------
    tuple of CellTable and list of Need
        The table with one further cell for each union, behind all others, and their needs; give
        these cells the weight 0.

    Examples
    --------
    >>> from begleitforschung.stats.suppression.tables import cell_table
    >>> wider, needs = union_needs(cell_table([30, 40, 50]), [UnsafeUnion((0, 1), 6.5)])
    >>> wider.values.tolist(), needs[0].cell, needs[0].up
    ([30.0, 40.0, 50.0, 120.0, 70.0], 4, 6.5)
    """
    first = len(table.values)
    wider = add_sums(table, [union.cells for union in unions]) if unions else table
    return wider, [Need(cell=first + at, up=union.up) for at, union in enumerate(unions)]


def _given_away(table: CellTable, hidden: NDArray[np.bool_]) -> list[tuple[int, ...]]:
    """List the suppressed cells, two or more, that an equation adds up to visible ones."""
    system, found = table.relations, dict[tuple[int, ...], None]()
    for row in range(system.shape[0]):
        part = slice(system.indptr[row], system.indptr[row + 1])
        cells, factors = system.indices[part], system.data[part]
        secret = hidden[cells]
        if secret.sum() > 1 and len(np.unique(factors[secret])) == 1:
            found[tuple(sorted(cells[secret].tolist()))] = None
    return list(found)
