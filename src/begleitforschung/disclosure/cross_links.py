"""Cross tables that share cells, as one system of equations."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from begleitforschung.results.cross_table import CrossTable
from begleitforschung.stats.suppression import CellTable, cell_table


def families(tables: Sequence[CrossTable]) -> list[list[int]]:
    """Gather the tables that are made of one origin and show the same figure.

    Parameters
    ----------
    tables : sequence of CrossTable
        Tables.

    Returns
    -------
    list of list of int
        Their numbers.
    """
    found: list[list[int]] = []
    for number, table in enumerate(tables):
        for family in found:
            first = tables[family[0]]
            same = first.kind == table.kind and first.specification.get(
                "value"
            ) == table.specification.get("value")
            if same and first.origin is table.origin:
                family.append(number)
                break
        else:
            found.append([number])
    return found


def cell_numbers(tables: Sequence[CrossTable]) -> list[np.ndarray]:
    """Give the cells of linked tables numbers: what is made of the same classes has one.

    Parameters
    ----------
    tables : sequence of CrossTable
        Tables of one family.

    Returns
    -------
    list of numpy.ndarray of int64
        Number of each cell of each table.
    """
    known: dict[Hashable, int] = {}
    found = []
    for table in tables:
        parts = [_parts(table, axis) for axis in range(len(table.dimensions))]
        numbers = []
        for at in np.ndindex(*table.shape):
            key = frozenset(
                part[i] for part, i in zip(parts, at, strict=True) if part[i] is not None
            )
            numbers.append(known.setdefault(key, len(known)))
        found.append(np.array(numbers, np.int64))
    return found


def system(table: CrossTable) -> CellTable:
    """Return the equations of a table, with its values where they are known.

    Parameters
    ----------
    table : CrossTable
        A table.

    Returns
    -------
    CellTable
        Cells and equations; NaN where a cell is hidden.
    """
    levels = {axis: d.levels for axis, d in enumerate(table.dimensions)}
    empty = cell_table(np.zeros(table.interior), levels)
    return CellTable(table.values(), empty.relations, empty.shape, empty.margin)


def _parts(table: CrossTable, axis: int) -> list[Hashable]:
    """Name what each position of an axis is made of; nothing for all classes together."""
    dimension = table.dimensions[axis]
    return [
        None
        if members.all()
        else (dimension.name, frozenset(dimension.keys[i] for i in np.flatnonzero(members)))
        for members in dimension.members()
    ]
