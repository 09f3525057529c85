"""Cross tables that share cells, as one system of equations."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from begleitforschung.errors import DisclosureError
from begleitforschung.results.cross_table import CrossTable, Dimension, all_cells
from begleitforschung.stats.suppression import CellTable, cell_table
from begleitforschung.surveys import Survey

_JOINT = 3000  # cells of a table that nobody publishes


def families(tables: Sequence[CrossTable]) -> list[list[int]]:
    """Gather the tables that are made of one origin and show the same figure.

    Where cases lack an answer, tables of different questions are made of different cases. They are
    families of their own unless they tell of one question.

    Parameters
    ----------
    tables : sequence of CrossTable
        Tables.

    Returns
    -------
    list of list of int
        Their numbers.

    Raises
    ------
    DisclosureError
        If tables of one question are made of different cases.
    """
    found: list[list[int]] = []
    numbers = cell_numbers(tables)
    for at, table in enumerate(tables):
        home: list[int] | None = None
        for family in found:
            if not _one_figure(tables[family[0]], table):
                continue
            same = all(_same_cases(tables, numbers, one, at) for one in family)
            if home is None and same:
                home = family
            elif any(_one_question(tables[one], table) for one in family):
                raise DisclosureError(
                    "cross tables that share a question are made of different cases, as some lack "
                    "an answer to another question; their difference would tell of those. Protect "
                    "tables of the cases that answered all their questions, or leave one out"
                )
        if home is None:
            found.append([at])
        else:
            home.append(at)
    return found


def _one_figure(one: CrossTable, other: CrossTable) -> bool:
    same = one.specification.get("value") == other.specification.get("value")
    return same and one.kind == other.kind and one_origin(one.origin, other.origin)


def _one_question(one: CrossTable, other: CrossTable) -> bool:
    """Say whether two tables tell of the same answers."""
    of_one, of_other = ({d.name for d in t.dimensions if not d.known} for t in (one, other))
    return one.kind == "sum" or bool(of_one & of_other)


def _same_cases(
    tables: Sequence[CrossTable], numbers: Sequence[np.ndarray], one: int, other: int
) -> bool:
    """Say whether two tables have one value in each cell that they share, as far as it is shown."""
    _, mine, yours = np.intersect1d(numbers[one], numbers[other], return_indices=True)
    values, others = tables[one].values()[mine], tables[other].values()[yours]
    known = ~np.isnan(values) & ~np.isnan(others)
    return np.allclose(values[known], others[known], rtol=1e-9, atol=1e-9)


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
