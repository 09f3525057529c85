"""Cross tables that share cells, as one system of equations."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from begleitforschung.results.cross_table import CrossTable, Dimension, all_cells
from begleitforschung.stats.suppression import CellTable, cell_table
from begleitforschung.surveys import Survey

_JOINT = 3000  # cells of a table that nobody publishes


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
            if same and one_origin(first.origin, table.origin):
                family.append(number)
                break
        else:
            found.append([number])
    return found


def one_origin(one: object, other: object) -> bool:
    """Say whether two tables are made of the same data.

    Parameters
    ----------
    one, other : object
        What they were made of.

    Returns
    -------
    bool
        Whether it is one object, or surveys with the same answers, or equal tables.
    """
    if isinstance(one, Survey) and isinstance(other, Survey):
        same = one.responses.equals(other.responses) and one.status.equals(other.status)
        return one is other or (same and one.cases["unit"].equals(other.cases["unit"]))
    if isinstance(one, pd.DataFrame) and isinstance(other, pd.DataFrame):
        return one is other or one.equals(other)
    return one is other


def joint(tables: Sequence[CrossTable]) -> CrossTable | None:
    """Return the table of all dimensions that nobody publishes but whose counts are not negative.

    Three tables of two dimensions each tell more about the hidden cells of one than any pair.

    Parameters
    ----------
    tables : sequence of CrossTable
        Tables of one family.

    Returns
    -------
    CrossTable or None
        Without values; nothing where one table has all dimensions, classes differ, or it would
        have too many cells.
    """
    found: dict[str, Dimension] = {}
    for table in tables:
        for d in table.dimensions:
            if d.name in found and found[d.name].keys[: d.classes] != d.keys[: d.classes]:
                return None
            if d.name not in found or len(d.levels) > len(found[d.name].levels):
                found[d.name] = d
    dimensions = tuple(found.values())
    cells = int(np.prod([len(d.positions) for d in dimensions]))
    if cells > _JOINT or any(len(table.dimensions) == len(dimensions) for table in tables):
        return None
    empty = all_cells(dimensions).assign(value=np.nan, empty=False, suppressed="primary")
    return replace(tables[0], table=empty, dimensions=dimensions)


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
