"""Tables with margins and hierarchies, taken apart into cells and the equations between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CellTable:
    """All cells of a table, or of linked tables, and the equations that hold between them.

    Parameters
    ----------
    values : numpy.ndarray, shape (cells,)
        Cells of the table in C order; on each axis the classes come first, then their groups from
        fine to coarse, the total last.
    relations : scipy.sparse.csr_array, shape (equations, cells)
        ``relations @ values == 0``.
    shape : tuple of int
        Positions on each axis, groups and total counted; ``(cells,)`` for linked tables.
    margin : numpy.ndarray of bool, shape (cells,)
        Whether a cell is a sum of others.
    """

    values: Floats
    relations: Any
    shape: tuple[int, ...]
    margin: Bools


def cell_table(
    interior: ArrayLike, groups: Mapping[int, Sequence[ArrayLike]] | None = None
) -> CellTable:
    """Add all margins to a table and write down its equations.

    Parameters
    ----------
    interior : array_like
        Finest classes only, any number of dimensions.
    groups : mapping of int to sequence of array_like, optional
        Axis to the levels of its hierarchy from fine to coarse; each level gives for every position
        of the level below the number (from 0) of the group that it belongs to.

    Returns
    -------
    CellTable
        The table with groups and totals.

    Raises
    ------
    ValueError
        If the table has no dimension or a level does not fit the one below.

    Examples
    --------
    >>> found = cell_table([[4, 3], [2, 1]])
    >>> found.values.tolist()
    [4.0, 3.0, 7.0, 2.0, 1.0, 3.0, 6.0, 4.0, 10.0]
    >>> found.shape, found.relations.shape
    ((3, 3), (6, 9))
    """
    from scipy import sparse

    inner = np.asarray(interior, np.float64)
    if inner.ndim == 0 or inner.size == 0:
        raise ValueError("a table needs at least one dimension and one cell")
    axes = [_axis(n, (groups or {}).get(axis, ())) for axis, n in enumerate(inner.shape)]
    values, margin = inner, np.zeros(inner.shape, bool)
    for axis, (adds, _) in enumerate(axes):
        values = np.moveaxis(np.tensordot(adds, values, (1, axis)), 0, axis)
        sums = np.arange(len(adds)) >= inner.shape[axis]
        index = np.minimum(np.arange(len(adds)), inner.shape[axis] - 1)
        shape = np.ones(inner.ndim, int)
        shape[axis] = len(adds)
        margin = np.take(margin, index, axis) | sums.reshape(shape)
    relations = []
    for axis, (_, equations) in enumerate(axes):
        before, after = values.shape[:axis], values.shape[axis + 1 :]
        inner_kron = sparse.kron(sparse.csr_array(equations), sparse.eye_array(_size(after)))
        relations.append(sparse.kron(sparse.eye_array(_size(before)), inner_kron))
    system = sparse.csr_array(sparse.vstack(relations))
    system.eliminate_zeros()
    return CellTable(values.ravel(), system, values.shape, margin.ravel())


def join_tables(tables: Sequence[CellTable], keys: Sequence[ArrayLike]) -> CellTable:
    """Make one system of linked tables: cells with the same key are the same figure.

    Parameters
    ----------
    tables : sequence of CellTable
        Tables that are published together.
    keys : sequence of array_like
        One integer per cell of each table; equal ones stand for the same figure.

    Returns
    -------
    CellTable
        Cells in the order of their keys.

    Raises
    ------
    ValueError
        If keys do not fit the cells, or one figure has two values.
    """
    from scipy import sparse

    lengths = [len(table.values) for table in tables]
    if not tables or [np.size(key) for key in keys] != lengths:
        raise ValueError("linked tables need one key for each cell of each table")
    flat = np.concatenate([np.ravel(np.asarray(key)) for key in keys])
    every, first, place = np.unique(flat, return_index=True, return_inverse=True)
    values = np.concatenate([table.values for table in tables])
    if not np.allclose(values, values[first][place], rtol=1e-9, atol=1e-9):
        raise ValueError("a cell that two tables share has different values in them")
    where = (np.ones(len(flat)), (np.arange(len(flat)), place))
    select = sparse.csr_array(where, shape=(len(flat), len(every)))
    blocks = sparse.block_diag([table.relations for table in tables], format="csr")
    margin = np.zeros(len(every), bool)
    np.logical_or.at(margin, place, np.concatenate([table.margin for table in tables]))
    system = sparse.csr_array(blocks @ select)
    system.eliminate_zeros()
    return CellTable(values[first], system, (len(every),), margin)


def add_sums(table: CellTable, members: Sequence[ArrayLike]) -> CellTable:
    """Add sums of cells that nobody publishes, so that they can have needs of their own.

    A contributor to several suppressed cells of one row must not be found out through their sum,
    which the row's total gives away even if no single cell can be worked out.

    Parameters
    ----------
    table : CellTable
        The table.
    members : sequence of array_like of int
        Cells of each sum.

    Returns
    -------
    CellTable
        The table with one further cell for each sum, behind all others; its shape is flat.

    Examples
    --------
    >>> add_sums(cell_table([1, 2, 5]), [[0, 1]]).values.tolist()
    [1.0, 2.0, 5.0, 8.0, 3.0]
    """
    from scipy import sparse

    n, more = len(table.values), len(members)
    picks = np.zeros((more, n))
    for row, cells in enumerate(members):
        picks[row, np.asarray(cells, np.int64)] = 1.0
    sums = sparse.hstack([sparse.csr_array(picks), -sparse.eye_array(more)])
    old = sparse.hstack([table.relations, sparse.csr_array((table.relations.shape[0], more))])
    values = np.concatenate([table.values, picks @ table.values])
    margin = np.concatenate([table.margin, np.ones(more, bool)])
    return CellTable(values, sparse.csr_array(sparse.vstack([old, sums])), (n + more,), margin)


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=np.int64))


def _axis(n: int, levels: Sequence[ArrayLike]) -> tuple[Floats, Floats]:
    """Return what each position adds up of the classes, and the equations along the axis."""
    adds, below = [np.eye(n)], np.arange(n)
    pairs: list[tuple[Ints, Ints]] = []
    for level in [*levels, np.zeros(0)]:
        parent = np.zeros(len(below), np.int64) if not np.size(level) else np.asarray(level)
        count = int(parent.max()) + 1
        if len(parent) != len(below) or len(np.unique(parent)) != count or parent.min() < 0:
            raise ValueError("a level needs one group, counted from 0, for each position below it")
        belongs = (parent == np.arange(count)[:, None]).astype(np.float64)
        start = sum(len(part) for part in adds)
        adds.append(belongs @ adds[-1])
        pairs += [(below[parent == group], np.array([start + group])) for group in range(count)]
        below = start + np.arange(count)
    equations = np.zeros((len(pairs), sum(len(part) for part in adds)))
    for row, (children, group) in enumerate(pairs):
        equations[row, children], equations[row, group] = 1.0, -1.0
    return np.concatenate(adds), equations
